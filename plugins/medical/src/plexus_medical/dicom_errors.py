"""Errors of reading DICOM files as one line without the values of elements."""

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from plexus import InputError
from plexus.errors import os_error

_DAMAGE = (
    OSError, ValueError, EOFError, struct.error, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError,
    NotImplementedError, SyntaxError, zlib.error,
)  # fmt: skip
"""Errors that pydicom and its decoders raise for damaged files; RuntimeError includes recursion."""


@contextmanager
def reading_dicom(name: str) -> Iterator[None]:
    """Convert the errors of reading a DICOM file to one line that names it.

    The texts of pydicom's errors and warnings are left out: they may quote elements of the patient.

    Args:
        name: Name of the file.

    Yields:
        Nothing.

    Raises:
        InputError: If it is damaged, or may not be read.
    """
    from PIL import Image
    from pydicom.errors import BytesLengthException, InvalidDicomError

    # A filter for the block alone would not be safe with threads.
    warnings.filterwarnings("ignore", module="pydicom")
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file") from error
    except MemoryError as error:
        raise InputError(f"{name} does not fit in the memory of this machine: scale it down first") from error
    except (*_DAMAGE, BytesLengthException, InvalidDicomError, Image.DecompressionBombError) as error:
        if isinstance(error, OSError) and error.errno:  # of the system, not of a decoder
            raise os_error(error, "read", Path(name)) from error
        raise InputError(f"{name} is damaged or cut off, or no valid DICOM file ({type(error).__name__})") from None
