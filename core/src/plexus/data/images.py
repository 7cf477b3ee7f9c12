"""Images of any kind as 8-bit arrays."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, TypeVar

import numpy as np

from plexus.codec import Input
from plexus.data.findings import Findings
from plexus.data.folders import find_files
from plexus.data.image_files import open_image as open_image
from plexus.data.image_files import opened_image, reading, require_exif
from plexus.data.image_files import restrict_pillow as restrict_pillow
from plexus.data.image_formats import FORMATS as FORMATS
from plexus.data.image_formats import IMAGES as IMAGES
from plexus.data.image_formats import SUFFIXES as SUFFIXES
from plexus.data.memory_budget import MemoryBudget
from plexus.data.pixels import STRIP, flatten, is_deep, largest_pixel, to_bytes, with_channels_last
from plexus.errors import InputError
from plexus.inference.limits import input_limits

if TYPE_CHECKING:
    from PIL import Image

ResultT = TypeVar("ResultT")

MAX_SIDE = 96
"""Default limit of the longer side of a network's images, in pixels."""
MIN_FOR_THREADS, SMALL_FILE = 8, 1 << 16
"""Fewer images, or only files of fewer bytes, are read without threads."""
BYTES_PER_PIXEL = 12
"""Memory of decoding: Pillow's pixels, the array, and what is converted at once."""
MAX_PIXEL = 255
_BUDGET = MemoryBudget()


def read_image(raw: Input, pixel_range: float | None = None) -> np.ndarray:
    """Read an image.

    16 bits per channel are scaled to 8, transparent pixels are composited on white, the EXIF orientation is applied,
    and of several frames the first is used.

    Args:
        raw: A path, the bytes of a file, an image of Pillow, or an array of bytes or floats, of shape
            `(height, width)` or `(height, width, channels)` with 1, 3 or 4 channels.
        pixel_range: The pixel of more than 8 bits that becomes 255; see `fit_pixel_range`. By default that of each
            image by itself.

    Returns:
        Bytes of shape `(height, width, 1)` if the image is grey, else `(height, width, 3)`.

    Raises:
        InputError: If it is not an image, is cut off, or exceeds `input_limits()`; the line names the file.
    """
    return _transform(raw, _name(raw), lambda image: image, pixel_range)


def map_images(
    raws: Sequence[Input] | np.ndarray, function: Callable[[np.ndarray], ResultT], pixel_range: float | None = None
) -> list[ResultT]:
    """Read images, with threads if that is faster, and apply a function to each.

    At most `input_limits().memory` bytes of decoded images are in memory at once, in all threads of the process.

    Args:
        raws: As for `read_image`.
        function: Applied to each image while the next ones are read; it returns something smaller.
        pixel_range: As for `read_image`.

    Returns:
        The results, in order.

    Raises:
        InputError: As for `read_image`; the line names the file, or the number of the image.
    """
    several = len(raws) > 1

    def read(number: int, raw: Input) -> ResultT:
        named = isinstance(raw, str | Path) or not several
        return _transform(raw, _name(raw) if named else f"image {number} of {len(raws)}", function, pixel_range)

    numbers = range(1, len(raws) + 1)
    if len(raws) < MIN_FOR_THREADS or not any(_is_slow(raw) for raw in raws[:MIN_FOR_THREADS]):
        return list(map(read, numbers, raws))
    with ThreadPoolExecutor() as pool:
        return list(pool.map(read, numbers, raws))


def image_shape(raw: Input) -> tuple[int, int, int]:
    """Read the shape of an image from its header alone.

    Args:
        raw: As for `read_image`.

    Returns:
        Height, width and channels.

    Raises:
        InputError: As for `read_image`.
    """
    if isinstance(raw, np.ndarray):
        height, width, channels = _checked_array(raw, _name(raw)).shape
        return height, width, 3 if channels == 4 else channels
    if is_pillow_image(raw):
        height, width, channels = read_image(raw).shape
        return height, width, channels
    with opened_image(raw, _name(raw)) as picture, reading(_name(raw)):
        require_exif(picture, _name(raw))
        # Of a PNG whose header has no EXIF, Pillow would decode all pixels to look for one behind them.
        turned = (picture.format != "PNG" or "exif" in picture.info) and picture.getexif().get(0x0112, 1) >= 5
        width, height = picture.size[::-1] if turned else picture.size
        return height, width, 1 if picture.mode in {"1", "L", "LA"} or is_deep(picture) else 3


def count_pixels(raws: Sequence[Input]) -> int:
    """Count the pixels of images by their headers, to limit the work of a request before it starts.

    Args:
        raws: As for `read_image`.

    Returns:
        The pixels of all images together; those that cannot be read have none.

    Example:
        ```python
        if count_pixels(files) > 200_000_000:
            raise InputError("send fewer or smaller images in a request")
        ```
    """
    return sum(map(_pixels_of, raws))


