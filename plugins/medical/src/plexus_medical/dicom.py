"""Pixels of DICOM files; nothing else of a file is returned."""

import hashlib
import io
import mmap
import os
import re
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus.data.memory_budget import MemoryBudget
from plexus.inference.limits import input_limits
from plexus_medical.dicom_decoding import decode, require_decoder
from plexus_medical.dicom_errors import reading_dicom
from plexus_medical.dicom_values import require_interpretation, to_grey, to_rgb

if TYPE_CHECKING:
    from pydicom import Dataset

PREFIX_START, PREFIX = 128, b"DICM"
"""Place and content of the mark of a DICOM file (PS3.10, section 7.1)."""
SUFFIXES = (".dcm", ".dicom")
BYTES_PER_SAMPLE = 24
"""Memory of decoding: the file's bytes, the decoded array, and the values of float that are converted at once."""
_DEFLATED = re.compile(rb"\x02\0\x10\0.{4,8}1\.2\.840\.10008\.1\.2\.1\.99", re.DOTALL)
"""The element Transfer Syntax UID of a file that is deflated as a whole: pydicom inflates it without a bound."""
_SYNTAX, _PATIENT_ID = 0x00020010, 0x00100020
_IMAGE_TAGS = (
    0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102,
    0x00280103, 0x00280120, 0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281056, 0x00281101, 0x00281102,
    0x00281103, 0x00281201, 0x00281202, 0x00281203, 0x00281221, 0x00281222, 0x00281223, 0x00283000, 0x00283010,
    0x7FE00001, 0x7FE00002, 0x7FE00008, 0x7FE00009, 0x7FE00010,
)  # fmt: skip
"""The elements that are read: of the modules Image Pixel, Modality LUT and VOI LUT (PS3.3, C.7.6.3, C.11.1, C.11.2)."""
_BUDGET = MemoryBudget()


def is_dicom(content: str | Path | bytes) -> bool:
    """Return whether a file is DICOM by its content.

    Args:
        content: The path of a file, or its bytes; the first 132 bytes are enough.

    Returns:
        True if `DICM` follows the first 128 bytes; False for all else, also if the file cannot be read.
    """
    if isinstance(content, bytes):
        return content[PREFIX_START : PREFIX_START + len(PREFIX)] == PREFIX
    try:
        with Path(content).open("rb") as stream:
            return is_dicom(stream.read(PREFIX_START + len(PREFIX)))
    except OSError:
        return False  # whoever reads the file next reports the error


def read_dicom(raw: str | Path | bytes, name: str | None = None) -> np.ndarray:
    """Read the image of a DICOM file, as it is displayed.

    The order is that of PS3.4, N.2: modality LUT, or rescale slope and intercept; VOI LUT, or the first window (linear,
    linear exact or sigmoid); MONOCHROME1 is inverted. Of a grey image without LUT and window the range of its bits is
    used, if 8 bits or fewer are stored and not rescaled; else the range between its 0.5th and 99.5th percentile,
    without padding. Palettes are applied, YBR becomes RGB. Overlays, ICC profiles and the pixel spacing are ignored.

    Args:
        raw: A path, or the bytes of a file.
        name: Its name in error messages; by default the path.

    Returns:
        Grey of shape `(height, width)` or RGB of shape `(height, width, 3)`: `uint8` if 8 bits or fewer are stored,
        else `uint16`; white is 255 or 65,535.

    Raises:
        InputError: If it is no DICOM file, has no image, several frames, a compression whose decoder is not installed
            or a format that is not read, is damaged or cut off, or exceeds `input_limits()`. No line quotes an element
            that could identify a patient.

    Example:
        ```python
        read_dicom(Path("chest.dcm")).shape  # (2022, 2022)
        ```
    """
    name = name or ("the image" if isinstance(raw, bytes) else str(raw))
    with ExitStack() as stack:
        stream = stack.enter_context(_opened(raw, name))
        header = _parse(stream, name, with_pixels=False)
        height, width, samples = _checked_shape(header, name)
        with reading_dicom(name):
            require_decoder(str(header.file_meta.get(_SYNTAX).value), name)
        size = height * width * samples * BYTES_PER_SAMPLE
        stack.enter_context(_BUDGET.reserve(size, input_limits().memory))
        elements = _parse(stream, name, with_pixels=True)
        with reading_dicom(name):
            pixels = decode(elements, (height, width, samples), name)
            return to_rgb(pixels, elements, name) if is_color(header) else to_grey(pixels, elements, name)


def dicom_shape(raw: str | Path | bytes, name: str | None = None) -> tuple[int, int, int]:
    """Read the shape of the image of a DICOM file from its header alone.

    Args:
        raw: As for `read_dicom`.
        name: As for `read_dicom`.

    Returns:
        Height, width and channels, 1 or 3.

    Raises:
        InputError: As for `read_dicom`.
    """
    name = name or ("the image" if isinstance(raw, bytes) else str(raw))
    with _opened(raw, name) as stream:
        header = _parse(stream, name, with_pixels=False)
    height, width, _ = _checked_shape(header, name)
    return height, width, 3 if is_color(header) else 1


