"""Canvas on which faces are drawn: filled shapes with smooth edges and soft shading."""

from collections.abc import Callable, Sequence

import numpy as np

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float32]]
Color = Sequence[float] | FloatArray
OVERSAMPLING = 4
"""Shapes are filled on a grid this many times finer, then reduced: their edges are smooth."""


class Canvas:
    """Color and opacity of a drawing.

    Args:
        height: Height in pixels.
        width: Width in pixels.

    Attributes:
        color: Float32, shape `(height, width, 3)`, RGB, 0 to 255, premultiplied by the opacity.
        opacity: Float32, shape `(height, width)`, 0 (transparent) to 1.

    Example:
        ```python
        canvas = Canvas(200, 160)
        canvas.paint(canvas.mask(np.array([(20, 20), (140, 20), (80, 180)])), (200, 30, 30))
        ```
    """

    def __init__(self, height: int, width: int) -> None:
        self.color: FloatArray = np.zeros((height, width, 3), np.float32)
        self.opacity: FloatArray = np.zeros((height, width), np.float32)

    def mask(self, *polygons: np.ndarray, blur: float = 0.0) -> FloatArray:
        """Return the coverage of each pixel by polygons.

        Args:
            *polygons: Corners `(x, y)` in pixels, shape `(corners, 2)` each; overlapping polygons are united.
            blur: Standard deviation in pixels of a Gaussian blur of the edges.

        Returns:
            Float32, shape `(height, width)`, 0 to 1.
        """
        import cv2

        def fill(fine: np.ndarray, offset: np.ndarray) -> None:
            for polygon in polygons:
                cv2.fillPoly(fine, [_fine_corners(polygon, offset)], (255,))

        return self._coverage(np.concatenate(polygons), 1, blur, fill)

    def stroke(self, points: np.ndarray, thickness: float, blur: float = 0.0, closed: bool = False) -> FloatArray:
        """Return the coverage of each pixel by a line.

        Args:
            points: Points `(x, y)` of the line in pixels, shape `(points, 2)`.
            thickness: Thickness in pixels.
            blur: Standard deviation in pixels of a Gaussian blur of the edges.
            closed: Whether the last point is connected with the first.

        Returns:
            Float32, shape `(height, width)`, 0 to 1.
        """
        import cv2

        def draw(fine: np.ndarray, offset: np.ndarray) -> None:
            width = max(1, round(thickness * OVERSAMPLING))
            cv2.polylines(fine, [_fine_corners(points, offset)], closed, (255,), width)

        return self._coverage(points, thickness, blur, draw)

    def paint(self, mask: FloatArray, color: Color, strength: float = 1.0) -> None:
        """Paint a color over the drawing; the painted pixels become opaque.

        Args:
            mask: Coverage, shape `(height, width)`, 0 to 1.
            color: RGB, 0 to 255: one color, or one per pixel.
            strength: Factor of the coverage, 0 to 1.
        """
        area = _bounds(mask)
        weight, target = mask[area] * np.float32(strength), np.asarray(color, np.float32)
        target = target[area] if target.ndim > 1 else target
        self.color[area] += weight[..., None] * (target - self.color[area])
        self.opacity[area] += weight * (1 - self.opacity[area])

    def tint(self, mask: FloatArray, color: Color, strength: float = 1.0) -> None:
        """Multiply the drawing by a color; its opacity does not change.

        Args:
            mask: Coverage, shape `(height, width)`, 0 to 1.
            color: Factors of red, green and blue at full coverage.
            strength: Factor of the coverage, 0 to 1.
        """
        area = _bounds(mask)
        weight = (mask[area] * np.float32(strength))[..., None]
        self.color[area] *= 1 + weight * (np.asarray(color, np.float32) - 1)

    def _coverage(
        self, points: np.ndarray, margin: float, blur: float, draw: Callable[[np.ndarray, np.ndarray], None]
    ) -> FloatArray:
        """Draw on the fine grid around some points, and reduce it."""
        import cv2

        mask = np.zeros_like(self.opacity)
        start = np.maximum(np.floor(points.min(0) - margin), 0).astype(int)
        end = np.minimum(np.ceil(points.max(0) + margin) + 1, mask.shape[::-1]).astype(int)
        if (end > start).all():
            width, height = (end - start).tolist()
            fine = np.zeros((height * OVERSAMPLING, width * OVERSAMPLING), np.uint8)
            draw(fine, start)
            reduced = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
            mask[start[1] : end[1], start[0] : end[0]] = reduced.astype(np.float32) / 255
        return blurred(mask, blur) if blur else mask


def blurred(image: np.ndarray, sigma: float, sigma_y: float | None = None) -> FloatArray:
    """Blur an image.

    Args:
        image: Shape `(height, width)` or `(height, width, channels)`.
        sigma: Standard deviation of the Gaussian in pixels, above 0.
        sigma_y: Standard deviation along the columns; by default the same.

    Returns:
        The image, float32.
    """
    import cv2

    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, sigmaY=sigma if sigma_y is None else sigma_y), np.float32)


def _fine_corners(points: np.ndarray, offset: np.ndarray) -> np.ndarray:
    return np.asarray(np.round((points - offset + 0.5) * OVERSAMPLING), np.int32)


def _bounds(mask: FloatArray) -> tuple[slice, slice]:
    """Return the rows and columns of the smallest rectangle around a mask."""
    import cv2

    left, top, width, height = cv2.boundingRect((mask > 1 / 512).astype(np.uint8))
    return slice(top, top + height), slice(left, left + width)
