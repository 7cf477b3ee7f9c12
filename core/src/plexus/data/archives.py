"""Archives from untrusted sources: zip, and tar plain or compressed."""

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from plexus.data.archive_streams import TarReader, ZipReader
from plexus.data.folders import is_hidden
from plexus.data.tables import is_table
from plexus.errors import InputError, os_error, raise_system_error
from plexus.utils.files import require_new, sha256, writing_to
from plexus.utils.printable import name_folder, printable
from plexus.utils.process_folder import process_folder

MAX_BYTES, MAX_FILES = 4 << 30, 200_000
"""Limits of an archive that a visitor uploads to a page."""
USER_BYTES, USER_FILES = 64 << 30, 2_000_000
"""Limits of an archive that the user names."""
MAX_SECONDS = 3600
MAX_RATIO, RATIO_FROM = 200, 256 << 20
"""Largest ratio of unpacked to packed bytes, checked once `RATIO_FROM` bytes are unpacked."""
MAX_DEPTH = 64
_LISTED = 3
"""Files of an archive that an error lists."""
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
_CHUNK = 1 << 20
_DAY = 86_400
_COMPRESSED: dict[bytes, Callable[[Path], Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_DAMAGE = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError,
    RuntimeError, NotImplementedError, OverflowError, IndexError, KeyError,
)  # fmt: skip
"""Errors that the standard library raises for bytes that are not an archive; RuntimeError includes recursion."""


def is_tar(name: str) -> bool:
    """Return whether a file is a tar archive by its suffix.

    Args:
        name: Name of the file.

    Returns:
        True for a tar.
    """
    return name.lower().endswith(TAR_SUFFIXES)


def is_archive(name: str) -> bool:
    """Return whether a file is an archive by its suffix.

    Args:
        name: Name of the file.

    Returns:
        True if `unpack_archive` unpacks it.
    """
    return is_tar(name) or name.lower().endswith(".zip")


def only_folder(folder: Path) -> Path:
    """Return the only folder in a folder.

    Args:
        folder: The folder.

    Returns:
        The only folder in it; the folder itself if it has other content.
    """
    inside = [child for child in folder.iterdir() if not child.name.startswith(".")]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def unpacked_archive(archive: Path) -> Path:
    """Unpack an archive that the user names, once in a process: into a temporary folder, by its content.

    The folder is removed when the process ends. Texts for people name the archive instead of it (see `printable`).

    Args:
        archive: As for `unpack_archive`.

    Returns:
        The folder with its content, or the only folder in it.

    Raises:
        InputError: As for `unpack_archive`, or if the archive may not be read.
    """
    try:
        folder = process_folder() / sha256(archive)[:32]
    except OSError as error:
        raise os_error(error, "read", archive) from error
    name_folder(folder, archive)
    if folder.exists():
        return only_folder(folder)
    return unpack_archive(archive, folder, most_bytes=USER_BYTES, most_files=USER_FILES)


def as_folder(path: Path) -> Path | None:
    """Return the folder of data that a path names.

    Args:
        path: A folder, an archive, or another file.

    Returns:
        The folder, or that with the content of the archive (see `unpacked_archive`); None for another file.

    Raises:
        InputError: If the archive cannot be unpacked.
    """
    if path.is_dir():
        return path
    return unpacked_archive(path) if is_archive(path.name) and path.is_file() else None


@contextmanager
def opened_folder(path: Path) -> Iterator[Path | None]:
    """Open the folder of data that a path names; errors of reading it name the archive and what it holds.

    Args:
        path: A folder, an archive, or another file.

    Yields:
        As `as_folder`.

    Raises:
        InputError: If the archive cannot be unpacked, or its content cannot be used.
    """
    folder = as_folder(path)
    if folder is None or folder == path:
        yield folder
        return
    try:
        yield folder
    except InputError as error:
        raise _content_error(path, folder, error) from error


def _content_error(archive: Path, folder: Path, error: InputError) -> InputError:
    """Add what the archive holds to the error of reading it."""
    names = _visible_files(folder)
    if names and all(is_table(folder / name) for name in names):
        return InputError(f"{archive} is an archive of {_listed(names)}: unpack it, and pass the table")
    return InputError(f"{error}; the archive holds {_listed(names)}")


def _visible_files(folder: Path) -> list[str]:
    names = (file.relative_to(folder) for file in sorted(folder.rglob("*")) if file.is_file())
    return [printable(str(name)) for name in names if not any(map(is_hidden, name.parts))]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more files" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more if names else "no files"


def archive_files(
    archive: Path, accepts: Callable[[str], bool], *, most_bytes: int = MAX_BYTES, most_files: int = MAX_FILES
) -> Iterator[tuple[str, bytes]]:
    """Read files of an archive in place; nothing is written.

    The whole archive is checked as by `unpack_archive`, and read to its end, where the checksum of its compression is.

    Args:
        archive: As for `unpack_archive`.
        accepts: Whether a member is read, by its name. Hidden members, and those of an operating system, never are.
        most_bytes: Limit of the bytes of all files together.
        most_files: Limit of the number of files and folders.

    Yields:
        Name and content of each file that is read.

    Raises:
        InputError: As for `unpack_archive`.
    """
    yield from _Reader(archive, archive.parent, most_bytes, most_files).files(accepts)


def unpack_archive(archive: Path, folder: Path, *, most_bytes: int = MAX_BYTES, most_files: int = MAX_FILES) -> Path:
    """Unpack an archive into a new folder.

    Only regular files and folders are written, with the default permissions of the process. They are written to a
    hidden folder, which is renamed when the whole archive has been read: no part of an archive remains after an error.
    System files of macOS (`__MACOSX/`) are skipped.

    Args:
        archive: A `.zip`, or a tar, whose compression (gzip, bzip2, xz or none) is detected by its first bytes.
        folder: Folder for the content; it must not exist.
        most_bytes: Limit of the bytes of all unpacked files together, counted while they are written.
        most_files: Limit of the number of files and folders.

    Returns:
        The folder, or the only folder in it.

    Raises:
        InputError: If it is not an archive, is damaged, exceeds a limit, or has a member that is neither a regular file
            nor a folder, whose name is absolute, leads out of the folder or occurs twice, or that cannot be written; if
            `folder` exists, or its parent cannot be written to.
    """
    require_new(folder)
    with _temporary_folder(folder) as temporary:
        writer = _Writer(archive, temporary, most_bytes, most_files)
        writer.write_all()
        if not writer.count:
            raise InputError(f"{archive.name} has no files: use an archive with the data in it")
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process has unpacked it in the meantime
                raise
    return only_folder(folder)


@contextmanager
def _temporary_folder(folder: Path) -> Iterator[Path]:
    """Create an empty folder on the same file system, removed at the end, like those of processes killed a day ago."""
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
        name: Its name in the archive.
        is_folder: Whether it is a folder.
        size: Bytes according to its header.
        content: Opens it.
        problem: Why it cannot be unpacked; empty if it can.
    """

    name: str
    is_folder: bool
    size: int
    content: Callable[[], IO[bytes]]
    problem: str = ""


class _Budget:
    """Counts bytes; raises if they are too many, too many for the archive's size, or take too long.

    Args:
        archive: The archive, whose size the limits are compared with.
        most_bytes: Maximum number of bytes.
    """

    def __init__(self, archive: Path, most_bytes: int) -> None:
        self.archive, self.most, self.spent = archive.name, most_bytes, 0
        self.packed = archive.stat().st_size
        self.end = time.monotonic() + MAX_SECONDS

    def spend(self, count: int, name: str) -> None:
        self.spent += count
        if self.spent > self.most:
            raise _member_error(
                self.archive, name, f"exceeds the limit of {_size(self.most)} unpacked", "split the archive"
            )
        if self.spent > RATIO_FROM and self.spent > MAX_RATIO * self.packed:
            problem = f"unpacks to more than {MAX_RATIO} times the archive's size, as only synthetic data does"
            raise _member_error(self.archive, name, problem, "unpack it yourself if you trust it")
        if time.monotonic() > self.end:
            problem = f"is reached after {MAX_SECONDS:,} seconds, the limit"
            raise _member_error(self.archive, name, problem, "split the archive")


class _Members:
    """The members of an archive, checked.

    Args:
        archive: The archive.
        folder: The folder that the members are written to.
        most_bytes: Maximum number of unpacked bytes.
        most_files: Maximum number of files.
    """

    def __init__(self, archive: Path, folder: Path, most_bytes: int, most_files: int) -> None:
        self.archive, self.folder, self.most_files = archive, folder, most_files
        self.budget = _Budget(archive, most_bytes)
        # Tar headers and padding are read, but not written.
        self.read_budget = _Budget(archive, most_bytes + 2048 * most_files)
        self.folders = {folder}
        self.count = 0
        self.name = ""

    def checked(self) -> Iterator[tuple[_Member, list[str]]]:
        """Check every member.

        Yields:
            Each member, and the parts of its name.

        Raises:
            InputError: As for `unpack_archive`.
        """
        members = self._zip_members() if self.archive.name.lower().endswith(".zip") else self._tar_members()
        with self._read_errors():
            for member in members:
                if member.name.startswith("__MACOSX/"):
                    continue
                self.name = member.name
                yield member, self._checked_parts(member)

    def _checked_parts(self, member: _Member) -> list[str]:
        if member.problem:
            raise self._error(member.problem, "use an archive of regular files and folders only")
        if member.size > self.budget.most - self.budget.spent:
            raise self._error(f"exceeds the limit of {_size(self.budget.most)} unpacked", "split the archive")
        parts = self._parts(member.name)
        if not parts and not member.is_folder:
            raise self._error("is a file without a name", "pack it again")
        return parts

    def _blocks(self, stream: IO[bytes]) -> Iterator[bytes]:
        with self._read_errors():
            while block := stream.read(_CHUNK):
                self.budget.spend(len(block), self.name)
                yield block

    def _count(self) -> None:
        if self.count + len(self.folders) > self.most_files:
            raise self._error(f"exceeds the limit of {self.most_files:,} files and folders", "split the archive")

    def _parts(self, name: str) -> list[str]:
        """Return the parts of a member's name; none for the root."""
        parts = [part for part in name.split("/") if part not in {"", "."}]
        problem = ""
        if name.startswith("/") or Path(name.replace("\0", "")).is_absolute() or Path(parts[0] if parts else "").drive:
            problem = "has an absolute name"
        elif ".." in parts:
            problem = "has a name with .., which leads out of the folder"
        elif "\0" in name:
            problem = "has a name with a NUL character"
        elif len(parts) > MAX_DEPTH:
            problem = f"lies in more than {MAX_DEPTH} folders"
        if problem:
            raise self._error(problem, "use an archive with plain relative names")
        return parts

    def _error(self, problem: str, remedy: str) -> InputError:
        return _member_error(self.archive.name, self.name, problem, remedy)

    @contextmanager
    def _read_errors(self) -> Iterator[None]:
        """Convert errors of reading damaged bytes to one line."""
        try:
            yield
        except _DAMAGE as error:
            raise_system_error(error, self.archive)
            where = f"at or after member {_shorten(self.name)}" if self.name else "at its beginning"
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise InputError(
                f"{self.archive.name} cannot be unpacked: it is damaged {where}, or not an archive ({reason}); "
                "download it again, or use an ordinary .zip or .tar.gz"
            ) from error

    def _zip_members(self) -> Iterator[_Member]:
        with self.archive.open("rb") as file, zipfile.ZipFile(ZipReader(file, self.most_files)) as content:
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
            reader = TarReader(stream, lambda count: self.read_budget.spend(count, self.name))
            with tarfile.open(fileobj=reader, mode="r:") as content:  # type: ignore[call-overload]
                while (member := reader.next_member(content)) is not None:
                    yield _Member(member.name, member.isdir(), member.size, self._tar_opener(content, member),
                                  _tar_problem(member))  # fmt: skip
                    content.members.clear()
            reader.read_to_end()

    def _tar_opener(self, content: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
        def open_member() -> IO[bytes]:
            stream = content.extractfile(tarfile.data_filter(member, str(self.folder)))
            if stream is None:
                raise self._error("is not a regular file", "use an archive of regular files and folders only")
            return stream

        return open_member


class _Writer(_Members):
    """Writes the members of an archive into an empty folder."""

    def write_all(self) -> None:
        """Write every member.

        Raises:
            InputError: As for `unpack_archive`.
        """
        for member, parts in self.checked():
            self._make_folder(parts if member.is_folder else parts[:-1])
            if not member.is_folder:
                self._count()
                self.count += 1
                self._copy(member, self.folder.joinpath(*parts))

    def _copy(self, member: _Member, place: Path) -> None:
        with self._read_errors(), member.content() as stream, self._disk_errors(), place.open("xb") as target:
            for block in self._blocks(stream):
                target.write(block)

    def _make_folder(self, parts: list[str]) -> None:
        place = self.folder
        for part in parts:
            place = place / part
            if place not in self.folders:
                self._count()
                with self._disk_errors():
                    place.mkdir()
                self.folders.add(place)

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        """Convert errors of writing a member to one line."""
        try:
            yield
        except FileExistsError as error:
            problem = "occurs twice, or its name differs only by case from another's on a disk that ignores case"
            raise self._error(problem, "rename one of them") from error
        except OSError as error:
            remedy = "make room on the disk, or shorten the names"
            raise self._error(f"cannot be written ({error.strerror or error})", remedy) from error
        except UnicodeEncodeError as error:
            raise self._error("has a name that the disk cannot store", "rename it") from error


class _Reader(_Members):
    """Reads the members of an archive in place."""

    def files(self, accepts: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        """Read the members that are accepted.

        Args:
            accepts: Whether a member is read, by its name.

        Yields:
            Name and content.

        Raises:
            InputError: As for `unpack_archive`.
        """
        for member, parts in self.checked():
            self._count()
            self.count += 1
            if not member.is_folder and not any(map(is_hidden, parts)) and accepts(member.name):
                with self._read_errors(), member.content() as stream:
                    content = b"".join(self._blocks(stream))
                yield member.name, content


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


def _member_error(archive: str, name: str, problem: str, remedy: str) -> InputError:
    return InputError(f"{archive} cannot be unpacked: member {_shorten(name)} {problem}; {remedy}")


def _shorten(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:77]}...")


def _size(count: int) -> str:
    return f"{count >> 30} GB" if count >= 1 << 30 else f"{count:,} bytes"
