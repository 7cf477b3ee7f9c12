"""Hyperparameters of object detection, and the data it reads: flags of `plexus train vision.detect`."""

from typing import Literal, Self

from pydantic import Field, model_validator

from plexus import Options
from plexus_vision.network_options import check_weights


class DetectOptions(Options):
    """Options of `vision.detect`.

    Example:
        ```python
        DetectOptions.parse({"data": "bccd", "size": 320})
        ```
    """

    defaults = {
        "data": "drawn_shapes",
        "epochs": None,
        "batch_size": 16,
        "learning_rate": None,
        "weight_decay": 0.05,
        "warmup": 0.05,
        "clip_norm": 10.0,
        "evaluate_every": None,
    }

    size: int | None = Field(
        None,
        ge=64,
        le=2048,
        description="Longer side of the network's images in pixels; by default as small as the objects allow.",
    )
    network: str = Field("residual", description="residual, or a backbone of keras.applications: MobileNetV2.")
    weights: Literal["none", "imagenet"] = Field(
        "none", description="Initial weights of a keras.applications backbone."
    )
    width: float = Field(1.0, gt=0, le=8, description="Factor of the residual network's channels.")
    augment: Literal["auto", "none", "upright", "turned"] = Field(
        "auto",
        description="Augmentation: upright (mirroring, scale, colors), turned (rotation by 90 degrees too); auto: "
        "turned if the boxes of all labels are about as wide as high.",
    )
    mosaic: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Share of the training images that are mosaics of four, until the last fifth of the epochs.",
    )
    copy_paste: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of the training images into which objects of rare labels are pasted, until the last fifth.",
    )

    @model_validator(mode="after")
    def _check_copy_paste(self) -> Self:
        if self.copy_paste and self.augment == "none":
            raise ValueError(f"copy_paste {self.copy_paste:g} is an augmentation, and augment is none: set one of them")
        return self

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        check_weights(self.network, self.weights)
        return self
