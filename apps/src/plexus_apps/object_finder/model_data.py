"""The test split of a model's data, where it is on this machine, and the figures of the report on it."""

import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from plexus import Bundle, InputError
from plexus.data.images import read_image, to_channels
from plexus.tasks.abilities import Reporting
from plexus_apps.model_dataset import load_model_dataset
from plexus_apps.report_figures import report_figures

FIGURES = ("mistakes.svg", "error_types.svg", "precision_recall.svg", "counts.svg")
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
def mistakes_html(bundle: Bundle) -> str:
    """Return the figures of the errors on the test split: those of the model's run, or new ones.

    Args:
        bundle: The model.

    Returns:
        HTML.

    Raises:
        InputError: If neither the run nor the data is on this machine.
    """
    folder, captions = bundle.folder.parent / "report", {name: bundle.task.figure_captions[name] for name in FIGURES}
    if bundle.folder.name == "bundle" and (folder / FIGURES[0]).is_file():
        return report_figures(folder, captions)
    if not isinstance(bundle.task, Reporting):
        raise InputError(f"{bundle.task.id} draws no report")
    dataset = load_model_dataset(bundle)
    with tempfile.TemporaryDirectory() as temporary:
        try:
            bundle.task.report(bundle.predictor, dataset, bundle.codec, Path(temporary))
        except ImportError as error:
            raise InputError(f"the figures need {error.name}: pip install {error.name}") from error
        return report_figures(Path(temporary), captions)
