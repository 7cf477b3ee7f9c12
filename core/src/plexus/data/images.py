"""Images of any kind as 8-bit arrays."""

import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

import numpy as np

from plexus.codec import Input
from plexus.errors import InputError
from plexus.inference.limits import input_limits

if TYPE_CHECKING:
    from PIL import Image

ResultT = TypeVar("ResultT")

FORMATS = {
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "PPM": (".pgm", ".ppm", ".pbm", ".pnm"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
"""The formats that are read, by Pillow's name, and their suffixes."""
SUFFIXES = {suffix for suffixes in FORMATS.values() for suffix in suffixes}
MAX_SIDE = 96
"""Default limit of the longer side of a network's images, in pixels."""


def read_image(raw: Input) -> np.ndarray:
    """Read an image.

    16 bits per channel are scaled to 8, transparent pixels are composited on white, the EXIF orientation is applied,
    and of several frames the first is used.

    Args:
        raw: A path, the bytes of a file, or an array of bytes or floats, of shape `(height, width)` or
            `(height, width, channels)` with 1, 3 or 4 channels.

    Returns:
        Bytes of shape `(height, width, 1)` if the image is grey, else `(height, width, 3)`.

    Raises:
        InputError: If it is not an image, is cut off, or is too large; the line names the file.
    """
    if isinstance(raw, np.ndarray):
        return _from_array(raw)
    name, content = ("the picture", io.BytesIO(raw)) if isinstance(raw, bytes) else (str(raw), Path(raw))
    return np.asarray(_guarded(name, lambda: _decode(content)))


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
        height, width, channels = _from_array(raw).shape
        return height, width, channels
    name, content = ("the picture", io.BytesIO(raw)) if isinstance(raw, bytes) else (str(raw), raw)
    height, width, channels = _guarded(name, lambda: _header(content))
    return height, width, channels


def find_images(folder: Path) -> list[Path]:
    """Find the images of a folder and its sub-folders.

    Args:
        folder: The folder.

    Returns:
        The files, sorted.

    Raises:
        InputError: If there are none.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        raise InputError(f"{folder} has no images ({', '.join(sorted(SUFFIXES))})")
    return files


def image_errors(files: Sequence[Path]) -> list[str | None]:
    """Try to read images, with threads.

    Args:
        files: The files.

    Returns:
        The error of each file; None for those that can be read.
    """
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_read_error, files))


def _read_error(file: Path) -> str | None:
    try:
        read_image(file)
    except InputError as error:
        return str(error)
    return None


def to_image_array(place: str, array: np.ndarray) -> np.ndarray:
    """Convert an array of images to bytes with an axis of channels.

    Args:
        place: Where the array comes from, for the error message.
        array: Shape `(n, height, width)`, `(n, height, width, 1 or 3)`, or `(n, side * side)`.

    Returns:
        Bytes of shape `(n, height, width, 1 or 3)`.

    Raises:
        InputError: If the shape is another, or a pixel is negative or not finite.
    """
    side = round(array.shape[1] ** 0.5) if array.ndim == 2 else 0
    if array.ndim == 2 and side * side == array.shape[1]:
        array = array.reshape(-1, side, side)
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[3] not in {1, 3}:
        raise InputError(
            f"{place}: expected images of shape (n, height, width) or (n, height, width, 3), got shape {array.shape}"
        )
    if array.dtype == np.uint8:
        return array
    most = float(array.max())
    if not np.isfinite(most) or array.min() < 0:
        raise InputError(f"{place}: pixels must be finite and not negative")
    return np.rint(array * (255.0 if most <= 1 else 255.0 / max(most, 255.0))).astype(np.uint8)


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
    """Convert an image to grey or to colour.

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
    return np.rint(image @ weights).astype(np.uint8)[..., None]


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


def open_image(content: str | Path | IO[bytes], formats: Iterable[str] = FORMATS) -> "Image.Image":
    """Open an image with Pillow; its pixels are not decoded yet.

    All images from outside are opened here: by default Pillow detects the format by the first bytes, and runs a file
    that begins with `%!PS` as a program, with Ghostscript.

    Args:
        content: A path, or a stream of bytes.
        formats: Names of `FORMATS`; no other format is read.

    Returns:
        The image, a `PIL.Image.Image`.

    Raises:
        PIL.UnidentifiedImageError: If it is in none of these formats.
    """
    # For a format that is not registered Pillow would import all its forty modules: `preinit` registers the others.
    from PIL import Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()
    Image.MAX_IMAGE_PIXELS = int(input_limits().pixels)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        return Image.open(content, formats=list(formats))


def restrict_pillow() -> None:
    """Restrict `PIL.Image.open` to `FORMATS` in this process, unless it is called with formats by name.

    For a server with pages: Gradio opens uploads before the page's own function is called.
    """
    from PIL import Image

    Image.init()  # registers all formats; none is registered later
    Image.ID[:] = [name for name in Image.ID if name in FORMATS]


def _header(content: str | Path | IO[bytes]) -> tuple[int, int, int]:
    with open_image(content) as picture:
        turned = picture.getexif().get(0x0112, 1) >= 5
        width, height = picture.size[::-1] if turned else picture.size
        return height, width, 1 if picture.mode in {"1", "L", "LA", "I", "F"} or picture.mode.startswith("I;") else 3


def _decode(content: str | Path | IO[bytes]) -> np.ndarray:
    from PIL import ImageOps

    with open_image(content) as picture:
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        if upright.mode == "F" or upright.mode.startswith("I"):
            return _to_bytes(np.asarray(upright, np.float32))[..., None]
        return _flat(upright)


def _flat(picture: "Image.Image") -> np.ndarray:
    """Return grey or RGB bytes, transparent pixels composited on white."""
    from PIL import Image

    if picture.mode in {"1", "L"}:
        return np.asarray(picture.convert("L"))[..., None]
    if picture.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in picture.info:
        over = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", over.size, "white"), over)
    return np.asarray(picture.convert("RGB"))


def _guarded(name: str, read: Callable[[], ResultT]) -> ResultT:
    from PIL import Image, UnidentifiedImageError

    try:
        return read()
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file") from error
    except UnidentifiedImageError as error:
        suffixes = ", ".join(sorted(SUFFIXES))
        raise InputError(
            f"{name} is not a picture in a known format ({suffixes}): convert it to one of these"
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"{name} has more than {input_limits().pixels:,} pixels: scale it down first") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InputError(f"{name} is damaged or cut off: {error}") from error


def _from_array(array: np.ndarray) -> np.ndarray:
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] not in {1, 3, 4}:
        raise InputError(
            f"expected an image of shape (height, width[, 1, 3 or 4]), got an array of shape {array.shape}"
        )
    pixels = _to_bytes(array)
    if array.shape[2] == 4:
        from PIL import Image

        return _flat(Image.fromarray(pixels, "RGBA"))
    return pixels


def _to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Scale to 0..255: floats up to 1 from 1, all else from the range of the fewest bits (8, 10, …) that hold it."""
    if pixels.dtype == np.uint8:
        return pixels
    most = float(pixels.max(initial=0))
    if not np.isfinite(most) or pixels.min(initial=0) < 0:
        raise InputError("the pixels of a picture must be finite and not negative")
    full = 1 if most <= 1 else next((2.0**bits - 1 for bits in (8, 10, 12, 14, 16) if most < 2**bits), most)
    return np.clip(np.rint(pixels * (255.0 / full)), 0, 255).astype(np.uint8)
