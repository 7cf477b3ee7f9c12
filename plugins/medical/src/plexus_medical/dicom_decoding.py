"""Pixel Data of DICOM files as arrays of the values that are stored."""

from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus.inference.limits import input_limits

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

_JPEG2000 = "pip install pylibjpeg pylibjpeg-openjpeg"
_PACKAGES = {
    "1.2.840.10008.1.2.4.51": "pip install python-gdcm",
    "1.2.840.10008.1.2.4.57": "pip install python-gdcm",
    "1.2.840.10008.1.2.4.70": "pip install python-gdcm",
    "1.2.840.10008.1.2.4.80": "pip install pyjpegls",
    "1.2.840.10008.1.2.4.81": "pip install pyjpegls",
    "1.2.840.10008.1.2.4.90": _JPEG2000,
    "1.2.840.10008.1.2.4.91": _JPEG2000,
    "1.2.840.10008.1.2.4.201": _JPEG2000,
    "1.2.840.10008.1.2.4.202": _JPEG2000,
    "1.2.840.10008.1.2.4.203": _JPEG2000,
}
"""The package that decodes a transfer syntax, where Pillow and pydicom do not."""
_EXTENDED = "1.2.840.10008.1.2.4.51"
_JPEG_2000_START = b"\xff\x4f\xff\x51"
_FRAME_HEADERS = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""Markers of the header with the size, of JPEG (ITU-T T.81, table B.1) and JPEG-LS (ITU-T T.87, C.1)."""
MAX_SEGMENTS = 5000


def require_decoder(syntax: str, name: str) -> None:
    """Refuse pixels that no installed package decodes.

    Args:
        syntax: UID of the transfer syntax.
        name: Name of the file, for the message.

    Raises:
        InputError: If none does; the line names the compression and the package.
    """
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    uid = UID(syntax)
    try:
        available = get_decoder(uid).is_available
    except NotImplementedError:
        available = False
    if not available:
        raise _no_decoder(uid, name)


def decode(elements: "Dataset", shape: tuple[int, int, int], name: str) -> np.ndarray:
    """Return the values of the pixels as they are stored; YBR as RGB.

    Args:
        elements: The elements of the file, with Pixel Data.
        shape: Height, width and samples per pixel, which the Pixel Data must have.
        name: Name of the file, for messages.

    Returns:
        Whole numbers of shape `(height, width)` or `(height, width, 3)`, with their sign.

    Raises:
        InputError: If there are no Pixel Data, too few, or of another size; or if the decoder of this kind of JPEG is
            not installed.
    """
    from PIL import Image
    from pydicom.pixels.utils import pixel_array

    syntax = elements.file_meta.TransferSyntaxUID
    if "PixelData" not in elements or not elements.PixelData:
        raise InputError(f"{name} is a DICOM file without an image: expected Pixel Data of whole numbers")
    if syntax.is_encapsulated:
        _check_frame(elements, shape, name)
    else:
        _check_length(elements, name)
    Image.MAX_IMAGE_PIXELS = int(input_limits().pixels)
    try:
        pixels = pixel_array(elements)
    except RuntimeError as error:  # of all decoders: Pillow's reads 8 bits only
        if syntax == _EXTENDED and elements.BitsStored > 8:
            raise _no_decoder(syntax, name) from error
        raise
    expected = shape[:2] if shape[2] == 1 else shape
    if pixels.shape != expected:
        raise InputError(f"{name} has pixels of shape {pixels.shape}, its header declares {expected}: it is damaged")
    return np.asarray(pixels)


def encoded_size(frame: bytes) -> tuple[int, int] | None:
    """Return the size that a compressed frame declares: a decoder allocates that much.

    Args:
        frame: A JPEG, JPEG-LS or JPEG 2000 codestream.

    Returns:
        Height and width; None if there is no such header, as in RLE.
    """
    start = frame.find(_JPEG_2000_START, 0, 4096)
    if start >= 0:
        width, height, left, top = (int.from_bytes(frame[start + at : start + at + 4], "big") for at in (8, 12, 16, 20))
        return height - top, width - left
    at = 2
    for _ in range(MAX_SEGMENTS):
        if frame[:2] != b"\xff\xd8" or at + 9 > len(frame) or frame[at] != 0xFF:
            return None
        if frame[at + 1] in _FRAME_HEADERS:
            return int.from_bytes(frame[at + 5 : at + 7], "big"), int.from_bytes(frame[at + 7 : at + 9], "big")
        at += 1 if frame[at + 1] == 0xFF else 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    return None


def _check_frame(elements: "Dataset", shape: tuple[int, int, int], name: str) -> None:
    from pydicom.encaps import get_frame

    frame = get_frame(elements.PixelData, 0, number_of_frames=1)
    size = encoded_size(frame)
    if size is not None and size != shape[:2]:
        raise InputError(
            f"{name}: its compressed image has {size[1]:,} x {size[0]:,} pixels, its header declares {shape[1]:,} x "
            f"{shape[0]:,}: it is damaged"
        )


def _check_length(elements: "Dataset", name: str) -> None:
    from pydicom.pixels.utils import get_expected_length

    expected, length = get_expected_length(elements), len(elements.PixelData)
    if length < expected:
        raise InputError(f"{name} is cut off: it has {length:,} of {expected:,} bytes of Pixel Data")


def _no_decoder(syntax: "UID", name: str) -> InputError:
    package = _PACKAGES.get(str(syntax))
    remedy = f"{package}, or save it" if package else "save it"
    return InputError(
        f"{name} is compressed as {syntax.name[:120]}, which is not read here: {remedy} without compression"
    )
