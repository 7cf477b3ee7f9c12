"""How a set of drawings is laid out, and bringing photos of drawings into that layout.

MNIST's digits are white on black, fill a box of 20 in 28 pixels, and have their centre of mass in the middle (LeCun et
al. 1998). A pupil's photo has none of that. What the set's layout is gets learned from the set itself; a picture
that has it already is left as it is.
"""

from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Self

import numpy as np

CONTENT = 40
"""How far from the background, of 255, a pixel must be to belong to what is drawn."""
PLAIN_SHARE = 0.9
WORKING_SIDE = 256
FITTED = 2
"""The paper's brightness, a surface of six numbers, is fitted to each second pixel of each second row."""
SPECK = 0.06
"""Parts smaller than this share of the largest are dirt on the paper."""


@dataclass(frozen=True)
class DrawingLayout:
    """The layout of grey pictures of one thing on a plain background.

    Args:
        shape: height and width of the set's pictures.
        background: 0 or 255.
        box: the longer side of what is drawn, as a share of the picture's.
        by_mass: whether the centre of mass, rather than that of the box, is in the middle.
        level: the median strength of what is drawn, of 255.
        stroke: the median thickness of what is drawn, as a share of its longer side.
    """

    shape: tuple[int, int]
    background: int
    box: float
    by_mass: bool
    level: float
    stroke: float

    @classmethod
    def fit(cls, pictures: np.ndarray) -> Self | None:
        """The layout that pictures `(n, height, width, 1)` share, or None if they share none."""
        corners = _corners(pictures[..., 0].astype(np.float32))
        background = 0 if np.median(corners) < 128 else 255
        plain = np.mean(np.abs(corners - background) < CONTENT, axis=1) >= 0.75
        if plain.mean() < PLAIN_SHARE:
            return None
        strength = np.abs(pictures[plain][:1000, ..., 0].astype(np.float32) - background)
        measured = [_measure(one) for one in strength if (one > CONTENT).sum() >= 4]
        if not measured:
            return None
        box, stroke, mass_off, box_off = np.median([m[:4] for m in measured], axis=0)
        level = float(np.median(strength[strength > CONTENT]))
        shape = pictures.shape[1], pictures.shape[2]
        return cls(shape, background, float(box), bool(mass_off < box_off), level, float(stroke))

    def matches(self, picture: np.ndarray) -> bool:
        """Whether a picture has the layout already: its size, and its background in at least three corners."""
        if picture.shape != (*self.shape, 1):
            return False
        corners = _corners(picture[None, ..., 0].astype(np.float32))
        return bool(np.mean(np.abs(corners - self.background) < 2 * CONTENT) >= 0.75)

    def normalize(self, picture: np.ndarray) -> np.ndarray:
        """A photo `(height, width, 1 or 3)` of a drawing of any size and colour, in this layout: `(h, w, 1)`."""
        strength = _isolate(_contrast(_shrink(picture)))
        if strength is None:
            return np.full((*self.shape, 1), self.background, np.uint8)
        drawn = self._place(self._thicken(strength))
        return np.abs(self.background - drawn).round().astype(np.uint8)[..., None]

    def _thicken(self, strength: np.ndarray) -> np.ndarray:
        """Strokes thinner than the set's are widened, lest they vanish when the picture is made small."""
        import cv2

        side = max(strength.shape)
        missing = round((self.stroke - _stroke(strength > 0.5)) * side)
        if missing < 2:
            return strength
        padded = np.pad(strength, missing)
        return cv2.dilate(padded, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1)))

    def _place(self, strength: np.ndarray) -> np.ndarray:
        """Scale what is drawn to the set's box and strength, and centre it."""
        import cv2

        rows, columns = np.nonzero(strength > 0.3)
        strength = strength[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        height, width = self.shape
        scale = self.box * min(height / strength.shape[0], width / strength.shape[1])
        size = max(round(strength.shape[1] * scale), 1), max(round(strength.shape[0] * scale), 1)
        small = cv2.resize(strength, size, interpolation=cv2.INTER_AREA)
        strong = small[small > 0.2]
        small = np.clip(small * self.level / max(float(np.median(strong)), 0.2), 0, 255)
        y, x = _centre_of_mass(small) if self.by_mass else ((size[1] - 1) / 2, (size[0] - 1) / 2)
        shift = np.float32([[1, 0, (width - 1) / 2 - x], [0, 1, (height - 1) / 2 - y]])
        if self.by_mass:
            shift[:, 2] = np.rint(shift[:, 2])
        return cv2.warpAffine(small, shift, (width, height))


def _corners(pictures: np.ndarray) -> np.ndarray:
    """The mean of each of the four corners (2 x 2 pixels), one row a picture."""
    cut = [pictures[:, a, b] for a in (slice(2), slice(-2, None)) for b in (slice(2), slice(-2, None))]
    return np.stack([corner.mean(axis=(1, 2)) for corner in cut], axis=1)


def _measure(strength: np.ndarray) -> tuple[float, float, float, float]:
    """Box and stroke as shares, and how far the centres of mass and of the box are from the middle."""
    mask = strength > CONTENT
    rows, columns = np.nonzero(mask)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    middle = (np.array(strength.shape) - 1) / 2
    mass_off = np.abs(np.array(_centre_of_mass(strength)) - middle).mean()
    box_off = np.abs(np.array([rows.min() + rows.max(), columns.min() + columns.max()]) / 2 - middle).mean()
    side = max(height, width)
    enlarged = np.kron(strength > 128, np.ones((4, 4), bool))
    return side / max(strength.shape), _stroke(enlarged) * max(enlarged.shape) / (4 * side), mass_off, box_off


def _stroke(mask: np.ndarray) -> float:
    """The thickness of what is drawn, four times its mean depth, as a share of the array's longer side."""
    import cv2

    if not mask.any():
        return 0.0
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)
    return float(4 * (depth[depth > 0].mean() - 0.5) / max(mask.shape))


