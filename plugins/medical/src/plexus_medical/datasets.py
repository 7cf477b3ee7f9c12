"""Named data sets of medical images: download addresses and licences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from plexus.data.arrays import Pair
from plexus.data.named import NamedDataset, RemoteFile
from plexus_medical.drawn_xrays import LABELS, DrawnXrays, draw_xrays


@dataclass(frozen=True)
class NamedImages(NamedDataset):
    """A named data set of medical images; of its two labels the second one is positive.

    Args:
        patients: Returns the number of the patient of each image, by split; None if the data do not name patients.

    Example:
        ```python
        DRAWN_XRAYS.patients()["test"][:3]
        ```
    """

    patients: Callable[[], Mapping[str, np.ndarray]] | None = None


@cache
def _drawn() -> dict[str, DrawnXrays]:
    return draw_xrays()


def _drawn_arrays() -> dict[str, Pair]:
    return {split: (part.images, part.outcomes) for split, part in _drawn().items()}


def _drawn_patients() -> dict[str, np.ndarray]:
    return {split: part.patients for split, part in _drawn().items()}


DRAWN_XRAYS = NamedImages(
    "drawn_xrays",
    licence="Apache-2.0 (drawn by Plexus)",
    labels=LABELS,
    embedded=_drawn_arrays,
    patients=_drawn_patients,
)

PNEUMONIAMNIST = NamedImages(
    "pneumoniamnist",
    licence="CC BY 4.0 (MedMNIST v2: Yang et al. 2023; X-rays: Kermany et al. 2018)",
    labels=("normal", "pneumonia"),
    unpacked="*.npz",
    files=(
        RemoteFile(
            "pneumoniamnist.npz",
            "https://zenodo.org/records/10519652/files/pneumoniamnist.npz",
            "e1792d3f03751cb101e99f19a63b3c1941436c988665f47853417b05be250cd8",
        ),
    ),
)

DATASETS = {dataset.id: dataset for dataset in (DRAWN_XRAYS, PNEUMONIAMNIST)}
