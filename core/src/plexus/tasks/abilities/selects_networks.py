"""The ability `SelectsNetworks` of a task."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecT, DatasetT

if TYPE_CHECKING:
    import keras

    from plexus.inference.predictor import Predictor


@runtime_checkable
class SelectsNetworks(Protocol[DatasetT, CodecT]):
    """A task that trains several candidates at the same time and selects one of them after the training.

    Example:
        ```python
        def select_networks(self, networks, predictor, dataset, codec):
            return {"network": networks[best_candidate(predictor, dataset["val"])]}, codec
        ```
    """

    def select_networks(
        self, networks: "Mapping[str, keras.Model]", predictor: "Predictor", dataset: DatasetT, codec: CodecT
    ) -> "tuple[Mapping[str, keras.Model], CodecT]":
        """Return the networks that are exported, by the validation split.

        Args:
            networks: The networks of `export_networks`, with the weights that are kept.
            predictor: The same networks as a predictor.
            dataset: The dataset.
            codec: The fitted codec.

        Returns:
            Some or all of the networks by name, `network` among them, and the codec to go with them.
        """
        ...
