"""Named data sets, downloaded once and verified."""

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from plexus.data.archives import USER_BYTES, USER_FILES, is_tar, unpack_archive
from plexus.data.arrays import Pair, read_arrays
from plexus.data.downloads import download
from plexus.errors import InputError, os_error, raise_system_error, unknown
from plexus.utils.files import sha256, writing_to
from plexus.utils.user_settings import data_folder


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set.

    Args:
        name: Its original name.
        url: Its address; empty if it has none, so that the user has to put it into the data folder.
        sha256: Checksum of its content.

    Example:
        ```python
        RemoteFile("oslo.csv", "https://data.example/oslo.csv", "9f86d0…")
        ```
    """

    name: str
    url: str
    sha256: str

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.name}: {self.sha256!r} is not a SHA-256 checksum: expected 64 hexadecimal digits")


@dataclass(frozen=True)
class NamedDataset:
    """A data set with a name: files to download, or arrays that come with a library.

    Args:
        id: Its name, and that of its folder in the data folder.
        licence: Licence of the data, for model cards.
        files: Files to download, unless they exist.
        unpacked: Pattern of files that may exist instead of the archive in `files`, or that have no address.
        labels: Names of the classes, in the order of their numbers.
        embedded: Returns the arrays of a data set without files, by split.
        page: Address of the page about data whose files have no address of their own.

    Example:
        ```python
        OSLO = NamedDataset("oslo", licence="CC BY 4.0", files=(RemoteFile("oslo.csv", url, sha256),))
        ```
    """

    id: str
    licence: str
    files: tuple[RemoteFile, ...] = ()
    unpacked: str | None = None
    labels: tuple[str, ...] = ()
    embedded: Callable[[], dict[str, Pair]] | None = None
    page: str = ""

    def fetch(self) -> Path:
        """Download the files that are missing, and verify all.

        Returns:
            The folder with the files.

        Raises:
            InputError: If a file cannot be downloaded, or has no address and is missing, or its checksum is wrong.
        """
        folder = data_folder() / self.id
        if self.unpacked and any(folder.glob(self.unpacked)):
            return folder
        if self.unpacked and not self.files:
            raise self._no_address(f"its files ({self.unpacked})", folder)
        for file in self.files:
            self._fetch(file, folder)
        return folder

    def read_arrays(self) -> dict[str, Pair]:
        """Read the arrays: those that are embedded, or those of the files, which are downloaded if they are missing.

        Returns:
            Inputs and labels by split.

        Raises:
            InputError: If there are no arrays, a file cannot be downloaded, or its checksum is wrong.
        """
        if self.embedded:
            return self.embedded()
        folder = self.fetch()
        places = [*sorted(folder.glob(self.unpacked or "*")), *sorted(folder.glob("*"))]
        arrays = next(filter(None, map(read_arrays, [folder, *places])), None)
        if not arrays:
            raise InputError(f"{self.id}: expected a data set of arrays (IDX, .npz, HDF5 or CIFAR), found none")
        return arrays

    def fetch_file(self, name: str) -> Path:
        """Download one of the files if it is missing, and verify it.

        Args:
            name: Its name in `files`; the suffix may be omitted.

        Returns:
            The file.

        Raises:
            InputError: If there is no file of that name, it cannot be downloaded, or its checksum is wrong.
        """
        for file in self.files:
            if name in {file.name, str(Path(file.name).with_suffix(""))}:
                return self._fetch(file, data_folder() / self.id)
        raise unknown(f"file in {self.id}", name, [file.name for file in self.files])

    def _fetch(self, file: RemoteFile, folder: Path) -> Path:
        place = folder / file.name
        if place.exists() and sha256(place) != file.sha256:
            remedy = "delete it to download it again" if file.url else f"expected one with SHA-256 {file.sha256}"
            raise InputError(f"{place} is not the file that was published: {remedy}")
        if not place.exists() and not file.url:
            raise self._no_address(file.name, folder)
        if is_tar(file.name):
            if not place.exists() or _is_packed(folder):
                _unpack(file, folder)
        elif not place.exists():
            _download(file, place, folder)
        return place

    def _no_address(self, files: str, folder: Path) -> InputError:
        page = f"; its page is {self.page}" if self.page else ""
        return InputError(
            f"{self.id} cannot be downloaded: put {files} into {folder}, or set PLEXUS_DATA to the folder that holds "
            f"the data sets{page}"
        )


def _is_packed(folder: Path) -> bool:
    """Return whether a folder that can be written to has archives only, which the user put there."""
    return os.access(folder, os.W_OK) and all(
        is_tar(child.name) for child in folder.iterdir() if not child.name.startswith(".")
    )


def _unpack(file: RemoteFile, folder: Path) -> None:
    """Unpack an archive into the folder; the archive is moved there last, as the mark that its content is complete.

    It is downloaded and unpacked in a temporary folder, from which the work of a killed process is continued.
    """
    temporary, place = folder.with_name(f".{folder.name}.partial"), folder / file.name
    archive, content = temporary / file.name, temporary / f"content-{os.getpid()}"
    try:
        with writing_to(folder):
            folder.mkdir(parents=True, exist_ok=True)
            temporary.mkdir(exist_ok=True)
            if place.exists():
                place.replace(archive)
        _download(file, archive, folder)
        unpack_archive(archive, content, most_bytes=USER_BYTES, most_files=USER_FILES)
        with writing_to(folder):
            if not place.exists():  # else another process has done the same in the meantime
                for child in content.iterdir():
                    _move(child, folder / child.name)
                archive.replace(place)
    except InputError:
        if not place.exists():  # else that process has removed the temporary folder of this one
            raise
    finally:
        shutil.rmtree(content, ignore_errors=True)
        if not archive.exists():
            shutil.rmtree(temporary, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    source.replace(target)


def _download(file: RemoteFile, place: Path, folder: Path) -> None:
    import pooch
    import requests

    try:
        pooch.retrieve(file.url, f"sha256:{file.sha256}", place.name, place.parent, progressbar=False)
    except (requests.RequestException, OSError, ValueError) as error:
        if isinstance(error, PermissionError):  # Pooch's own has no number
            raise os_error(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "write to", place.parent) from None
        if getattr(error, "filename", None):  # of the disk, not of the connection
            raise_system_error(error, place.parent, "write to")
        place.unlink(missing_ok=True)
        raise InputError(
            f"cannot fetch {file.name} from {file.url} ({type(error).__name__}); if you have the file, put it into "
            f"{folder} or set PLEXUS_DATA to the folder that holds the data sets"
        ) from error


def locate(
    data: str, datasets: Mapping[str, NamedDataset], suggestions: Iterable[str] | None = None
) -> Path | NamedDataset:
    """Resolve the value of `--data`.

    Args:
        data: Name of a data set, one file of it (`NAME/FILE`), a path, or an http(s) address.
        datasets: The named data sets.
        suggestions: Names that an error may suggest; None for all.

    Returns:
        The named data set, or the path of a file or folder.

    Raises:
        InputError: If it is empty or none of these; the line names the nearest data set.
    """
    if not data.strip():  # the path of an empty text is the working directory
        raise InputError("--data is empty: name a data set, a file, a folder or an http(s) address")
    if data.lower().startswith(("http://", "https://")):
        return download(data)
    if data in datasets:
        return datasets[data]
    try:
        path = Path(data).expanduser()
        if path.exists():
            return path
    except (OSError, RuntimeError, ValueError) as error:  # too long, an unknown user, a null character
        raise InputError(f"--data {data:.100}: it cannot be the path of a file or folder ({error})") from error
    name, _, file = data.partition("/")
    if file and name in datasets:
        return datasets[name].fetch_file(file)
    if "/" in data or path.suffix:
        raise InputError(f"--data {data}: there is no such file or folder")
    raise unknown("data set", data, datasets if suggestions is None else suggestions)
