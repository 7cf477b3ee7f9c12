"""Streams of the bytes of archives, with bounds that `tarfile` and `zipfile` do not have."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from typing import IO

MAX_HEADER = 32 << 10
"""Bytes of all the headers of one tar member: names, extended attributes and maps of sparse files.

`tarfile` before 3.11.10 searches them in a time that grows with the square (CVE-2024-6232): 1 second for these.
"""
_CHUNK = 1 << 20
_MAX_READ = 2 * _CHUNK
"""`zipfile` reads members in parts of `_CHUNK` bytes; a longer read is that of the central directory."""
_RECORD = struct.Struct("<4s24x3H12x")
"""An entry of the central directory: its signature, and the lengths of name, extra fields and comment."""


class TarReader:
    """The bytes of a tar, for `tarfile`: counted, read forward only, with a limit of the headers of a member.

    Args:
        stream: The tar, not compressed.
        spend: Gets the number of bytes that are read; raises if they are too many.

    Example:
        ```python
        with tarfile.open(fileobj=TarReader(stream, budget.spend), mode="r:") as content: ...
        ```
    """

    def __init__(self, stream: IO[bytes], spend: Callable[[int], None]) -> None:
        self.stream, self.spend = stream, spend
        self.place = 0
        self.header: int | None = MAX_HEADER
        self.last = b""

    def read(self, size: int = -1) -> bytes:
        """Read bytes.

        Args:
            size: How many at most.

        Returns:
            The bytes.

        Raises:
            tarfile.ReadError: If the headers of a member are too large.
        """
        if self.header is not None:
            if not 0 <= size <= self.header:
                raise tarfile.ReadError(f"headers of more than {MAX_HEADER:,} bytes")
            self.header -= size
        block = self.stream.read(size)
        self.spend(len(block))
        self.place += len(block)
        if self.header is not None:
            self.last = block
        return block

    def tell(self) -> int:
        """Return the place.

        Returns:
            The number of bytes before it.
        """
        return self.place

    def seek(self, place: int) -> int:
        """Skip bytes.

        Args:
            place: The place, not before the present one.

        Returns:
            The place that was reached.

        Raises:
            tarfile.ReadError: If it lies before the present one.
        """
        if place < self.place:
            raise tarfile.ReadError("members overlap")
        while self.place < place and self._skip(min(_CHUNK, place - self.place)):
            pass
        return self.place

    def next_member(self, content: tarfile.TarFile) -> tarfile.TarInfo | None:
        """Return the next member.

        Args:
            content: The tar that reads from this object.

        Returns:
            The member; None at the end.

        Raises:
            tarfile.ReadError: If the tar ends without the zeros that end one, or continues with what is not a header.
        """
        self.header = MAX_HEADER
        member = content.next()
        self.header = None
        if member is None and self.last.count(0) != tarfile.BLOCKSIZE:
            raise tarfile.ReadError("bad header" if self.last else "unexpected end of data")
        return member

    def read_to_end(self) -> None:
        """Read the rest after the last member, so that the checksum of the compression is verified."""
        self.header = None
        while self._skip(_CHUNK):
            pass

    def _skip(self, count: int) -> int:
        header, self.header = self.header, None
        try:
            return len(self.read(count))
        finally:
            self.header = header


class ZipReader(io.BufferedIOBase):
    """The bytes of a zip, for `zipfile`, which reads the whole central directory: its entries are counted before.

    Args:
        file: The zip.
        most_files: Limit of the entries.

    Example:
        ```python
        with path.open("rb") as file, zipfile.ZipFile(ZipReader(file, most_files=200_000)) as content: ...
        ```
    """

    def __init__(self, file: IO[bytes], most_files: int) -> None:
        self.file, self.most_files = file, most_files

    def seekable(self) -> bool:
        """Return that the place can be changed.

        Returns:
            True.
        """
        return True

    def readable(self) -> bool:
        """Return that it can be read.

        Returns:
            True.
        """
        return True

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place.

        Args:
            place: Bytes from the start, the present place, or the end.
            whence: 0, 1 or 2, as for files.

        Returns:
            The place from the start.
        """
        return self.file.seek(place, whence)

    def tell(self) -> int:
        """Return the place.

        Returns:
            The number of bytes before it.
        """
        return self.file.tell()

    def read(self, size: int | None = -1) -> bytes:
        """Read bytes.

        Args:
            size: How many at most; negative: all.

        Returns:
            The bytes.

        Raises:
            zipfile.BadZipFile: If they are a central directory with too many entries.
        """
        if size is None or size < 0 or size > _MAX_READ:
            self._count_entries()
        return self.file.read(-1 if size is None else size)

    def _count_entries(self) -> None:
        start = self.file.tell()
        for _ in range(self.most_files + 1):
            record = self.file.read(_RECORD.size)
            if len(record) < _RECORD.size or record[:4] != b"PK\1\2":
                self.file.seek(start)
                return
            self.file.seek(sum(_RECORD.unpack(record)[1:]), io.SEEK_CUR)
        raise zipfile.BadZipFile(f"more than {self.most_files:,} files")
