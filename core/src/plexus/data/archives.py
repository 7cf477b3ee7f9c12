"""Archives from outside: zip, and tar plain or compressed."""

import bz2
import gzip
import lzma
import shutil
import stat
import struct
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from plexus.errors import InputError
from plexus.utils.files import require_new, writing_to

MOST_BYTES, MOST_FILES = 4 << 30, 200_000
MOST_SECONDS = 3600
MOST_RATIO, RATIO_FROM = 200, 256 << 20
"""The largest ratio of unpacked to packed bytes, checked once that many bytes are unpacked."""
MOST_HEADER = 32 << 10
"""Bytes of all the headers of one tar member: names, extended attributes and maps of sparse files.

`tarfile` before 3.11.10 searches them in a time that grows with the square (CVE-2024-6232): 1 second for these.
"""
MOST_DEPTH = 64
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
_CHUNK = 1 << 20
_DAY = 86_400
_COMPRESSED: dict[bytes, Callable[[Path], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_DAMAGE = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError,
    RuntimeError, NotImplementedError, OverflowError, IndexError, KeyError,
)  # fmt: skip
"""What the readers of the standard library raise at bytes that are no archive; RuntimeError includes recursion."""


def is_tar(name: str) -> bool:
    """Whether a file name is that of a tar archive."""
    return name.lower().endswith(TAR_SUFFIXES)


def is_archive(name: str) -> bool:
    """Whether a file name is that of an archive which `unpack_archive` unpacks."""
    return is_tar(name) or name.lower().endswith(".zip")


def only_folder(folder: Path) -> Path:
    """The only folder in a folder, if there is nothing else in it; else the folder itself."""
    inside = [child for child in folder.iterdir() if not child.name.startswith(".")]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def unpack_archive(archive: Path, folder: Path, *, most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> Path:
    """Unpack an archive into a new folder.

    Only regular files and folders are written, with the process's default permissions. They are written to a hidden
    folder beside `folder`, which is renamed when all of the archive has been read: no part of an archive remains
    after an error. System files of macOS (`__MACOSX/`) are left out.

    Args:
        archive: A `.zip`, or a tar, of which the first bytes say how it is compressed (gzip, bzip2, xz or not at all).
        folder: Where its content goes; must not exist.
        most_bytes: Limit on the bytes of all unpacked files together, counted as they are written.
        most_files: Limit on the number of files and folders.

    Returns:
        The folder, or the only folder in it.

    Raises:
        InputError: It is no archive, is damaged, exceeds a limit, or a member is neither a regular file nor a folder,
            has a name that is absolute, leads out of the folder or occurs twice, or cannot be written; `folder`
            exists already or its parent cannot be written to.
    """
    require_new(folder)
    with _folder_beside(folder) as beside:
        writer = _Writer(archive, beside, most_bytes, most_files)
        writer.write_all()
        if not writer.files:
            raise InputError(f"{archive.name} holds no files: use an archive with the data in it")
        try:
            beside.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process has unpacked it in the meantime
                raise
    return only_folder(folder)


@contextmanager
def _folder_beside(folder: Path) -> Iterator[Path]:
    """An empty folder on the same file system, removed at the end; what a killed process left a day ago goes too."""
    prefix = f".{folder.name[:100]}.partial-"
    with writing_to(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for old in folder.parent.glob(f"{prefix}*"):
            if time.time() - old.stat().st_mtime > _DAY:
                shutil.rmtree(old, ignore_errors=True)
        private = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        with writing_to(folder.parent):
            (private / "content").mkdir()  # with default permissions, which those of `private` are not
            yield private / "content"
    finally:
        shutil.rmtree(private, ignore_errors=True)


@dataclass(frozen=True)
class _Member:
    """One entry of an archive.

    Args:
        name: As the archive has it.
        is_folder: Whether it is a folder.
        size: Bytes, as its header says.
        content: Opens it.
        problem: Why it cannot be unpacked.
    """

    name: str
    is_folder: bool
    size: int
    content: Callable[[], IO[bytes]]
    problem: str = ""


class _Budget:
    """Counts bytes; raises when they are too many, too many for the archive's size, or take too long."""

    def __init__(self, archive: Path, most_bytes: int) -> None:
        self.archive, self.most, self.spent = archive.name, most_bytes, 0
        self.packed = archive.stat().st_size
        self.end = time.monotonic() + MOST_SECONDS

    def spend(self, count: int, name: str) -> None:
        self.spent += count
        if self.spent > self.most:
            raise _refusal(self.archive, name, f"exceeds the limit of {_size(self.most)} unpacked", "split the archive")
        if self.spent > RATIO_FROM and self.spent > MOST_RATIO * self.packed:
            problem = f"unpacks to more than {MOST_RATIO} times the archive's size, as only made-up data does"
            raise _refusal(self.archive, name, problem, "unpack it yourself if you trust it")
        if time.monotonic() > self.end:
            problem = f"is reached after {MOST_SECONDS:,} seconds, the limit"
            raise _refusal(self.archive, name, problem, "split the archive")


class _Writer:
    """Writes the members of an archive into an empty folder."""

    def __init__(self, archive: Path, folder: Path, most_bytes: int, most_files: int) -> None:
        self.archive, self.folder, self.most_files = archive, folder, most_files
        self.budget = _Budget(archive, most_bytes)
        # Tar headers and padding are read, but not written.
        self.read_budget = _Budget(archive, most_bytes + 2048 * most_files)
        self.folders = {folder}
        self.files = 0
        self.name = ""

    def write_all(self) -> None:
        """Write every member.

        Raises:
            InputError: As `unpack_archive` says.
        """
        members = self._zip_members() if self.archive.name.lower().endswith(".zip") else self._tar_members()
        with self._damage():
            for member in members:
                if member.name.startswith("__MACOSX/"):
                    continue
                self.name = member.name
                self._write(member)

    def _write(self, member: _Member) -> None:
        if member.problem:
            raise self._refused(member.problem, "use an archive of regular files and folders only")
        if member.size > self.budget.most - self.budget.spent:
            raise self._refused(f"exceeds the limit of {_size(self.budget.most)} unpacked", "split the archive")
        parts = self._parts(member.name)
        if member.is_folder:
            self._make_folder(parts)
            return
        if not parts:
            raise self._refused("is a file without a name", "pack it again")
        self._make_folder(parts[:-1])
        self._count()
        self.files += 1
        self._copy(member, self.folder.joinpath(*parts))

    def _copy(self, member: _Member, place: Path) -> None:
        with member.content() as dataset, self._disk(), place.open("xb") as target:
            for block in self._blocks(dataset):
                target.write(block)

    def _blocks(self, dataset: IO[bytes]) -> Iterator[bytes]:
        with self._damage():
            while block := dataset.read(_CHUNK):
                self.budget.spend(len(block), self.name)
                yield block

    def _make_folder(self, parts: list[str]) -> None:
        place = self.folder
        for part in parts:
            place = place / part
            if place not in self.folders:
                self._count()
                with self._disk():
                    place.mkdir()
                self.folders.add(place)

    def _count(self) -> None:
        if self.files + len(self.folders) > self.most_files:
            raise self._refused(f"exceeds the limit of {self.most_files:,} files and folders", "split the archive")

    def _parts(self, name: str) -> list[str]:
        """The names of a member's folders and its own; none for the folder that all is in."""
        parts = [part for part in name.split("/") if part not in {"", "."}]
        problem = ""
        if name.startswith("/") or Path(name.replace("\0", "")).is_absolute() or Path(parts[0] if parts else "").drive:
            problem = "has an absolute name"
        elif ".." in parts:
            problem = "has a name with .., which leads out of the folder"
        elif "\0" in name:
            problem = "has a name with a NUL character"
        elif len(parts) > MOST_DEPTH:
            problem = f"lies in more than {MOST_DEPTH} folders"
        if problem:
            raise self._refused(problem, "use an archive with plain relative names")
        return parts

    def _refused(self, problem: str, remedy: str) -> InputError:
        return _refusal(self.archive.name, self.name, problem, remedy)

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn the system's refusal to write a member into one line."""
        try:
            yield
        except FileExistsError as error:
            problem = "is there twice, or its name differs by case only from another's on a disk that ignores case"
            raise self._refused(problem, "rename one of them") from error
        except OSError as error:
            remedy = "make room on the disk, or shorten the names"
            raise self._refused(f"cannot be written ({error.strerror or error})", remedy) from error
        except UnicodeEncodeError as error:
            raise self._refused("has a name that the disk cannot store", "rename it") from error

    @contextmanager
    def _damage(self) -> Iterator[None]:
        """Turn what a reader raises at damaged bytes into one line."""
        try:
            yield
        except _DAMAGE as error:
            where = f"at or after member {_shown(self.name)}" if self.name else "at its beginning"
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(
                f"{self.archive.name} cannot be unpacked: it is damaged {where}, or is no archive ({reason}); fetch it "
                "again, or use an ordinary .zip or .tar.gz"
            ) from error

    def _zip_members(self) -> Iterator[_Member]:
        with zipfile.ZipFile(self.archive) as content:
            for info in content.infolist():
                name = info.orig_filename.replace("\\", "/")  # as some programs for Windows write it
                yield _Member(name, name.endswith("/"), info.file_size, _opener(content, info), _zip_problem(info))

    def _tar_members(self) -> Iterator[_Member]:
        if not hasattr(tarfile, "data_filter"):
            raise InputError(f"{self.archive.name}: to unpack a .tar safely, Python 3.11.4 or newer is needed")
        with self.archive.open("rb") as file:
            start = file.read(6)
        opener = next((opener for magic, opener in _COMPRESSED.items() if start.startswith(magic)), None)
        with opener(self.archive) if opener else self.archive.open("rb") as stream:
            dataset = _TarSource(stream, self)
            with tarfile.open(fileobj=dataset, mode="r:") as content:  # type: ignore[call-overload]
                while (member := dataset.next_member(content)) is not None:
                    yield _Member(member.name, member.isdir(), member.size, self._tar_opener(content, member),
                                  _tar_problem(member))  # fmt: skip
                    content.members.clear()
            dataset.read_to_end()

    def _tar_opener(self, content: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
        def opened() -> IO[bytes]:
            stream = content.extractfile(tarfile.data_filter(member, str(self.folder)))
            if stream is None:
                raise self._refused("is no regular file", "use an archive of regular files and folders only")
            return stream

        return opened


class _TarSource:
    """The bytes of a tar, for `tarfile`: counted, read forward only, and with a limit on the headers of a member."""

    def __init__(self, stream: Any, writer: _Writer) -> None:
        self.stream, self.writer = stream, writer
        self.place = 0
        self.header: int | None = MOST_HEADER
        self.last = b""

    def read(self, size: int = -1) -> bytes:
        if self.header is not None:
            if not 0 <= size <= self.header:
                raise tarfile.ReadError(f"headers of more than {MOST_HEADER:,} bytes")
            self.header -= size
        block: bytes = self.stream.read(size)
        self.writer.read_budget.spend(len(block), self.writer.name)
        self.place += len(block)
        if self.header is not None:
            self.last = block
        return block

    def tell(self) -> int:
        return self.place

    def seek(self, place: int) -> int:
        if place < self.place:
            raise tarfile.ReadError("members overlap")
        while self.place < place and self._skip(min(_CHUNK, place - self.place)):
            pass
        return self.place

    def next_member(self, content: tarfile.TarFile) -> tarfile.TarInfo | None:
        """The next member, or None at the end.

        Raises:
            tarfile.ReadError: The tar ends without the zeros that end one, or goes on with what is no header.
        """
        self.header = MOST_HEADER
        member = content.next()
        self.header = None
        if member is None and self.last.count(0) != tarfile.BLOCKSIZE:
            raise tarfile.ReadError("bad header" if self.last else "unexpected end of data")
        return member

    def read_to_end(self) -> None:
        """Read what follows the last member, so that the checksum of the compression is verified."""
        self.header = None
        while self._skip(_CHUNK):
            pass

    def _skip(self, count: int) -> int:
        header, self.header = self.header, None
        try:
            return len(self.read(count))
        finally:
            self.header = header


def _opener(content: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: content.open(info)


def _zip_problem(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a link"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a device, a pipe or a socket"
    if info.flag_bits & 1:
        return "is encrypted"
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # others decompress without a bound
        return "is compressed by another method than deflate"
    return ""


def _tar_problem(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return "is a link"
    if member.isdev():
        return "is a device or a pipe"
    if not (member.isreg() or member.isdir()):
        return "is neither a regular file nor a folder"
    return "has a negative size" if member.size < 0 else ""


def _refusal(archive: str, name: str, problem: str, remedy: str) -> InputError:
    return InputError(f"{archive} cannot be unpacked: member {_shown(name)} {problem}; {remedy}")


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:77]}...")


def _size(count: int) -> str:
    return f"{count >> 30} GB" if count >= 1 << 30 else f"{count:,} bytes"
