"""The walk of a folder of data: by content; what is left out is counted and named."""

import os
import stat
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from plexus.data.findings import Counted, Findings
from plexus.errors import InputError, os_error
from plexus.utils.messages import note

SYSTEM_NAMES = {
    "__macosx", "__pycache__", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r", "@eadir",
    "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "$recycle.bin", "recycler", "system volume information",
    "lost+found",
}  # fmt: skip
"""Files and folders, in lower case, that operating systems and network storages write next to the data."""
MAX_DEPTH = 64
HEAD_BYTES = 512
"""Bytes of a file by which its format is recognized."""
HIDDEN = Counted(
    "hidden file or folder, or one of the operating system, was left out",
    "hidden files and folders, or those of the operating system, were left out",
)
LINK_ABOVE = Counted("link to a folder above was not followed", "links to a folder above were not followed")
BROKEN_LINK = Counted("link leads nowhere and was left out", "links lead nowhere and were left out")
DEVICE = Counted("device, pipe or socket was left out", "devices, pipes and sockets were left out")


@dataclass(frozen=True)
class FileKind:
    """A kind of files that a folder is searched for.

    Args:
        name: The kind in the plural, which ends in s: `images`.
        suffixes: Suffixes in lower case. A file that has one is of the kind whatever its content is: the error of
            reading it is reported.
        classify: Gets the first `HEAD_BYTES` bytes of a file and its suffix in lower case. It returns True for a format
            that is read, False for another kind of content, and a reason for a format of this kind that is not read:
            `"is HEIC: pip install …"`.

    Example:
        ```python
        FileKind("PDF files", {".pdf"}, lambda head, suffix: head.startswith(b"%PDF-"))
        ```
    """

    name: str
    suffixes: Collection[str]
    classify: Callable[[bytes, str], bool | str]

    @property
    def singular(self) -> str:
        """The kind in the singular: `image`."""
        return self.name.removesuffix("s")

    @property
    def other_files(self) -> Counted:
        """The finding that files are not of this kind."""
        return Counted(f"file is no {self.singular} and was left out", f"files are no {self.name} and were left out")


class Child(NamedTuple):
    """A file or a folder in a folder.

    Attributes:
        path: Its path.
        is_folder: Whether it is a folder, or a link to one.
        identity: Device and inode, by which a link to a folder above is noticed.

    Example:
        ```python
        folders = [child.path for child in walk.children(folder) if child.is_folder]
        ```
    """

    path: Path
    is_folder: bool
    identity: tuple[int, int]


def is_hidden(name: str) -> bool:
    """Return whether a file or a folder is hidden or belongs to an operating system, and so is no data.

    Args:
        name: Its name without its folder.

    Returns:
        True for names that begin with a dot, for backups and locks of editors (`a.png~`, `~$a.png`), and for
        `SYSTEM_NAMES`.
    """
    return name.startswith((".", "~$")) or name.endswith("~") or name.lower() in SYSTEM_NAMES


def find_files(folder: Path, kind: FileKind, findings: Findings | None = None) -> list[Path]:
    """Find the files of a kind in a folder and its sub-folders.

    Args:
        folder: The folder.
        kind: The kind.
        findings: Collects what is left out; by default it is printed.

    Returns:
        The files, sorted.

    Raises:
        InputError: If there are none, or a folder or a file may not be read.
    """
    walk = FolderWalk(kind)
    files = list(walk.files(folder))
    if not files:
        raise walk.nothing_in(folder, "name a folder that has some")
    if findings is not None:
        findings.extend(walk.findings)
    else:
        for line in walk.findings.lines():
            note(line)
    return files


