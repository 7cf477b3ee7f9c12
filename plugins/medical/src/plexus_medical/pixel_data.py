"""Pixels of medical images: DICOM and the formats of `plexus.data.images`."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np

from plexus import InputError
from plexus.codec import Input
from plexus.data.folders import FileKind
from plexus.data.image_formats import FORMATS, SUFFIXES, classify_image, image_format
from plexus.data.images import fit_pixel_range as fit_range
from plexus.data.images import image_shape, read_image
from plexus_medical.dicom import PREFIX, PREFIX_START, dicom_shape, is_dicom, read_dicom
from plexus_medical.dicom import SUFFIXES as DICOM_SUFFIXES

ResultT = TypeVar("ResultT")

MIN_FOR_THREADS = 8
"""Fewer images are read without threads."""
HEAD = 64
"""Bytes that tell the format of an image."""
UNKNOWN = (
    f"neither DICOM nor an image in a known format ({', '.join(FORMATS)}): convert it to one of these; a DICOM file "
    f"has {PREFIX.decode()} after its first {PREFIX_START} bytes"
)
_DIRECTORY = b"UI\x14\x001.2.840.10008.1.3.10"
"""Class of a DICOMDIR, a table of contents (PS3.10, section 8), in the header of the file."""


def read_pixels(raw: Input, pixel_range: float | None = None, name: str | None = None) -> np.ndarray:
    """Read a medical image.

    Args:
        raw: A path, the bytes of a file, an image of Pillow, or an array of shape `(height, width)` or
            `(height, width, channels)`. A DICOM file is recognized by its content.
        pixel_range: The pixel that becomes white, of images of more than 8 bits that are no DICOM files; see
            `fit_pixel_range`. By default that of each image by itself.
        name: Its name in error messages; by default the path.

    Returns:
        Grey of shape `(height, width)`, also of a colored image whose channels are equal, or RGB of shape
        `(height, width, 3)`. `uint8`, or `uint16` of DICOM files that store more than 8 bits: white is 255 or 65,535.

    Raises:
        InputError: If it is no image, is damaged, exceeds `input_limits()`, or may not be read; the line names it.

    Example:
        ```python
        pixels = read_pixels(Path("chest.dcm"))
        shares = pixels / np.float32(np.iinfo(pixels.dtype).max)  # 0 to 1
        ```
    """
    if isinstance(raw, str | Path | bytes) and is_dicom(raw):
        return without_equal_channels(read_dicom(raw, name))
    try:
        return without_equal_channels(read_image(raw, pixel_range))
    except InputError as error:
        if isinstance(raw, str | Path | bytes) and _is_unknown(raw):
            place = name or ("the image" if isinstance(raw, bytes) else str(raw))
            raise InputError(f"{place}: its content is {UNKNOWN}") from error
        if name is None or isinstance(raw, str | Path):
            raise
        raise InputError(f"{name}: {error}") from error


def map_pixels(
    raws: Sequence[Input] | np.ndarray, function: Callable[[np.ndarray], ResultT], pixel_range: float | None = None
) -> list[ResultT]:
    """Read medical images, several at once in threads, and apply a function to each.

    Args:
        raws: As for `read_pixels`.
        function: Applied to the pixels of each image; it returns something smaller.
        pixel_range: As for `read_pixels`.

    Returns:
        The results, in order.

    Raises:
        InputError: As for `read_pixels`; the line names the file, or the number of the image.
    """
    several = len(raws) > 1

    def read(number: int, raw: Input) -> ResultT:
        name = f"image {number} of {len(raws)}" if several and not isinstance(raw, str | Path) else None
        return function(read_pixels(raw, pixel_range, name))

    numbers = range(1, len(raws) + 1)
    if isinstance(raws, np.ndarray) or len(raws) < MIN_FOR_THREADS:
        return list(map(read, numbers, raws))
    with ThreadPoolExecutor() as pool:
        return list(pool.map(read, numbers, raws))


def _is_unknown(raw: str | Path | bytes) -> bool:
    """Return whether a file that has content and can be read begins as no known kind of image."""
    try:
        if not isinstance(raw, bytes):
            with Path(raw).open("rb") as stream:
                raw = stream.read(HEAD)
    except OSError:
        return False
    return bool(raw) and image_format(raw[:HEAD]) is None


def pixel_shape(raw: Input) -> tuple[int, int, int]:
    """Read the shape of a medical image from its header alone.

    Args:
        raw: As for `read_pixels`.

    Returns:
        Height, width and channels, 1 or 3.

    Raises:
        InputError: As for `read_pixels`.
    """
    if isinstance(raw, str | Path | bytes) and is_dicom(raw):
        return dicom_shape(raw)
    return image_shape(raw)


def fit_pixel_range(raws: Sequence[Input] | np.ndarray) -> float | None:
    """Return the largest pixel of training images of more than 8 bits, which a codec stores.

    DICOM files are left out: they say themselves which values are black and white.

    Args:
        raws: The images: an array of all, or files and arrays.

    Returns:
        The largest pixel; None if 8 bits hold all of them.

    Raises:
        InputError: As for `read_pixels`.
    """
    if isinstance(raws, np.ndarray):
        return fit_range(raws)
    others = [raw for raw in raws if not (isinstance(raw, str | Path | bytes) and is_dicom(raw))]
    return fit_range(others) if others else None


def without_equal_channels(pixels: np.ndarray) -> np.ndarray:
    """Return grey images without an axis of channels.

    Args:
        pixels: One or more images; the last axis has 1 or 3 channels if there are three axes or more.

    Returns:
        The pixels without that axis, if all channels are equal; else as they are.
    """
    if pixels.ndim < 3 or pixels.shape[-1] not in {1, 3}:
        return pixels
    first = pixels[..., 0]
    is_grey = all(np.array_equal(first, pixels[..., channel]) for channel in range(1, pixels.shape[-1]))
    return np.ascontiguousarray(first) if is_grey else pixels


def classify_medical_image(head: bytes, suffix: str) -> bool | str:
    """Return whether a file is a medical image that is read; see `FileKind.classify`.

    Args:
        head: The first bytes of the file.
        suffix: Its suffix in lower case.

    Returns:
        True for DICOM and for images, False for no image and for a DICOMDIR, else the reason why it is not read.
    """
    if is_dicom(head):
        return _DIRECTORY not in head
    return classify_image(head, suffix)


MEDICAL_IMAGES = FileKind("images", {*SUFFIXES, *DICOM_SUFFIXES}, classify_medical_image)
"""The kind of files that are medical images."""
