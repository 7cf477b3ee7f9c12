"""Plexus: a suite of deep-learning applications on one Keras core; every domain is a plugin.

The names below are the public interface. They are imported when they are first used, so that `import plexus` and the
modules that register plugins stay quick to import.

Example:
    bundle = plexus.train("weather.rain", data="oslo.csv")
    plexus.load(bundle.folder).predict(["today.csv"])
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_MODULES = {
    "App": "plexus.app",
    "AroundDefault": "plexus.tuning.search_space",
    "Batches": "plexus.data.batches",
    "Bundle": "plexus.bundle",
    "BundleError": "plexus.errors",
    "Categorical": "plexus.tuning.search_space",
    "ClassificationCodec": "plexus.tasks.classification_codec",
    "ClassificationTask": "plexus.tasks.classification",
    "Codec": "plexus.codec",
    "Dataset": "plexus.dataset",
    "Entry": "plexus.plugins.entry",
    "Estimator": "plexus.tasks.estimator",
    "Examples": "plexus.data.examples",
    "Findings": "plexus.data.findings",
    "FloatRange": "plexus.tuning.search_space",
    "InputError": "plexus.errors",
    "LabelPrediction": "plexus.prediction",
    "Metric": "plexus.metric",
    "NamedDataset": "plexus.data.named",
    "OptionGroup": "plexus.utils.option_group",
    "Options": "plexus.options",
    "Prediction": "plexus.prediction",
    "Predictor": "plexus.inference.predictor",
    "RegressionCodec": "plexus.tasks.regression_codec",
    "RegressionTask": "plexus.tasks.regression",
    "Run": "plexus.run",
    "Stage": "plexus.task",
    "Stateful": "plexus.dataset",
    "SupervisedDataset": "plexus.data.examples",
    "Task": "plexus.task",
    "TrainingCallback": "plexus.training.callbacks.training_callback",
    "TrainingState": "plexus.training.state",
    "hookimpl": "plexus.plugins.hookspecs",
    "load": "plexus.api",
    "train": "plexus.api",
}
__all__ = ["__version__", *_MODULES]  # pyright: ignore

if TYPE_CHECKING:
    from plexus.api import load as load
    from plexus.api import train as train
    from plexus.app import App as App
    from plexus.bundle import Bundle as Bundle
    from plexus.codec import Codec as Codec
    from plexus.data.batches import Batches as Batches
    from plexus.data.examples import Examples as Examples
    from plexus.data.examples import SupervisedDataset as SupervisedDataset
    from plexus.data.findings import Findings as Findings
    from plexus.data.named import NamedDataset as NamedDataset
    from plexus.dataset import Dataset as Dataset
    from plexus.dataset import Stateful as Stateful
    from plexus.errors import BundleError as BundleError
    from plexus.errors import InputError as InputError
    from plexus.inference.predictor import Predictor as Predictor
    from plexus.metric import Metric as Metric
    from plexus.options import Options as Options
    from plexus.plugins.entry import Entry as Entry
    from plexus.plugins.hookspecs import hookimpl as hookimpl
    from plexus.prediction import LabelPrediction as LabelPrediction
    from plexus.prediction import Prediction as Prediction
    from plexus.run import Run as Run
    from plexus.task import Stage as Stage
    from plexus.task import Task as Task
    from plexus.tasks.classification import ClassificationTask as ClassificationTask
    from plexus.tasks.classification_codec import ClassificationCodec as ClassificationCodec
    from plexus.tasks.estimator import Estimator as Estimator
    from plexus.tasks.regression import RegressionTask as RegressionTask
    from plexus.tasks.regression_codec import RegressionCodec as RegressionCodec
    from plexus.training.callbacks.training_callback import TrainingCallback as TrainingCallback
    from plexus.training.state import TrainingState as TrainingState
    from plexus.tuning.search_space import AroundDefault as AroundDefault
    from plexus.tuning.search_space import Categorical as Categorical
    from plexus.tuning.search_space import FloatRange as FloatRange
    from plexus.utils.option_group import OptionGroup as OptionGroup


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'plexus' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
