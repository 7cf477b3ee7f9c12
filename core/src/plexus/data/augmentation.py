"""Amounts of image augmentation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AugmentationPolicy:
    """Amounts of image augmentation; 0 turns one off.

    Args:
        steps: Default number of training steps: stronger augmentation takes longer to learn.
        flip: Whether half of the images are mirrored.
        rotate: Largest rotation in radians.
        shear: Largest shear in radians.
        scale: Largest change of scale, as a natural logarithm.
        shift: Largest shift, as a fraction of the side.
        color: Largest change of brightness, contrast and saturation, as a fraction.
        erase: Largest fraction of an image that is erased.
        fill: Pixels beyond the edges: `constant` (black) or `reflect`.

    Example:
        ```python
        AugmentationPolicy(steps=8000, flip=True, shift=0.1)
        ```
    """

    steps: int = 5000
    flip: bool = False
    rotate: float = 0.0
    shear: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    color: float = 0.0
    erase: float = 0.0
    fill: str = "constant"