def is_pillow_image(value: object) -> "TypeGuard[Image.Image]":
    """Return whether a value is an image of Pillow, without importing Pillow.

    Args:
        value: The value.

    Returns:
        Whether it is.
    """
    return any(kind.__module__ == "PIL.Image" for kind in type(value).__mro__)


def is_single_image(value: object) -> bool:
    """Return whether a value is one image as an array, not an array of images.

    Args:
        value: The value.

    Returns:
        True for arrays of shape `(height, width)` and `(height, width, channels)` with 1, 3 or 4 channels. Images of so
        few columns are not expected.
    """
    return isinstance(value, np.ndarray) and (value.ndim == 2 or (value.ndim == 3 and value.shape[2] in (1, 3, 4)))


def find_images(folder: Path, findings: Findings | None = None) -> list[Path]:
    """Find the images of a folder and its sub-folders, by content.

    Args:
        folder: The folder.
        findings: Collects what is left out; by default it is printed.

    Returns:
        The files, sorted.

    Raises:
        InputError: If there are none, or a folder or a file may not be read.
    """
    return find_files(folder, IMAGES, findings)


def image_errors(files: Sequence[Path]) -> list[str | None]:
    """Try to read images, with threads.

    Args:
        files: The files.

    Returns:
        The error of each file; None for those that can be read.

    Raises:
        InputError: If a file may not be read.
    """
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_read_error, files))


def fit_pixel_range(raws: Sequence[Input] | np.ndarray) -> float | None:
    """Return the largest pixel of training images of more than 8 bits, which a codec stores.

    Without it each image would be scaled by itself: a dim one would look like a bright one.

    Args:
        raws: The images: an array of all, or files and arrays.

    Returns:
        The largest pixel; None if 8 bits hold all of them.

    Raises:
        InputError: As for `read_image`.
    """
    if isinstance(raws, np.ndarray):
        most = 0.0 if raws.dtype == np.uint8 else largest_pixel(raws, "the array of images")
    elif any(_largest(raw) > MAX_PIXEL for raw in evenly_spaced(raws)):
        most = max(map(_largest, raws))
    else:
        return None
    return most if most > MAX_PIXEL else None


def to_image_array(place: str, array: np.ndarray) -> np.ndarray:
    """Return an array of images with an axis of channels, as bytes if 8 bits hold them.

    Args:
        place: Where the array comes from, for the error message.
        array: Shape `(n, height, width)`, `(n, height, width, 1, 3 or 4)`, `(n, 1, 3 or 4, height, width)`, or
            `(n, side * side)`.

    Returns:
        Images of shape `(n, height, width, 1, 3 or 4)`: bytes, floats up to 1 scaled to them; pixels beyond 255 are
        returned as they are, and read with the range that `fit_pixel_range` returns. Bytes have 1 or 3 channels.

    Raises:
        InputError: If the shape is another, or a pixel is negative or not finite.
    """
    side = round(array.shape[1] ** 0.5) if array.ndim == 2 else 0
    if array.ndim == 2 and side * side == array.shape[1]:
        array = array.reshape(-1, side, side)
    array = array[..., None] if array.ndim == 3 else array
    array = with_channels_last(array, place) if array.ndim == 4 else array
    if array.ndim != 4 or array.shape[3] not in {1, 3, 4}:
        raise InputError(
            f"{place}: expected images of shape (n, height, width) or (n, height, width, 3), got shape {array.shape}"
        )
    if array.dtype != np.uint8:
        most = largest_pixel(array, place)
        if most > MAX_PIXEL:
            return array
        array = to_bytes(array, place, 1 if most <= 1 else MAX_PIXEL)
    return np.stack([_on_white(image) for image in array]) if array.shape[3] == 4 and len(array) else array


def evenly_spaced(raws: Sequence[Input] | np.ndarray, most: int = 1000) -> list[Input]:
    """Return an evenly spaced sample, in which every class and folder is represented.

    Args:
        raws: Raw inputs.
        most: Size of the sample at most.

    Returns:
        The sample.
    """
    return [raws[i] for i in np.unique(np.linspace(0, len(raws) - 1, min(most, len(raws))).astype(int))]


def suitable_shape(raws: Sequence[Input] | np.ndarray, size: int | None = None) -> tuple[int, int, int]:
    """Return the shape for a network's images: the median of the images' shapes, scaled.

    Args:
        raws: Images.
        size: The longer side in pixels; by default that of the median, at most `MAX_SIDE`.

    Returns:
        Height, width and channels.
    """
    shapes = [image_shape(raw) for raw in evenly_spaced(raws)]
    height, width = (int(side) for side in np.median([shape[:2] for shape in shapes], axis=0))
    scale = (size or min(max(height, width), MAX_SIDE)) / max(height, width)
    return max(round(height * scale), 4), max(round(width * scale), 4), max(channels for _, _, channels in shapes)