class FolderWalk:
    """A walk through a folder, which counts and names everything that it leaves out.

    Links are followed, except to a folder above. Hidden files and folders, and those of an operating system, are never
    opened.

    Args:
        kind: The kind of files that are searched for.

    Attributes:
        findings: What was left out.

    Example:
        ```python
        walk = FolderWalk(IMAGES)
        files = list(walk.files(Path("photos")))
        walk.findings.lines()
        ```
    """

    def __init__(self, kind: FileKind) -> None:
        self.kind, self.findings = kind, Findings()
        self.children = lru_cache(maxsize=None)(self._children)

    def files(self, folder: Path) -> Iterator[Path]:
        """Find the files of the kind in a folder and its sub-folders.

        Args:
            folder: The folder.

        Yields:
            The files, sorted.

        Raises:
            InputError: If a folder or a file may not be read, or folders are nested more than `MAX_DEPTH` deep.
        """
        yield from self._files(folder, _above(folder), 0)

    def folders(self, folder: Path) -> list[Path]:
        """Return the sub-folders of a folder.

        Args:
            folder: The folder.

        Returns:
            The sub-folders that are not hidden, sorted.

        Raises:
            InputError: If the folder may not be read.
        """
        return [child.path for child in self.children(folder) if child.is_folder]

    def accepts(self, file: Path) -> bool:
        """Return whether a file is of the kind; if it is not, it is counted.

        Args:
            file: The file.

        Returns:
            True for a file of the kind.

        Raises:
            InputError: If the file may not be read.
        """
        usable = self.classify(file)
        if usable is False:
            self.findings.remark(self.kind.other_files, str(file))
        elif usable is not True:
            unreadable = Counted(
                f"{self.kind.singular} could not be read and was left out",
                f"{self.kind.name} could not be read and were left out",
            )
            self.findings.add(unreadable, f"{file} {usable}")
        return usable is True

    def classify(self, file: Path) -> bool | str:
        """Return whether a file is of the kind.

        Args:
            file: The file.

        Returns:
            True for a file of the kind, False for another one; a reason, if it is one of a format that is not read.

        Raises:
            InputError: If the file may not be read.
        """
        suffix = file.suffix.lower()
        return suffix in self.kind.suffixes or self.kind.classify(read_head(file), suffix)

    def nothing_in(self, folder: Path, remedy: str) -> InputError:
        """Create the error for a folder without files of the kind.

        Args:
            folder: The folder.
            remedy: What to do.

        Returns:
            The error; it names what was left out.
        """
        suffixes = ", ".join(sorted(self.kind.suffixes))
        left_out = "".join(f"; {line}" for line in self.findings.lines())
        return InputError(f"{folder} has no {self.kind.name} ({suffixes}): {remedy}{left_out}")

    def _files(self, folder: Path, above: frozenset[tuple[int, int]], depth: int) -> Iterator[Path]:
        if depth > MAX_DEPTH:
            raise InputError(f"{folder} lies in more than {MAX_DEPTH} folders: move it up")
        for child in self.children(folder):
            if not child.is_folder:
                if self.accepts(child.path):
                    yield child.path
            elif child.identity in above:
                self.findings.remark(LINK_ABOVE, str(child.path))
            else:
                yield from self._files(child.path, above | {child.identity}, depth + 1)

    def _children(self, folder: Path) -> list[Child]:
        """Return the files and folders of a folder, sorted, without hidden ones; others are counted."""
        children = []
        try:
            with os.scandir(folder) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    child = self._child(folder / entry.name)
                    if child is not None:
                        children.append(child)
        except OSError as error:
            raise os_error(error, "read", folder) from error
        return children

    def _child(self, path: Path) -> Child | None:
        if is_hidden(path.name):
            self.findings.remark(HIDDEN, str(path))
            return None
        try:
            status = path.stat()
        except OSError as error:
            if isinstance(error, PermissionError):
                raise
            self.findings.add(BROKEN_LINK, f"{path} is a link that leads nowhere")
            return None
        if stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode):
            return Child(path, stat.S_ISDIR(status.st_mode), (status.st_dev, status.st_ino))
        self.findings.remark(DEVICE, str(path))
        return None


def _above(folder: Path) -> frozenset[tuple[int, int]]:
    """Return the identities of a folder and of all folders above it, with links and without."""
    here, there = folder.absolute(), folder.resolve()
    statuses = [place.stat() for place in (here, *here.parents, there, *there.parents) if place.is_dir()]
    return frozenset((status.st_dev, status.st_ino) for status in statuses)


def read_head(file: Path) -> bytes:
    """Read the bytes of a file by which its format is recognized.

    Args:
        file: The file.

    Returns:
        The first `HEAD_BYTES` bytes.

    Raises:
        InputError: If the file may not be read.
    """
    try:
        with file.open("rb") as stream:
            return stream.read(HEAD_BYTES)
    except OSError as error:
        raise os_error(error, "read", file) from error
