"""The test split of a model's data, where it is on this machine, and the figures of the report on it."""

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from plexus import Bundle, InputError, SupervisedDataset
from plexus.data.image_files import open_image
from plexus.data.images import read_image, to_channels
from plexus.plugins.registry import registry
from plexus.tasks.abilities import Reporting

if TYPE_CHECKING:
    from plexus import Examples

FIGURES = ("mistakes.png", "error_types.png", "precision_recall.png", "counts.png")
EXAMPLES = 6


@cache
def example_images(bundle: Bundle) -> list[np.ndarray]:
    """Return images of the test split.

    Args:
        bundle: The model.

    Returns:
        Bytes of shape `(height, width, 3)`; none if the data is not on this machine.
    """
    try:
        inputs = _load_data(bundle)["test"].inputs[:EXAMPLES]
    except InputError:
        return []
    return [to_channels(read_image(image), 3) for image in inputs]


@cache
def report_figures(bundle: Bundle) -> dict[str, np.ndarray]:
    """Return the figures of the errors on the test split: those of the model's run, or new ones.

    Args:
        bundle: The model.

    Returns:
        Images of shape `(height, width, 3)` by caption.

    Raises:
        InputError: If neither the run nor the data is on this machine.
    """
    folder = bundle.folder.parent / "report"
    if bundle.folder.name == "bundle" and (folder / FIGURES[0]).is_file():
        return read_figures(bundle.task.figure_captions, folder, FIGURES)
    if not isinstance(bundle.task, Reporting):
        raise InputError(f"{bundle.task.id} draws no report")
    dataset = _load_data(bundle)
    with tempfile.TemporaryDirectory() as temporary:
        try:
            bundle.task.report(bundle.predictor, dataset, bundle.codec, Path(temporary))
        except ImportError as error:
            raise InputError(f"the figures need {error.name}: pip install {error.name}") from error
        return read_figures(bundle.task.figure_captions, Path(temporary), FIGURES)


def read_figures(captions: Mapping[str, str], folder: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Read figures of a report.

    Args:
        captions: Captions by name of the file.
        folder: The folder `report` of a run.
        names: Names of the files; those that the folder lacks are left out.

    Returns:
        Images of shape `(height, width, 3)` by caption.
    """
    figures = {}
    for name in names:
        if (folder / name).is_file():
            with open_image(folder / name, ["PNG"]) as image:
                figures[captions.get(name, name)] = np.asarray(image.convert("RGB"))
    return figures


def _load_data(bundle: Bundle) -> "SupervisedDataset[Examples[object]]":
    """Read the data of a model if it is a data set with a name: a bundle may come from anyone, and name any file."""
    options = bundle.task.options.parse(bundle.manifest["options"])
    if options.data not in registry().entries("data"):
        raise InputError(f"{options.data!r} is no named data set: open the bundle in the folder of its run")
    dataset = bundle.task.load_dataset(options)
    if dataset.fingerprint != bundle.manifest["data"]["fingerprint"]:
        raise InputError(f"{options.data} is not the data of the model's training: it has changed since")
    return cast("SupervisedDataset[Examples[object]]", dataset)