def to_channels(image: np.ndarray, channels: int) -> np.ndarray:
    """Convert an image to grey or to color.

    Args:
        image: Bytes of shape `(height, width, 1 or 3)`.
        channels: 1 or 3.

    Returns:
        Bytes of shape `(height, width, channels)`.
    """
    if image.shape[2] == channels:
        return image
    if channels == 3:
        return image.repeat(3, axis=2)
    weights = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as Pillow and OpenCV have it
    grey = np.empty((*image.shape[:2], 1), np.uint8)
    rows = max(STRIP // max(image.shape[1], 1), 1)
    for top in range(0, len(image), rows):
        grey[top : top + rows, :, 0] = np.rint(image[top : top + rows] @ weights)
    return grey


def resize(image: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Scale an image, with anti-aliasing; the aspect ratio is not kept.

    Args:
        image: Bytes of shape `(height, width, 1 or 3)`.
        shape: Height, width and channels.

    Returns:
        Bytes of that shape.
    """
    image = to_channels(image, shape[2])
    if image.shape == shape:
        return image
    from PIL import Image

    picture = Image.fromarray(image[..., 0] if shape[2] == 1 else image)
    return np.asarray(picture.resize((shape[1], shape[0]), Image.Resampling.BILINEAR, reducing_gap=3)).reshape(shape)


def _transform(raw: Input, name: str, function: Callable[[np.ndarray], ResultT], pixel_range: float | None) -> ResultT:
    """Read an image and apply a function to it, within the budget of memory."""
    if isinstance(raw, np.ndarray):
        return function(_from_array(raw, name, pixel_range))
    if is_pillow_image(raw):
        return function(_decode(raw.copy(), name, pixel_range))
    if not isinstance(raw, str | Path | bytes):
        raise InputError(f"expected an image: a path, bytes, an array or a Pillow image, got {type(raw).__name__}")
    with opened_image(raw, name) as picture, _reserved(picture):
        return function(_decode(picture, name, pixel_range))


def _reserved(picture: "Image.Image") -> AbstractContextManager[None]:
    width, height = picture.size
    return _BUDGET.reserve(width * height * BYTES_PER_PIXEL, input_limits().memory)


def _decode(picture: "Image.Image", name: str, pixel_range: float | None) -> np.ndarray:
    """Return the pixels, and free those that Pillow holds."""
    from PIL import ImageOps

    with reading(name):
        picture.load()
        if picture.info or picture.format != "PNG":  # a PNG without metadata has no orientation
            require_exif(picture, name)
            ImageOps.exif_transpose(picture, in_place=True)
        deep = is_deep(picture)
        pixels = np.asarray(picture, np.float32) if deep else flatten(picture)
        picture.close()
    return to_bytes(pixels, name, pixel_range)[..., None] if deep else pixels


def _largest(raw: Input) -> float:
    """Return the largest pixel of an image of more than 8 bits; 0 for others."""
    name = _name(raw)
    if isinstance(raw, np.ndarray):
        return 0.0 if raw.dtype == np.uint8 else largest_pixel(raw, name)
    if is_pillow_image(raw):
        return largest_pixel(np.asarray(raw), name) if is_deep(raw) else 0.0
    with opened_image(raw, name) as picture:
        if not is_deep(picture):
            return 0.0
        with _reserved(picture), reading(name):
            return largest_pixel(np.asarray(picture), name)


def _pixels_of(raw: Input) -> int:
    try:
        if isinstance(raw, np.ndarray):
            return int(np.prod(_checked_array(raw, _name(raw)).shape[:2]))
        if is_pillow_image(raw):
            return int(np.prod(raw.size))
        with opened_image(raw, _name(raw)) as picture:
            return picture.size[0] * picture.size[1]
    except InputError:
        return 0


def _read_error(file: Path) -> str | None:
    try:
        read_image(file)
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            raise
        return str(error)
    return None


def _name(raw: Input) -> str:
    return str(raw) if isinstance(raw, str | Path) else "the image"


def _is_slow(raw: Input) -> bool:
    """Return whether an image has to be read from a disk, or decoded from many bytes."""
    return isinstance(raw, str | Path) or (isinstance(raw, bytes) and len(raw) > SMALL_FILE)


def _from_array(array: np.ndarray, name: str, pixel_range: float | None) -> np.ndarray:
    pixels = to_bytes(_checked_array(array, name), name, pixel_range)
    return _on_white(pixels) if pixels.shape[2] == 4 else pixels


def _checked_array(array: np.ndarray, name: str) -> np.ndarray:
    """Return an image with an axis of channels, the last one."""
    image = array[..., None] if array.ndim == 2 else array
    image = with_channels_last(image, name) if image.ndim == 3 else image
    if image.ndim != 3 or image.shape[2] not in {1, 3, 4} or not image.size:
        place = "" if name == "the image" else f"{name}: "
        raise InputError(
            f"{place}expected an image of shape (height, width[, 1, 3 or 4]), got an array of shape {array.shape}"
        )
    return image


def _on_white(image: np.ndarray) -> np.ndarray:
    from PIL import Image

    return flatten(Image.fromarray(image, "RGBA"))
