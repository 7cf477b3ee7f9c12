"""Alignment of faces by their landmarks."""

import numpy as np

REFERENCE = np.array(
    [
        [0.8595674595992, 0.2134981538014],
        [0.6460604764104, 0.2289674387677],
        [0.1205750620789, 0.2137274526848],
        [0.3340850613712, 0.2290642403242],
        [0.4901123135679, 0.6277975316475],
    ]
)
"""Mean landmarks of faces, as shares of the size of an aligned face without padding (dlib's `get_face_chip`)."""


def align(image: np.ndarray, points: np.ndarray, size: int = 150, padding: float = 0.25) -> np.ndarray:
    """Turn, scale and crop a face so that its landmarks come close to those of the mean face.

    Args:
        image: The image, bytes of shape `(h, w, 3)`.
        points: Landmarks as `plexus_faces.landmarks.find_landmarks` returns them, shape `(5, 2)`.
        size: Height and width of the aligned face in pixels.
        padding: Width of the border around the mean face, as a share of the face's width.

    Returns:
        The aligned face, bytes of shape `(size, size, 3)`; black outside of the image.
    """
    import cv2

    reference = (padding + REFERENCE) / (2 * padding + 1) * size
    scale, offset = fit_similarity(as_complex(reference), as_complex(points))
    # A face that is larger than the chip is sampled several times a pixel and averaged.
    samples = max(1, round(abs(scale)))
    turn = scale / samples
    origin = offset + turn * (0.5 + 0.5j)  # the centre of the first pixel
    matrix = np.array([[turn.real, -turn.imag, origin.real], [turn.imag, turn.real, origin.imag]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    chip: np.ndarray = cv2.warpAffine(image, matrix, (size * samples, size * samples), flags=flags)
    return chip if samples == 1 else cv2.resize(chip, (size, size), interpolation=cv2.INTER_AREA)


def as_complex(points: np.ndarray) -> np.ndarray:
    """Return points of the plane as complex numbers: turning and scaling is then a product.

    Args:
        points: Points of shape `(..., 2)`: x and y.

    Returns:
        x + iy, shape `(...)`.
    """
    return points[..., 0] + 1j * points[..., 1]


def fit_similarity(source: np.ndarray, target: np.ndarray) -> tuple[complex, complex]:
    """Fit target = scale · source + offset by least squares, a rotation, scaling and translation (Umeyama 1991).

    Args:
        source: Points as complex numbers, shape `(n,)`; at least two differ.
        target: Points as complex numbers, shape `(n,)`.

    Returns:
        Scale and offset; the angle of the complex scale is that of the rotation.
    """
    centred = source - source.mean()
    scale = np.vdot(centred, target) / np.vdot(centred, centred)
    return scale, target.mean() - scale * source.mean()
