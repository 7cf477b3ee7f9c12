"""The ability `Reporting` of a task."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT, DatasetT

if TYPE_CHECKING:
    from plexus.inference.predictor import Predictor


@runtime_checkable
class Reporting(Protocol[DatasetT, CodecInT]):
    """A task that draws figures of a model's results on the test split.

    Example:
        ```python
        def report(self, predictor, dataset, codec, folder):
            draw_confusion_matrix(predicted, classes, codec.labels, folder / "confusion.svg")
        ```
    """

    def report(self, predictor: "Predictor", dataset: DatasetT, codec: CodecInT, folder: Path) -> None:
        """Write figures (`.png`, `.svg`, `.gif`) or pages (`.html`).

        Args:
            predictor: The networks of the bundle.
            dataset: The dataset.
            codec: The calibrated codec.
            folder: Folder to write to.
        """
        ...
