"""Layout of a set of drawings, and normalization of photos to it.

MNIST's digits are white on black, fill a box of 20 in 28 pixels, and have their centre of mass in the middle (LeCun et
al. 1998, "Gradient-based learning applied to document recognition", section III). A photo of a handwritten digit has
none of that. The layout is estimated from the training images; an image that has it already is left unchanged.
"""

from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Self

import numpy as np

CONTENT = 40
"""Smallest difference of a stroke's pixel from the background, of 255."""
MIN_PLAIN_FRACTION = 0.9
"""Fraction of the images that must have a plain background."""
WORKING_SIDE = 256
SEARCH_SCALE = 2
"""The drawing is searched in a photo of half the working size, and cut out of the one of the working size."""
FIT_STRIDE = 2
"""The brightness of the paper, a surface with six parameters, is fitted to every second pixel of every second row."""
NOISE = 4
"""Differences from the brightness of the paper up to this one are noise, of 255."""
BLUR = 1.2
"""Standard deviation of the blur against noise, in pixels of the working size."""
MARGIN = 4
"""Pixels of the working size around the drawing, which the blur reaches."""
MIN_AREA_FRACTION = 0.06
"""Components smaller than this fraction of the largest one are dirt on the paper."""
RIM_CONTACT, RIM_BORDER = 0.2, 3
"""Least fraction of a side of the photo along which a component lies that is a rim (a shadow, or the table around the
paper), and the width of its blurred border, in pixels of the search."""
MIN_DRAWING_FRACTION = 0.001
"""Smallest area of a drawing that makes rims no part of it, as a fraction of the photo's."""
PHOTO_SCALE = 2
"""An image this many times as large as the training images may show a rim; a smaller one is filled by the drawing."""
MIN_CONTRAST = 12
"""Smallest difference of a drawing from the paper, of 255."""


@dataclass(frozen=True)
class DrawingLayout:
    """The layout of grayscale images that show one drawing on a plain background.

    Args:
        shape: Height and width of the images.
        background: 0 or 255.
        box: Longer side of the drawing, as a fraction of the image's.
        by_mass: Whether the centre of mass is in the middle of the image, rather than the centre of the box.
        level: Median strength of the strokes, of 255.
        stroke: Median thickness of the strokes, as a fraction of the drawing's longer side.

    Example:
        ```python
        layout = DrawingLayout.fit(images)
        layout.normalize(photo)  # in the size, colors and position of the training images
        ```
    """

    shape: tuple[int, int]
    background: int
    box: float
    by_mass: bool
    level: float
    stroke: float

    @classmethod
    def fit(cls, images: np.ndarray) -> Self | None:
        """Estimate the layout of a set of images.

        Args:
            images: Bytes of shape `(n, height, width, 1)`.

        Returns:
            The layout, or None if the images have none in common.
        """
        corners = _corners(images[..., 0].astype(np.float32))
        background = 0 if np.median(corners) < 128 else 255
        plain = np.mean(np.abs(corners - background) < CONTENT, axis=1) >= 0.75
        if plain.mean() < MIN_PLAIN_FRACTION:
            return None
        strength = np.abs(images[plain][:1000, ..., 0].astype(np.float32) - background)
        geometries = [_geometry(drawing) for drawing in strength if (drawing > CONTENT).sum() >= 4]
        if not geometries:
            return None
        box, stroke, mass_offset, box_offset = np.median(geometries, axis=0)
        level = float(np.median(strength[strength > CONTENT]))
        shape = images.shape[1], images.shape[2]
        return cls(shape, background, float(box), bool(mass_offset < box_offset), level, float(stroke))

    def matches(self, image: np.ndarray) -> bool:
        """Return whether an image has the layout already: the size, and the background in three of four corners.

        Args:
            image: Bytes of shape `(height, width, channels)`.

        Returns:
            Whether it has the layout.
        """
        if image.shape != (*self.shape, 1):
            return False
        corners = _corners(image[None, ..., 0].astype(np.float32))
        return bool(np.mean(np.abs(corners - self.background) < 2 * CONTENT) >= 0.75)

    def normalize(self, photo: np.ndarray) -> np.ndarray:
        """Return a photo of a drawing in this layout.

        Args:
            photo: Bytes of shape `(height, width, 1 or 3)`; the drawing may have any size and color.

        Returns:
            Bytes of shape `(*self.shape, 1)`.
        """
        strength = _isolate(_resize(photo), max(photo.shape[:2]) >= PHOTO_SCALE * max(self.shape))
        if strength is None:
            return np.full((*self.shape, 1), self.background, np.uint8)
        placed = self._place(self._thicken(strength))
        pixels: np.ndarray = np.abs(self.background - placed).round().astype(np.uint8)
        return pixels[..., None]

    def _thicken(self, strength: np.ndarray) -> np.ndarray:
        """Widen strokes thinner than those of the training images: they would vanish in the small image."""
        import cv2

        side = max(strength.shape)
        missing = round((self.stroke - _stroke(strength > 0.5)) * side)
        if missing < 2:
            return strength
        padded = np.pad(strength, missing)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1))
        return np.asarray(cv2.dilate(padded, kernel))

    def _place(self, strength: np.ndarray) -> np.ndarray:
        """Scale the drawing to the box and strength of the training images, and centre it."""
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
        shift = np.array([[1, 0, (width - 1) / 2 - x], [0, 1, (height - 1) / 2 - y]], np.float32)
        if self.by_mass:
            shift[:, 2] = np.rint(shift[:, 2])
        return np.asarray(cv2.warpAffine(small, shift, (width, height)))


