"""The test split of a model's data, where it is on this machine, and the figures of the report on it."""

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from plexus import Bundle, InputError
from plexus.data.image_files import open_image
from plexus.data.images import read_image, to_channels
from plexus.tasks.abilities import Reporting
from plexus_apps.model_dataset import load_model_dataset

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
        inputs = load_model_dataset(bundle)["test"].inputs[:EXAMPLES]
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
    dataset = load_model_dataset(bundle)
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
