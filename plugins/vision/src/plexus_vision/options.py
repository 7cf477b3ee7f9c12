"""What image recognition can be told."""

from typing import Literal

from pydantic import Field

from plexus import Options


class ClassifyOptions(Options):
    """Settings of `vision.classify`."""

    data: str = Field(
        "digits",
        description="a named set (digits, mnist, fashion_mnist, cifar10); a folder with one sub-folder a class, or "
        "with train/, val/ and test/ of such; a .csv with columns path and label; IDX, .npz or HDF5",
    )
    epochs: int | None = Field(
        None, ge=1, le=100_000, description="how often all of the pictures are gone through [default: by the data]"
    )
    optimizer: Literal["adamw", "muon", "adam", "sgd", "lion", "rmsprop"] = Field(
        "muon", description="how gradients become steps; sgd and muon have Nesterov momentum"
    )
    learning_rate: float | None = Field(
        None, gt=0, le=100, description="at its highest [default: 0.005, or 0.0005 from trained weights]"
    )
    size: int | None = Field(
        None, ge=4, le=1024, description="longer side of the network's pictures, in pixels [default: by the data]"
    )
    network: str = Field("residual", description="residual, or a backbone of keras.applications, as MobileNetV3Small")
    weights: Literal["none", "imagenet"] = Field("none", description="what a keras.applications backbone starts from")
    width: float = Field(1.0, gt=0, le=8, description="of the residual network, as a multiple of the default channels")
    batch_normalization: bool = Field(True, description="normalise by batch; without, activations are left as they are")
    augment: Literal["auto", "none", "drawing", "object", "photo"] = Field(
        "auto",
        description="drawing: turned and shifted; object: mirrored, shifted, erased in parts; photo: all, and colours",
    )
    label_smoothing: float = Field(0.1, ge=0, lt=1, description="share of the target that goes to all labels alike")
    mixup: float = Field(
        0.0, ge=0, le=10, description="strength of mixing pairs of pictures (Beta's parameter); 0: none"
    )
    cutmix: float = Field(0.0, ge=0, le=10, description="strength of pasting one picture into another; 0: none")