def _corners(images: np.ndarray) -> np.ndarray:
    """Return the means of the four corners (2 x 2 pixels) of each image, of shape `(n, 4)`."""
    rows, columns = (np.array([0, min(1, side - 1), max(side - 2, 0), side - 1]) for side in images.shape[1:])
    blocks = images[:, rows[:, None], columns].reshape(-1, 2, 2, 2, 2)
    means: np.ndarray = blocks.mean(axis=(2, 4)).reshape(-1, 4)
    return means


def _geometry(strength: np.ndarray) -> tuple[float, float, float, float]:
    """Return box and stroke as fractions, and the offsets of the centres of mass and box from the middle."""
    mask = strength > CONTENT
    rows, columns = np.nonzero(mask)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    middle = (np.array(strength.shape) - 1) / 2
    mass_offset = np.abs(np.array(_centre_of_mass(strength)) - middle).mean()
    box_offset = np.abs(np.array([rows.min() + rows.max(), columns.min() + columns.max()]) / 2 - middle).mean()
    side = max(height, width)
    enlarged = np.kron(strength > 128, np.ones((4, 4), bool))
    return side / max(strength.shape), _stroke(enlarged) * max(enlarged.shape) / (4 * side), mass_offset, box_offset


def _stroke(mask: np.ndarray) -> float:
    """Return the thickness of the strokes, four times their mean depth, as a fraction of the longer side."""
    import cv2

    if not mask.any():
        return 0.0
    depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 3)
    return float(4 * (depth[depth > 0].mean() - 0.5) / max(mask.shape))


def _centre_of_mass(strength: np.ndarray) -> tuple[float, float]:
    """Return row and column of the centre of mass."""
    total = strength.sum()
    rows, columns = np.arange(strength.shape[0]), np.arange(strength.shape[1])
    return float(strength.sum(axis=1) @ rows / total), float(strength.sum(axis=0) @ columns / total)


