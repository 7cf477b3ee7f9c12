"""Optional abilities of tasks, beyond training and prediction.

A task has an ability if it has the methods of the protocol; nothing is registered or inherited. The command line and
the server test for them with `isinstance`.
"""

from plexus.tasks.abilities.answers_in_columns import AnswersInColumns
from plexus.tasks.abilities.answers_tables import AnswersTables
from plexus.tasks.abilities.applies_options import AppliesOptions
from plexus.tasks.abilities.calibrated import Calibrated
from plexus.tasks.abilities.describes_models import DescribesModels
from plexus.tasks.abilities.describes_requests import DescribesRequests
from plexus.tasks.abilities.describes_rows import DescribesRows
from plexus.tasks.abilities.describes_training import DescribesTraining
from plexus.tasks.abilities.explainable import Explainable
from plexus.tasks.abilities.explains_in_numbers import ExplainsInNumbers
from plexus.tasks.abilities.explains_with_values import ExplainsWithValues
from plexus.tasks.abilities.exports_formats import ExportsFormats
from plexus.tasks.abilities.finds_duplicates import FindsDuplicates
from plexus.tasks.abilities.finds_missing_labels import FindsMissingLabels
from plexus.tasks.abilities.learns_from_examples import LearnsFromExamples
from plexus.tasks.abilities.learns_from_tables import LearnsFromTables
from plexus.tasks.abilities.learns_without_targets import LearnsWithoutTargets
from plexus.tasks.abilities.measures_drift import MeasuresDrift
from plexus.tasks.abilities.pretrainable import Pretrainable
from plexus.tasks.abilities.reporting import Reporting
from plexus.tasks.abilities.selects_networks import SelectsNetworks
from plexus.tasks.abilities.servable import Servable
from plexus.tasks.abilities.shows_examples import ShowsExamples
from plexus.tasks.abilities.starts_from_bundles import StartsFromBundles
from plexus.tasks.abilities.streaming import Streaming
from plexus.tasks.abilities.suggests_examples import SuggestsExamples

__all__ = [
    "AnswersInColumns",
    "AnswersTables",
    "AppliesOptions",
    "Calibrated",
    "DescribesModels",
    "DescribesRequests",
    "DescribesRows",
    "DescribesTraining",
    "Explainable",
    "ExplainsInNumbers",
    "ExplainsWithValues",
    "ExportsFormats",
    "FindsDuplicates",
    "FindsMissingLabels",
    "LearnsFromExamples",
    "LearnsFromTables",
    "LearnsWithoutTargets",
    "MeasuresDrift",
    "Pretrainable",
    "Reporting",
    "SelectsNetworks",
    "Servable",
    "ShowsExamples",
    "StartsFromBundles",
    "Streaming",
    "SuggestsExamples",
]
