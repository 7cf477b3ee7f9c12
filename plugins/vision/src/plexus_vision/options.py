"""Hyperparameters of image classification, and the data it reads: flags of `plexus train vision.classify`."""

from typing import Literal

from pydantic import Field

from plexus_vision.network_options import NetworkOptions


class ClassifyOptions(NetworkOptions):
    """Options of `vision.classify`.

    Example:
        ```python
        ClassifyOptions.parse({"data": "mnist", "width": 0.5})
        ```
    """

    defaults = {
        "data": "digits",
        "epochs": None,
        "optimizer": "muon",
        "learning_rate": None,
        "evaluate_every": None,
    }
    data_options = frozenset({"data", "unlabelled", "labels"})

    unlabelled: str | None = Field(
        None,
        description="Images without labels to learn from as well: a folder, an archive, arrays or a named data set.",
    )
    labels: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="Number of labelled training images, drawn equally per label; the others are used without labels.",
    )

    augment: Literal["auto", "none", "drawing", "object", "photo"] = Field(
        "auto",
        description="Augmentation: drawing (rotation, shift), object (flip, shift, erasing), photo (all, and colors).",
    )
    label_smoothing: float = Field(0.1, ge=0, lt=1, description="Share of the target that is spread over all labels.")
    mixup: float = Field(0.0, ge=0, le=10, description="Parameter of mixup's Beta distribution; 0: off.")
    cutmix: float = Field(0.0, ge=0, le=10, description="Parameter of CutMix's Beta distribution; 0: off.")