def _centre_of_mass(strength: np.ndarray) -> tuple[float, float]:
    total = strength.sum()
    rows, columns = np.arange(strength.shape[0]), np.arange(strength.shape[1])
    return float(strength.sum(axis=1) @ rows / total), float(strength.sum(axis=0) @ columns / total)


def _shrink(picture: np.ndarray) -> np.ndarray:
    """Floats, the longer side brought to `WORKING_SIDE`."""
    import cv2

    scale = WORKING_SIDE / max(picture.shape[:2])
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return resized.reshape(size[1], size[0], -1).astype(np.float32)


def _contrast(picture: np.ndarray) -> np.ndarray:
    """How far each pixel is from the paper, whichever of the two is darker, in the colour where it is farthest.

    Light falls unevenly: the paper is a quadratic surface, fitted to what looks like it, beginning at the border.
    """
    terms, fitted, paper = _terms(*picture.shape[:2])
    seen = picture[::FITTED, ::FITTED].reshape(-1, picture.shape[2])
    for _ in range(4):
        own = fitted[paper]
        surface = np.linalg.lstsq(own.T @ own, own.T @ seen[paper])[0]
        away = _farthest(seen - fitted @ surface)
        paper = away <= max(2.5 * np.median(away[paper]), 4)
    return _farthest(picture - (terms @ surface).reshape(picture.shape))


def _farthest(differences: np.ndarray) -> np.ndarray:
    """The largest size along the last axis, which is short: of colours."""
    return reduce(np.maximum, np.moveaxis(np.abs(differences), -1, 0))


@lru_cache(maxsize=8)
def _terms(height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """1, x, y and their products, from -1 to 1 `(n, 6)`: of all pixels, of those fitted to, and the border."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).astype(np.float32)
    fitted = terms[::FITTED, ::FITTED].reshape(-1, 6)
    return terms.reshape(-1, 6), fitted, np.abs(fitted[:, 1:3]).max(axis=1) > 0.9


def _isolate(away: np.ndarray) -> np.ndarray | None:
    """What is drawn, cut out, its strength from 0 to 1; None on empty paper."""
    import cv2

    smooth = cv2.GaussianBlur(away, (0, 0), 1.2)
    most = float(np.percentile(smooth, 99.8))
    if most < 12:
        return None
    level, _ = cv2.threshold(np.clip(smooth * 255 / most, 0, 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    mask = (smooth > level * most / 255).astype(np.uint8)
    count, parts, figures, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = figures[:, cv2.CC_STAT_AREA].astype(float)
    areas[0] = 0
    areas[[i for i in range(1, count) if _at_edge(figures[i], mask.shape)]] *= 0.1
    kept = np.isin(parts, [i for i in range(1, count) if areas[i] >= SPECK * areas.max()])
    strong = float(np.median(smooth[kept]))
    near = cv2.dilate(kept.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    strength = np.where(near, np.clip((smooth / strong - 0.25) / 0.75, 0, 1), 0).astype(np.float32)
    rows, columns = np.nonzero(strength > 0.3)
    return strength[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _at_edge(figure: np.ndarray, shape: tuple[int, int]) -> bool:
    """Whether a part runs along the picture's edge, as the rim of the paper or a shadow does."""
    left, top, width, height = figure[:4]
    return bool(left == 0 or top == 0 or left + width == shape[1] or top + height == shape[0])
