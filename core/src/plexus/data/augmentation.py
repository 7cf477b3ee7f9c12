"""How much to vary pictures in training."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AugmentationPolicy:
    """Amounts of augmentation, and how long they take to learn through.

    Args:
        steps: of training, if all else is left open.
        flip: mirror half of the pictures.
        rotate, shear: at most, in radians; scale: at most, as a logarithm; shift: at most, as a share of the side.
        colour: at most, as a share of brightness, contrast and saturation.
        erase: the largest share of a picture that is blotted out.
        fill: what comes in at the edges: `constant` (black), `reflect`.
    """

    steps: int = 5000
    flip: bool = False
    rotate: float = 0.0
    shear: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    colour: float = 0.0
    erase: float = 0.0
    fill: str = "constant"
