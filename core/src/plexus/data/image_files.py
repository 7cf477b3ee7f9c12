"""Opening of images within the limits of this process."""

import io
import mmap
import os
import stat
import struct
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from plexus.codec import Input
from plexus.data.image_formats import FORMATS, format_problem, image_format, open_heic
from plexus.data.image_headers import exif_problem, header_problem, needs_check
from plexus.data.videos import is_video
from plexus.errors import InputError, os_error
from plexus.inference.limits import input_limits

if TYPE_CHECKING:
    from PIL import Image

_DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, LookupError, TypeError, AttributeError, ArithmeticError,
    RuntimeError,
)  # fmt: skip
"""Errors that Pillow's readers raise for bytes that are no image of their format."""


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
    from PIL import AvifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()
    Image.MAX_IMAGE_PIXELS = int(input_limits().pixels)
    # The size is checked by `_require_size`; a filter for the block alone would not be safe with threads.
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    warnings.filterwarnings("ignore", category=UserWarning, module="PIL")  # of damaged metadata, which are not used
    return Image.open(content, formats=list(formats))


def restrict_pillow() -> None:
    """Restrict `PIL.Image.open` to `FORMATS` in this process, unless it is called with formats by name.

    For a server with pages: Gradio opens uploads before the page's own function is called.
    """
    from PIL import Image

    Image.init()  # registers all formats; none is registered later
    Image.ID[:] = [name for name in Image.ID if name in FORMATS]


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Convert the errors of reading an image to one line that names it.

    Args:
        name: Name of the image.

    Yields:
        Nothing.

    Raises:
        InputError: If it is not an image, is damaged, is too large, or may not be read.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file") from error
    except UnidentifiedImageError as error:
        if is_video(name):
            raise InputError(f"{name}: expected an image ({', '.join(FORMATS)}), got the name of a video") from error
        raise InputError(
            f"{name}: its content is not an image in a known format ({', '.join(FORMATS)}): convert it to one of these"
        ) from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{name} has more than {input_limits().pixels:,} pixels: scale it down first") from error
    except MemoryError as error:
        raise InputError(f"{name} does not fit in the memory of this machine: scale it down first") from error
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno:  # of the system, not of Pillow
            raise os_error(error, "read", Path(name)) from error
        raise InputError(f"{name} is damaged or cut off: {error}") from error


@contextmanager
def opened_image(raw: Input, name: str) -> Iterator["Image.Image"]:
    """Open the file of an image and check its format and size; its pixels are not decoded yet.

    Args:
        raw: A path, or the bytes of a file.
        name: Its name in error messages.

    Yields:
        The image, a `PIL.Image.Image`.

    Raises:
        InputError: If it is not an image, exceeds `input_limits()`, or may not be read.
    """
    with ExitStack() as stack:
        with reading(name):
            content = io.BytesIO(raw) if isinstance(raw, bytes) else stack.enter_context(_regular_file(Path(raw)))
            size = _content_size(content, name)
            head = content.read(64)
            content.seek(0)
            kind = image_format(head)
            problem = format_problem(kind) if kind in {"HEIC", "AVIF"} else ""
            if not problem and kind is not None and needs_check(kind, size):
                problem = _header_problem(raw, content, kind)
            if problem:
                raise InputError(f"{name} {problem}")
            picture = stack.enter_context(open_heic(content) if kind == "HEIC" else open_image(content))
        _require_size(picture, name)
        yield picture


def _regular_file(path: Path) -> IO[bytes]:
    if not stat.S_ISREG(path.stat().st_mode):
        kind = "a folder" if path.is_dir() else "no regular file"
        raise InputError(f"{path} is {kind}: expected an image")
    return path.open("rb")


def require_exif(picture: "Image.Image", name: str) -> None:
    """Check the Exif of an image before Pillow reads it; that of a JPEG or TIFF is checked before it is opened.

    Args:
        picture: The image.
        name: Its name in error messages.

    Raises:
        InputError: If it claims more data than any program writes.
    """
    raw = picture.info.get("exif") or _exif_of_text(picture.info.get("Raw profile type exif"))
    problem = exif_problem(raw) if isinstance(raw, bytes) and picture.format not in {"JPEG", "TIFF"} else ""
    if problem:
        raise InputError(f"{name} {problem}")


def _exif_of_text(text: object) -> bytes:
    """Return the Exif that ImageMagick writes as digits into a text of a PNG."""
    return bytes.fromhex("".join(text.split("\n")[3:])) if isinstance(text, str) else b""


def _header_problem(raw: Input, content: IO[bytes], kind: str) -> str:
    if isinstance(raw, bytes):
        return header_problem(raw, kind)
    with mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return header_problem(mapped, kind)


def _content_size(content: IO[bytes], name: str) -> int:
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    if not size:
        raise InputError(f"{name} is empty: expected an image")
    if size > input_limits().file_bytes:
        raise InputError(f"{name} has {size:,} bytes, the limit is {input_limits().file_bytes:,}: scale it down first")
    return size


def _require_size(picture: "Image.Image", name: str) -> None:
    limits, (width, height) = input_limits(), picture.size
    if width * height > limits.pixels:
        raise InputError(f"{name} has more than {limits.pixels:,} pixels: scale it down first")
    if max(width, height) > limits.side:
        raise InputError(
            f"{name} is {width:,} pixels wide and {height:,} high, the limit of a side is {limits.side:,}: cut it first"
        )
