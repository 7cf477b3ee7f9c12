"""The ability `Calibrated` of a task."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from plexus.tasks.abilities.type_variables import CodecT, DatasetT

if TYPE_CHECKING:
    from plexus.inference.predictor import Predictor


@runtime_checkable
class Calibrated(Protocol[DatasetT, CodecT]):
    """A task whose codec holds values that can only be fitted after the network: a temperature, a threshold.

    Example:
        ```python
        def calibrate(self, predictor, dataset, codec):
            return codec.with_temperature(fit_temperature(*self.validation_logits(predictor, dataset, codec)))
        ```
    """

    def calibrate(self, predictor: "Predictor", dataset: DatasetT, codec: CodecT) -> CodecT:
        """Return the calibrated codec, fitted on the validation split.

        Args:
            predictor: The trained networks.
            dataset: The dataset.
            codec: The fitted codec, which is not changed.

        Returns:
            A new codec.
        """
        ...
