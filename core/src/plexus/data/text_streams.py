"""Text files as streams, plain or compressed with gzip or Zstandard."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from plexus.data.compression import require_ratio
from plexus.data.damage import damaged
from plexus.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

COMPRESSED = {".gz": "gunzip", ".zst": "zstd -d"}
"""Suffixes of compressed texts, and what unpacks each."""
_LINES = 10_000


def open_bytes(file: Path) -> IO[bytes]:
    """Open a text as bytes, unpacked.

    Args:
        file: The file; its suffix names the compression, if any.

    Returns:
        The stream.

    Raises:
        OSError: If the file may not be read, or is no gzip.
        InputError: If it unpacks to many times its size, while it is read.
    """
    if file.suffix.lower() == ".gz":
        return cast("IO[bytes]", _GzipText(file))
    return io.BufferedReader(_ZstandardText(file)) if file.suffix.lower() == ".zst" else file.open("rb")


def open_text(file: Path, encoding: str, newline: str = "") -> IO[str]:
    """Open a text, unpacked.

    Args:
        file: As for `open_bytes`.
        encoding: Its encoding.
        newline: As for `open`.

    Returns:
        The stream.

    Raises:
        OSError: As for `open_bytes`.
    """
    return io.TextIOWrapper(open_bytes(file), encoding=encoding, newline=newline)


class _GzipText(gzip.GzipFile):
    """A text that is unpacked while the ratio of its sizes is plausible.

    Args:
        file: The file.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self._path, self._packed = file, file.stat().st_size

    def read(self, size: int | None = -1) -> bytes:
        return self._checked(super().read(size))

    def read1(self, size: int = -1) -> bytes:
        return self._checked(super().read1(size))

    def _checked(self, content: bytes) -> bytes:
        require_ratio(str(self._path), self.tell(), self._packed)
        return content


class _ZstandardText(io.RawIOBase):
    """A text in UTF-8, unpacked by Polars, since Python before 3.14 cannot; all lines end with a line feed.

    Args:
        file: The file.
    """

    def __init__(self, file: Path) -> None:
        self._parts, self._rest = _lines(file), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if not self._rest:
            self._rest = memoryview(next(self._parts, b""))
        target = memoryview(buffer)
        count = min(len(target), len(self._rest))
        target[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _lines(file: Path) -> Iterator[bytes]:
    """Read lines as a table of one column, whose separator, a byte 0, no text has."""
    import polars as pl

    try:
        frame = pl.scan_csv(
            file, separator="\0", quote_char=None, has_header=False, infer_schema=False, new_columns=["line"]
        )
        unpacked, packed = 0, file.stat().st_size
        for part in frame.collect_batches(chunk_size=_LINES, maintain_order=True):
            content = "\n".join([*part["line"].fill_null(""), ""]).encode()
            unpacked += len(content)
            require_ratio(str(file), unpacked, packed)
            yield content
    except pl.exceptions.NoDataError:
        return
    except pl.exceptions.PolarsError as error:
        raise InputError(
            f"{file} is damaged or no text in UTF-8, as one with Zstandard has to be: unpack it first "
            f"({COMPRESSED['.zst']})"
        ) from error
    except OSError as error:
        raise damaged(file, error) from error
