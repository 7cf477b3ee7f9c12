"""Changes of a picture of a face: turned, small, compressed, darker or brighter, and with things drawn on it."""

import cv2
import numpy as np

SCARF, STRIPE, FRAME = (75, 75, 75), (150, 150, 150), (25, 25, 25)
SHIFT = 4
"""Shapes are drawn with so many bits of a fraction of a pixel."""


def change_picture(image: np.ndarray, points: np.ndarray, number: int) -> dict[str, np.ndarray]:
    """Return changed copies of a picture of a face.

    Args:
        image: The picture, bytes of shape `(h, w, 3)`.
        points: Its five landmarks, shape `(5, 2)`.
        number: Number of the picture: even ones are turned and brightened the other way.

    Returns:
        Pictures by name of the change.
    """
    return {
        "rotated ±20°": turn(image, 20 if number % 2 else -20),
        "half size": cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        "JPEG, quality 30": compress(image, 30),
        "brightness ±40 %": np.clip(image * (0.6 if number % 2 else 1.4), 0, 255).astype(np.uint8),
        "a drawn scarf": add_scarf(image, points),
        "drawn glasses": add_glasses(image, points, are_dark=False),
        "drawn sunglasses": add_glasses(image, points, are_dark=True),
    }


def turn(image: np.ndarray, degrees: float) -> np.ndarray:
    """Turn around the center; the border is continued."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def compress(image: np.ndarray, quality: int) -> np.ndarray:
    """Store as JPEG and read again."""
    _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(content, cv2.IMREAD_COLOR)


def add_scarf(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Cover all below the nose, the mouth and the chin, by a striped scarf."""
    center, right, down = _axes(points)
    top = 0.95 * float((points[4] - center) @ down) / float(down @ down)
    shapes = [(SCARF, [(-1.2, top + 0.12), (0, top), (1.2, top + 0.12), (1.2, 4), (-1.2, 4)])]
    for level in np.arange(top + 0.3, 4, 0.35).tolist():
        shapes.append((STRIPE, [(-1.2, level), (1.2, level), (1.2, level + 0.15), (-1.2, level + 0.15)]))
    drawn = image.copy()
    for color, corners in shapes:
        places = np.round((center + np.array(corners) @ np.stack([right, down])) * 2**SHIFT).astype(np.int32)
        cv2.fillPoly(drawn, [places], color, cv2.LINE_AA, SHIFT)
    return drawn


def add_glasses(image: np.ndarray, points: np.ndarray, are_dark: bool) -> np.ndarray:
    """Draw dark frames around the eyes, or cover the eyes."""
    center, right, _ = _axes(points)
    size = float(np.linalg.norm(right))
    thickness = max(round(size / 14), 1)
    angle = float(np.degrees(np.arctan2(right[1], right[0])))
    drawn, fixed = image.copy(), 2**SHIFT
    for side in (-1, 1):
        eye = center + side * right / 2
        place, axes = np.round(eye * fixed).astype(int), (round(0.38 * size * fixed), round(0.3 * size * fixed))
        line = -1 if are_dark else thickness
        cv2.ellipse(drawn, place.tolist(), axes, angle, 0, 360, FRAME, line, cv2.LINE_AA, SHIFT)
        for first, second in ((0.38, 0.7), (-0.38, -0.5)):  # the temple, and half of the bridge
            ends = [np.round((eye + side * each * right) * fixed).astype(int).tolist() for each in (first, second)]
            cv2.line(drawn, *ends, FRAME, thickness, cv2.LINE_AA, SHIFT)
    return drawn


def _axes(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the center between the eyes, the vector from one eye to the other, and one downwards that is as long."""
    first, second = points[:2].mean(axis=0), points[2:4].mean(axis=0)
    right = first - second
    return (first + second) / 2, right, np.array([-right[1], right[0]])
