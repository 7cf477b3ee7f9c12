"""The ability `DescribesModels` of a task."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT, DatasetT

if TYPE_CHECKING:
    from plexus.inference.predictor import Predictor


@runtime_checkable
class DescribesModels(Protocol[DatasetT, CodecInT]):
    """A task that adds a section of its own to the model card: what a kind of evaluation has to state.

    Example:
        ```python
        def card_section(self, predictor, dataset, codec, metrics):
            return ["## Intended use", "", "Not for clinical use."]
        ```
    """

    def card_section(
        self, predictor: "Predictor", dataset: DatasetT, codec: CodecInT, metrics: Mapping[str, float]
    ) -> list[str]:
        """Write the section.

        Args:
            predictor: The networks of the bundle.
            dataset: The dataset.
            codec: The calibrated codec.
            metrics: Metrics of the test split.

        Returns:
            Lines of Markdown.
        """
        ...
