"""Registry of the named data sets of boxes: their folders and licences."""

from functools import cache

from plexus.data.arrays import Pair
from plexus.data.named import NamedDataset

BCCD = NamedDataset(
    "bccd",
    licence="MIT (Shenggan, BCCD_Dataset, 2017)",
    unpacked="BCCD/Annotations/*.xml",
    page="https://github.com/Shenggan/BCCD_Dataset",
)


@cache
def _drawn_shapes() -> dict[str, Pair]:
    from plexus_vision.detection.drawn_shapes import draw_splits

    return draw_splits()


DRAWN_SHAPES = NamedDataset("drawn_shapes", licence="Apache-2.0 (drawn by Plexus)", embedded=_drawn_shapes)
