"""Options of the network that classification and pretraining share."""

from typing import Literal, Self

from pydantic import Field, model_validator

from plexus import Options


class NetworkOptions(Options):
    """Options that say which network is built. A training with `--from` needs those of the bundle.

    Example:
        ```python
        class PretrainOptions(NetworkOptions):
            projection: int = Field(256, ge=8, le=8192, description="Units of the projection.")
        ```
    """

    size: int | None = Field(
        None, ge=4, le=1024, description="Longer side of the network's images in pixels; by default that of the data."
    )
    network: str | None = Field(
        None,
        description="residual, or a backbone of keras.applications: MobileNetV3Small; by default residual, or for few "
        "photos MobileNetV2 if the cache of Keras has its weights from ImageNet.",
    )
    weights: Literal["none", "imagenet"] | None = Field(
        None, description="Initial weights of a keras.applications backbone; by default none, or by the network."
    )
    width: float | None = Field(
        None,
        gt=0,
        le=8,
        description="Factor of the residual network's channels; by default 1, and 0.5 with unlabelled images.",
    )
    batch_normalization: bool = Field(True, description="Use batch normalization in the residual network.")

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        check_weights(self.network, self.weights)
        return self


def check_weights(network: str | None, weights: str | None) -> None:
    """Check that there are pretrained weights for a network.

    Args:
        network: Name of the network; None: it is chosen later.
        weights: `none`, `imagenet` or None.

    Raises:
        ValueError: If weights from ImageNet are requested for the residual network.
    """
    if network == "residual" and weights == "imagenet":
        raise ValueError("weights imagenet: the residual network has none; choose a network of keras.applications")
