"""The ability `FindsMissingLabels` of a task."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecInT, DatasetT

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.inference.predictor import Predictor


@runtime_checkable
class FindsMissingLabels(Protocol[DatasetT, CodecInT]):
    """A task whose models show where an annotation lacks a label; `plexus data check --bundle`.

    Example:
        ```python
        def find_missing_labels(self, predictor, dataset, codec):
            return [each.to_json() for each in self.objects_without_label(predictor, dataset, codec)]
        ```
    """

    def find_missing_labels(self, predictor: "Predictor", dataset: DatasetT, codec: CodecInT) -> "list[JsonObject]":
        """Find labels that are probably missing in a dataset.

        Args:
            predictor: The networks of a bundle.
            dataset: The dataset, of which the model may have seen a part.
            codec: The calibrated codec.

        Returns:
            Per label `split`, `image`, `label`, `box` and `probability`, the most probable first.

        Raises:
            InputError: If an input cannot be read.
        """
        ...