def patient_digest(file: Path, salt: bytes) -> bytes | None:
    """Return a keyed hash of the Patient ID of a DICOM file; the identifier itself is not returned.

    Args:
        file: The file.
        salt: Key of the hash, random and never stored: without it a hash of a short number can be inverted.

    Returns:
        16 bytes; None if the file has no Patient ID, or an empty one.

    Raises:
        InputError: If the file cannot be read.
    """
    with _opened(file, str(file)) as stream:
        elements = _parse(stream, str(file), with_pixels=False, tags=(_PATIENT_ID,))
    with reading_dicom(str(file)):
        element = elements.get(_PATIENT_ID)
        identifier = str(element.value).strip() if element is not None and element.value is not None else ""
    return hash_identifier(identifier, salt) if identifier else None


def hash_identifier(identifier: str, salt: bytes) -> bytes:
    """Return a keyed hash of an identifier of a patient (BLAKE2b, RFC 7693).

    Args:
        identifier: The identifier.
        salt: Key of the hash, at most 64 bytes.

    Returns:
        16 bytes.
    """
    return hashlib.blake2b(identifier.strip().encode(errors="surrogateescape"), digest_size=16, key=salt).digest()


def is_color(header: "Dataset") -> bool:
    """Return whether an image is shown in color.

    Args:
        header: Elements of the module Image Pixel.

    Returns:
        True for three samples per pixel, and for palettes.
    """
    return bool(header.SamplesPerPixel == 3 or header.PhotometricInterpretation == "PALETTE COLOR")


@contextmanager
def _opened(raw: str | Path | bytes, name: str) -> Iterator[IO[bytes]]:
    """Open a file whose mark and size are checked."""
    with ExitStack() as stack:
        with reading_dicom(name):
            stream = io.BytesIO(raw) if isinstance(raw, bytes) else stack.enter_context(_regular_file(Path(raw)))
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
            head = stream.read(PREFIX_START + len(PREFIX))
        if size > input_limits().file_bytes:
            raise InputError(f"{name} has {size:,} bytes, the limit is {input_limits().file_bytes:,}")
        if not is_dicom(head):
            raise InputError(
                f"{name} is no DICOM file: expected {PREFIX.decode()} after the first {PREFIX_START} bytes"
            )
        if _is_deflated(raw, stream):
            raise InputError(f"{name} is deflated as a whole, which is not read: save it without compression")
        yield stream


def _is_deflated(raw: str | Path | bytes, stream: IO[bytes]) -> bool:
    if isinstance(raw, bytes):
        return _DEFLATED.search(raw) is not None
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _DEFLATED.search(content) is not None


def _regular_file(path: Path) -> IO[bytes]:
    if not stat.S_ISREG(path.stat().st_mode):
        raise InputError(f"{path} is no regular file: expected an image")
    return path.open("rb")


def _parse(stream: IO[bytes], name: str, with_pixels: bool, tags: tuple[int, ...] = _IMAGE_TAGS) -> "Dataset":
    """Return some elements of a file; all others are skipped, those of the patient among them."""
    with reading_dicom(name):
        from pydicom import dcmread

        stream.seek(0)
        elements = dcmread(stream, stop_before_pixels=not with_pixels, specific_tags=list(tags))
        if elements.file_meta.get(_SYNTAX) is None:
            raise InputError(f"{name} does not name its Transfer Syntax: it is damaged, save it again")
    return elements


def _checked_shape(header: "Dataset", name: str) -> tuple[int, int, int]:
    """Return rows, columns and samples per pixel, before anything is decoded."""
    with reading_dicom(name):
        numbers = [int(header.get(key) or 0) for key in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")]
        frames, kind = int(header.get("NumberOfFrames") or 1), header.get("PhotometricInterpretation")
        stored = int(header.get("BitsStored") or 0)
    height, width, samples, allocated = numbers
    limits = input_limits()
    if min(numbers) < 1 or not kind:
        raise InputError(f"{name} is a DICOM file without an image: expected Rows, Columns and Pixel Data")
    if height * width > limits.pixels or max(height, width) > limits.side:
        raise InputError(
            f"{name} declares {width:,} x {height:,} pixels, the limit is {limits.pixels:,} pixels and {limits.side:,} "
            "on a side: scale it down first"
        )
    if frames != 1:
        raise InputError(f"{name} has {frames:,} frames, expected one image: save a frame as a file of its own")
    require_interpretation(str(kind), samples, name)
    if samples not in {1, 3} or allocated not in {8, 16, 32} or not 1 <= stored <= allocated:
        raise InputError(
            f"{name} has {samples} samples of {stored} in {allocated} bits per pixel, expected 1 or 3 samples in 8, 16 "
            "or 32 bits"
        )
    return height, width, samples
