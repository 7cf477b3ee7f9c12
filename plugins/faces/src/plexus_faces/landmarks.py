"""Facial landmarks: the corners of the eyes and the base of the nose."""

from functools import cache

import numpy as np

from plexus_faces.alignment import as_complex, fit_similarity
from plexus_faces.package_data import LANDMARKS

DEPTH = 4
"""Comparisons on the path through a tree."""


def find_landmarks(image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """Find five landmarks of a face by an ensemble of regression trees (Kazemi & Sullivan 2014).

    Each level of a cascade reads the grey levels of 800 pixels, whose positions follow the landmarks of the level
    before. Each of its 500 trees compares four pairs of them and adds a correction to the landmarks. The trees are
    those of dlib's `shape_predictor_5_face_landmarks`, and all numbers are computed as dlib does, in float32: an error
    of a millionth can move a pixel, and a landmark then by 1 % of the box.

    Args:
        image: The image, bytes of shape `(h, w, 3)`.
        box: Left, top, right and bottom of the face in pixels, as `plexus_faces.detector.detect` returns them.

    Returns:
        The landmarks, shape `(5, 2)`: x and y in pixels, which may lie outside of the image. First the outer and the
        inner corner of the eye at the right of the image, then those of the other eye, then the base of the nose.
    """
    cascade = _load_cascade()
    origin, size = np.array(box[:2]), np.subtract(box[2:], box[:2])
    mean = as_complex(cascade["mean"])
    points = cascade["mean"]
    trees, nodes = cascade["thresholds"].shape[1:]
    for level, leaves in enumerate(cascade["leaves"]):
        turn, _ = fit_similarity(mean, as_complex(points))
        places = np.complex64(turn) * cascade["offsets"][level] + as_complex(points)[cascade["anchors"][level]]
        grey = _grey_levels(image, places.real * size[0] + origin[0], places.imag * size[1] + origin[1])
        first, second = grey.take(cascade["pixels"][level])
        # Every comparison of every tree, then the path through each tree: a gather is what takes time.
        goes_right = (first - second <= cascade["thresholds"][level]).ravel()
        root, node = np.arange(trees) * nodes, np.zeros(trees, np.intp)
        for _ in range(DEPTH):
            node = 2 * node + 1 + goes_right.take(root + node)
        corrections = leaves.take(np.arange(trees) * (nodes + 1) + node - nodes, axis=0)
        points = np.concatenate([points.reshape(1, -1), corrections]).sum(0).reshape(-1, 2)
    landmarks: np.ndarray = points * size + origin
    return landmarks


def _grey_levels(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the mean of red, green and blue of the nearest pixels; 0 outside of the image."""
    height, width = image.shape[:2]
    column, row = np.floor(x + 0.5).astype(np.intp), np.floor(y + 0.5).astype(np.intp)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    red, green, blue = image.reshape(-1, 3).take((row * width + column) * inside, axis=0).T.astype(np.int16)
    levels: np.ndarray = (red + green + blue) // 3 * inside
    return levels


@cache
def _load_cascade() -> dict[str, np.ndarray]:
    """Load the arrays of `plexus_faces.conversion.read_landmarks`, in the shapes that are gathered from."""
    with np.load(LANDMARKS, allow_pickle=False) as arrays:
        cascade = dict(arrays)
    cascade["offsets"] = as_complex(cascade["offsets"])
    cascade["pixels"] = cascade["pixels"].astype(np.intp)
    cascade["leaves"] = cascade["leaves"].reshape(len(cascade["leaves"]), -1, cascade["mean"].size)
    return cascade
