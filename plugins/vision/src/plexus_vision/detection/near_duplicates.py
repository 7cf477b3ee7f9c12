"""Images that are copies of each other up to compression, scale and light."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from plexus import InputError
from plexus.codec import Input
from plexus.data.images import map_images, resize

THUMBNAIL = (32, 34, 1)
"""Height, width and channels of thumbnails: means of 2 x 2 pixels are the 16 x 17 ones of the difference hash."""
MAX_DISTANCE = 40
"""Bits of 256 in which the difference hashes of two copies differ at most. Different images differ in about 100."""
MIN_CORRELATION = 0.9
"""Least correlation of the thumbnails of two copies."""
MIN_CONTRAST = 2.0
"""Standard deviation of a thumbnail's grey values below which an image is blank, and equal to no other one."""
MAX_PAIRS = 100
"""Pairs of an image with later ones that are returned: n copies of one image have n (n - 1) / 2."""
_BLOCK = 1 << 24
"""Pairs that are compared at once: some 200 MB."""
_FEW_PAIRS = 1 << 13
"""Number of candidates up to which only their grey values are compared, instead of those of all pairs."""


@dataclass(frozen=True)
class ImageSummary:
    """Size and thumbnail of an image.

    Args:
        size: Width and height in pixels, the Exif orientation applied.
        thumbnail: Grey values, bytes of shape `(32, 34)`.

    Example:
        ```python
        (summary,) = summarize_images([Path("1.jpg")])
        ```
    """

    size: tuple[int, int]
    thumbnail: np.ndarray


def summarize_images(images: "Sequence[Input] | np.ndarray") -> list[ImageSummary | str]:
    """Read each image once, with threads.

    Args:
        images: Files or arrays.

    Returns:
        The summary of each image, or the error of reading it.

    Raises:
        InputError: If a file may not be read.
    """
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_summarize, images))


def find_near_duplicates(thumbnails: np.ndarray) -> np.ndarray:
    """Find pairs of images that are copies up to compression, scale, brightness and contrast.

    Pairs whose difference hashes (Krawetz 2013, "Kind of Like That", here of 16 x 16 bits) differ in few bits are
    confirmed by the correlation of their grey values. Crops and mirrored copies are not recognized. Of an image with
    more than `MAX_PAIRS` later copies the pairs with the first ones are returned, which connect them all.

    Args:
        thumbnails: Thumbnails of `summarize_images`, shape `(images, 32, 34)`.

    Returns:
        Indices of the two images of each pair, the lower one first, shape `(pairs, 2)`.
    """
    values = np.asarray(thumbnails, np.float32).reshape(-1, *THUMBNAIL[:2])
    rows = np.flatnonzero(values.std(axis=(1, 2)) >= MIN_CONTRAST)
    means = values[rows].reshape(-1, 16, 2, 17, 2).mean(axis=(2, 4))
    bits = np.where(means[:, :, 1:] > means[:, :, :-1], np.float32(1), np.float32(-1)).reshape(-1, 256)
    centered = values[rows].reshape(-1, THUMBNAIL[0] * THUMBNAIL[1])
    centered = centered - centered.mean(axis=1, keepdims=True)
    centered /= np.maximum(np.linalg.norm(centered, axis=1, keepdims=True), 1e-6)
    pairs = [np.empty((0, 2), int)]
    block = max(_BLOCK // max(len(rows), 1), 1)
    for start in range(0, len(rows), block):
        part = slice(start, start + block)
        # Of 256 bits, d differ if the product of their signs is 256 - 2 d.
        is_near = np.triu(bits[part] @ bits.T >= 256 - 2 * MAX_DISTANCE, start + 1)
        first, second = _copies(is_near, centered[part], centered)
        pairs.append(np.stack([rows[start + first], rows[second]], axis=1))
    return np.concatenate(pairs)


def _copies(is_near: np.ndarray, part: np.ndarray, centered: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of which the grey values correlate, at most `MAX_PAIRS` of a row."""
    if np.count_nonzero(is_near) <= _FEW_PAIRS:
        first, second = np.nonzero(is_near)
        is_copy = np.einsum("ij,ij->i", part[first], centered[second]) >= MIN_CORRELATION
        first, second = first[is_copy], second[is_copy]
        rank = np.arange(len(first)) - np.searchsorted(first, first)
        return first[rank < MAX_PAIRS], second[rank < MAX_PAIRS]
    is_near &= part @ centered.T >= MIN_CORRELATION
    first, second = np.nonzero(is_near & (is_near.cumsum(axis=1, dtype=np.int32) <= MAX_PAIRS))
    return first, second


def _summarize(image: Input) -> ImageSummary | str:
    try:
        return map_images([image], _summary)[0]
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            raise
        return str(error)


def _summary(image: np.ndarray) -> ImageSummary:
    return ImageSummary((image.shape[1], image.shape[0]), resize(image, THUMBNAIL)[..., 0])