def _resize(photo: np.ndarray) -> np.ndarray:
    """Return the photo as floats, with a longer side of `WORKING_SIDE` pixels."""
    import cv2

    scale = WORKING_SIDE / max(photo.shape[:2])
    size = max(round(photo.shape[1] * scale), 1), max(round(photo.shape[0] * scale), 1)
    resized = cv2.resize(photo, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(resized.reshape(size[1], size[0], -1), np.float32)


def _isolate(photo: np.ndarray, may_have_rim: bool) -> np.ndarray | None:
    """Return the drawing, cropped, with strengths from 0 to 1; None for empty paper.

    Paper and drawing are found at half the size: only the part of the photo with the drawing is computed in full.

    Args:
        photo: A photo of the working size.
        may_have_rim: Whether a shadow or the table around the paper may be in it.

    Returns:
        Strengths of shape `(height, width)`.
    """
    import cv2

    height, width = (max(side // SEARCH_SCALE, 1) for side in photo.shape[:2])
    small = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA).reshape(height, width, -1)
    surface = _fit_paper(small, may_have_rim)
    strokes = _find_strokes(_contrast(small, surface, slice(None), slice(None), small.shape[:2]), may_have_rim)
    if strokes is None:
        return None
    near = cv2.dilate(strokes, np.ones((3, 3), np.uint8))
    rows, columns = (_span(near.any(axis=axis), side) for axis, side in ((1, photo.shape[0]), (0, photo.shape[1])))
    difference = _contrast(photo[rows, columns], surface, rows, columns, photo.shape[:2])
    smooth = cv2.GaussianBlur(difference, (0, 0), BLUR)
    size = photo.shape[1], photo.shape[0]
    strokes, near = (
        cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)[rows, columns] > 0 for mask in (strokes, near)
    )
    median = float(np.median(smooth[strokes]))
    strength = np.where(near, np.clip((smooth / median - 0.25) / 0.75, 0, 1), 0).astype(np.float32)
    top_to_bottom, left_to_right = (np.flatnonzero((strength > 0.3).any(axis=axis)) for axis in (1, 0))
    return strength[top_to_bottom[0] : top_to_bottom[-1] + 1, left_to_right[0] : left_to_right[-1] + 1]


def _span(used: np.ndarray, side: int) -> slice:
    """Return the pixels of the working size from the first to the last used one of the search, with a margin."""
    places = np.flatnonzero(used)
    scale = side / len(used)
    return slice(max(int(places[0] * scale) - MARGIN, 0), min(int((places[-1] + 1) * scale) + MARGIN, side))


def _fit_paper(photo: np.ndarray, may_have_rim: bool) -> np.ndarray:
    """Fit the brightness of the paper, shape `(6, channels)`.

    Light is uneven: the paper's brightness is a quadratic surface, fitted in four iterations to the pixels that are
    close to it. They start with the border of the photo. That may be a rim; then they also start with the half of the
    pixels that is nearest to the median brightness, and the surface with the smaller median difference is the paper's
    (least median of squares, Rousseeuw 1984).
    """
    terms, is_border = _terms(*photo.shape[:2])
    pixels = np.ascontiguousarray(photo[::FIT_STRIDE, ::FIT_STRIDE].reshape(-1, photo.shape[2]).T)
    surface, median = _fit_surface(pixels, terms, is_border)
    if median <= NOISE or not may_have_rim:
        return surface
    difference = np.abs(pixels - np.median(pixels, axis=1, keepdims=True)).max(axis=0)
    other, other_median = _fit_surface(pixels, terms, difference <= np.median(difference))
    return surface if median <= other_median else other


def _fit_surface(pixels: np.ndarray, terms: np.ndarray, is_paper: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the surface of the paper, and the median difference of all pixels from it."""
    for _ in range(4):
        weighted = terms * is_paper
        surface: np.ndarray = np.linalg.lstsq(weighted @ terms.T, weighted @ pixels.T)[0]
        difference = np.abs(pixels - surface.T @ terms).max(axis=0)
        is_paper = difference <= max(2.5 * np.median(difference[is_paper]), NOISE)
    return surface, float(np.median(difference))


def _contrast(part: np.ndarray, surface: np.ndarray, rows: slice, columns: slice, shape: tuple[int, ...]) -> np.ndarray:
    """Return the difference of each pixel from the paper, in the color channel where it is largest.

    Args:
        part: The part of a photo in `rows` and `columns`, shape `(height, width, channels)`.
        surface: The result of `_fit_paper`.
        rows: Rows of the photo.
        columns: Columns of the photo.
        shape: Height and width of the photo.

    Returns:
        Differences of shape `(height, width)`.
    """
    y, x = _coordinates(shape[0])[rows, None], _coordinates(shape[1])[columns]
    channels = [
        np.abs(part[..., k] - ((one + x_1 * x + x_2 * x * x) + (y_1 + x_y * x) * y + y_2 * y * y))
        for k, (one, x_1, y_1, x_2, x_y, y_2) in enumerate(surface.T)
    ]
    return reduce(np.maximum, channels)


def _coordinates(side: int) -> np.ndarray:
    """Return coordinates from -1 to 1 along a side."""
    return np.linspace(-1, 1, side, dtype=np.float32)


@lru_cache(maxsize=8)
def _terms(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the terms of the surface for the pixels of the fit, and which of these are border.

    The terms are 1, x, y and their products with coordinates from -1 to 1, of shape `(6, pixels)`.
    """
    y, x = np.meshgrid(_coordinates(height)[::FIT_STRIDE], _coordinates(width)[::FIT_STRIDE], indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y]).reshape(6, -1)
    return terms, np.abs(terms[1:3]).max(axis=0) > 0.9


def _find_strokes(difference: np.ndarray, may_have_rim: bool) -> np.ndarray | None:
    """Return which pixels belong to the drawing, 1 or 0; None for empty paper.

    Rims are left out where there is a drawing without them: a shadow, or the table around the paper. They are often
    darker than ink, so the threshold is computed again.

    Args:
        difference: Differences from the paper at the size of the search.
        may_have_rim: Whether a rim may be in the photo.

    Returns:
        Bytes of the same shape.
    """
    import cv2

    smooth = cv2.GaussianBlur(difference, (0, 0), BLUR / SEARCH_SCALE)
    parts = _components(smooth)
    if parts is None:
        return None
    components, statistics = parts
    if may_have_rim and (is_rim := _is_rim(components, len(statistics))).any():
        side = 2 * RIM_BORDER + 1
        rims = cv2.dilate(is_rim[components].astype(np.uint8), np.ones((side, side), np.uint8))
        rest = _components(np.where(rims > 0, 0, smooth))
        if rest is not None and _has_drawing(rest[1], smooth.shape):
            components, statistics = rest
    areas = statistics[:, cv2.CC_STAT_AREA].astype(float)
    areas[0] = 0
    areas[_at_edge(statistics, smooth.shape)] *= 0.1
    strokes: np.ndarray = (areas >= MIN_AREA_FRACTION * areas.max()).astype(np.uint8)
    strokes[0] = 0
    return np.asarray(strokes[components])


def _components(smooth: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the components of pixels that differ from the paper, and their statistics; None for empty paper."""
    import cv2

    highest = float(np.percentile(smooth, 99.8))
    if highest < MIN_CONTRAST:
        return None
    level, _ = cv2.threshold(np.clip(smooth * 255 / highest, 0, 255).astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    mask = (smooth > level * highest / 255).astype(np.uint8)
    _, components, statistics, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return components, statistics


def _is_rim(components: np.ndarray, count: int) -> np.ndarray:
    """Return which components lie along a side of the photo."""
    sides = components[0], components[-1], components[:, 0], components[:, -1]
    contact = np.max([np.bincount(side, minlength=count) / len(side) for side in sides], axis=0)
    contact[0] = 0
    return np.asarray(contact >= RIM_CONTACT)


def _has_drawing(statistics: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Return whether a component other than the background is inside the photo, and larger than dirt."""
    import cv2

    large = statistics[:, cv2.CC_STAT_AREA] >= MIN_DRAWING_FRACTION * shape[0] * shape[1]
    return bool((large & ~_at_edge(statistics, shape))[1:].any())


def _at_edge(statistics: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return which components touch the photo's edge, as the rim of the paper or a shadow does."""
    left, top, width, height = statistics[:, :4].T
    edge: np.ndarray = (left == 0) | (top == 0) | (left + width == shape[1]) | (top + height == shape[0])
    return edge
