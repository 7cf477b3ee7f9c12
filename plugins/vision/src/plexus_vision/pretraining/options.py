"""Hyperparameters of pretraining: flags of `plexus pretrain vision.classify`."""

from typing import Literal

from pydantic import Field

from plexus_vision.network_options import NetworkOptions


class PretrainOptions(NetworkOptions):
    """Options of `vision.pretrain`.

    Example:
        ```python
        PretrainOptions.parse({"data": "mnist", "width": 0.5})
        ```
    """

    defaults = {"data": "digits", "epochs": None, "evaluate_every": None, "batch_size": 256, "averaging": 0.99}

    augment: Literal["auto", "drawing", "object", "photo"] = Field(
        "auto",
        description="What the two views of an image differ in: drawing (rotation, scale, shift, erasing), object (also "
        "mirrored, brightness), photo (also colors); auto: drawing for drawings, else photo.",
    )
    projection: int = Field(256, ge=8, le=8192, description="Units of the projection, in which the loss is computed.")
