"""The facts of a model card that follows TRIPOD+AI."""

from typing import TYPE_CHECKING, cast

import numpy as np

from plexus.data.cells import missing
from plexus.report.clinical_card import ClinicalStudy
from plexus_tables.dataset import TableDataset
from plexus_tables.events.codec import EventCodec

if TYPE_CHECKING:
    from plexus_tables.diagnosis.options import DiagnoseOptions

SPLITS = ("train", "test")


def clinical_study(dataset: TableDataset[str], codec: EventCodec) -> ClinicalStudy:
    """Return the facts about data and protocol.

    Args:
        dataset: The dataset.
        codec: The calibrated codec.

    Returns:
        The facts.
    """
    options = cast("DiagnoseOptions", dataset.options)
    rule = f"sensitivity of {options.sensitivity:g} on out-of-fold probabilities"
    if options.miss_cost is not None:
        rule = f"lowest cost on out-of-fold probabilities, a missed case as {options.miss_cost:g} false alarms"
    frame = dataset["train"].inputs.frame
    shares = {name: float(missing(frame[name]).to_numpy().mean()) for name in codec.encoder.names}
    groups = {split: dataset[split].groups for split in SPLITS}
    return ClinicalStudy(
        source=options.data,
        outcome=f"{dataset.target} = {codec.labels[1]}",
        predictors=codec.encoder.names,
        rows={split: dataset.count(split) for split in SPLITS},
        cases={split: list(dataset[split].targets).count(codec.labels[1]) for split in SPLITS},
        threshold_rule=rule,
        missing_handling="median of the training rows and a flag for numbers, no category for categories",
        patients={split: len(np.unique(rows)) for split, rows in groups.items() if rows is not None},
        missing={name: share for name, share in shares.items() if share},
        licence=dataset.licence,
    )
