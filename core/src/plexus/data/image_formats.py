"""Formats of images, recognized by content."""

from importlib.util import find_spec
from typing import IO, TYPE_CHECKING

from plexus.data.folders import FileKind

if TYPE_CHECKING:
    from PIL import Image

FORMATS = {
    "AVIF": (".avif",),
    "BMP": (".bmp",),
    "GIF": (".gif",),
    "JPEG": (".jpg", ".jpeg", ".jfif"),
    "PNG": (".png",),
    "PPM": (".pgm", ".ppm", ".pbm", ".pnm"),
    "TIFF": (".tif", ".tiff"),
    "WEBP": (".webp",),
}
"""The formats that are read, by Pillow's name, and their suffixes."""
SUFFIXES = {suffix for suffixes in FORMATS.values() for suffix in suffixes}
HEIC_REMEDY = "pip install 'plexus-core[heic]', or convert it to .jpg"
RAW_SUFFIXES = {".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".raf", ".rw2", ".srw"}
"""Raw files of cameras: most are TIFF by their first bytes, with a thumbnail as the first image."""
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"), "HEIC"
)
"""Brands of the ISO base media file format (ISO/IEC 14496-12 and 23008-12)."""
_MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"8BPS": "a Photoshop file",
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "PostScript",
    b"<svg": "SVG",
    b"qoif": "QOI",
    b"DDS ": "DDS",
}
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
"""Sizes of the second header of a BMP: its first two letters alone begin many texts."""


def image_format(head: bytes) -> str | None:
    """Return the format of an image.

    Args:
        head: The first bytes of a file, 32 or more.

    Returns:
        A key of `FORMATS`, `HEIC`, or the name of a format that is not read; None if it is no image.
    """
    name = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)
    if name is not None:
        return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    is_netpbm = head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace() and head[3:4] in b"#0123456789 \n"
    return "PPM" if is_netpbm and len(head) > 3 else None


def _brand(head: bytes) -> str | None:
    """Return the format by the main brand, else by the compatible ones."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, size - 3, 4))]
    formats = {_BRANDS[brand] for brand in brands if brand in _BRANDS}
    return "AVIF" if "AVIF" in formats and head[8:12] not in {b"heic", b"heix"} else next(iter(formats), None)


def classify_image(head: bytes, suffix: str) -> bool | str:
    """Return whether a file is an image that is read; see `FileKind.classify`.

    Args:
        head: The first bytes of the file.
        suffix: Its suffix in lower case.

    Returns:
        True for an image, False for no image, else the reason why it is not read.
    """
    if suffix in RAW_SUFFIXES or head[8:10] == b"CR":
        return "is a camera's raw file: convert it to .jpg or .tif"
    name = image_format(head)
    if name is None:
        return False
    return format_problem(name) or True


def format_problem(name: str) -> str:
    """Return why images of a format are not read in this environment.

    Args:
        name: Result of `image_format`.

    Returns:
        The reason, for a line that begins with the name of the file; empty if they are read.
    """
    if name == "HEIC":
        return "" if _heic_module() else f"is a HEIC image, which needs: {HEIC_REMEDY}"
    if name == "AVIF":
        from PIL import features

        return "" if features.check("avif") else "is an AVIF image, which this build of Pillow does not read"
    return "" if name in FORMATS else f"is {name}, which is not read: convert it to .png or .jpg"


def open_heic(content: IO[bytes]) -> "Image.Image":
    """Open a HEIC image; libheif applies its orientation.

    Args:
        content: A stream of bytes, at its start.

    Returns:
        The image; its pixels are not decoded yet.
    """
    from importlib import import_module

    image: Image.Image = import_module(_heic_module()).HeifImageFile(content)
    return image


def _heic_module() -> str:
    """Return the installed library: both have the same interface, the first one decodes only and has no GPL parts."""
    return next((name for name in ("pi_heif", "pillow_heif") if find_spec(name) is not None), "")


IMAGES = FileKind("images", SUFFIXES, classify_image)
"""The kind of files that are images."""
