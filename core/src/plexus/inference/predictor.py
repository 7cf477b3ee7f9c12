"""The interface of a model's networks: arrays to arrays."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from plexus.codec import Arrays

NETWORK = "network"
"""Name of a model's only network."""


class Predictor(Protocol):
    """Computes the outputs of a model's networks, by Keras during training and by ONNX Runtime afterwards.

    Example:
        ```python
        outputs = predictor(codec.encode(inputs))
        embedding = predictor({"image": images}, network="embedder")["embedding"]
        ```
    """

    def __call__(self, inputs: "Arrays", network: str = NETWORK) -> "Arrays":
        """Compute the outputs for inputs of any number.

        Args:
            inputs: The network's inputs by name.
            network: Name of the network, for models that have several.

        Returns:
            The network's outputs by name, the first axis along the inputs.
        """
        ...
