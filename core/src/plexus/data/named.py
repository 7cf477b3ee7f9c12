"""Named data sets, fetched once and checked."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

from plexus.data.arrays import Pair
from plexus.errors import InputError, unknown
from plexus.utils.files import sha256
from plexus.utils.user_settings import data_folder


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set.

    Args:
        name: its original name.
        url: where it is to be had.
        sha256: of its content; for an archive whose content may be there instead, see `NamedDataset.unpacked`.
    """

    name: str
    url: str
    sha256: str

    def __post_init__(self) -> None:
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.name}: {self.sha256!r} is not a SHA-256 of 64 hexadecimal digits")


@dataclass(frozen=True)
class NamedDataset:
    """A data set with a name: files to fetch, or arrays that come with a library.

    Args:
        id: its name, and that of its folder in the data folder.
        licence: of the data, for the model cards.
        files: to fetch, unless they are there.
        unpacked: a pattern of files that may be there instead of the archive in `files`.
        labels: names of the classes, in the order of their numbers.
        embedded: gives the arrays of a set that needs no file.
    """

    id: str
    licence: str
    files: tuple[RemoteFile, ...] = ()
    unpacked: str | None = None
    labels: tuple[str, ...] = ()
    embedded: Callable[[], dict[str, Pair]] | None = None

    def fetch(self) -> Path:
        """The folder with the files, each verified; what is missing is downloaded.

        Raises:
            InputError: a file cannot be fetched, or is not what it should be.
        """
        folder = data_folder() / self.id
        if self.unpacked and any(folder.glob(self.unpacked)):
            return folder
        for file in self.files:
            _fetch(file, folder)
        return folder

    def fetch_file(self, name: str) -> Path:
        """One of the files, verified, downloaded if it is missing.

        Args:
            name: as in `files`; its ending may be left out.

        Raises:
            InputError: there is none of that name, it cannot be fetched, or is not what it should be.
        """
        for file in self.files:
            if name in {file.name, str(Path(file.name).with_suffix(""))}:
                return _fetch(file, data_folder() / self.id)
        raise unknown(f"file in {self.id}", name, [file.name for file in self.files])


def _fetch(file: RemoteFile, folder: Path) -> Path:
    place = folder / file.name
    if not place.exists():
        _download(file, folder)
    elif sha256(place) != file.sha256:
        raise InputError(f"{place} is not the file that was published: delete it to fetch it anew")
    return place


def _download(file: RemoteFile, folder: Path) -> None:
    import pooch
    import requests

    archive = file.name.endswith((".tar.gz", ".tgz"))
    unpack = pooch.Untar(extract_dir=".") if archive else None
    try:
        within = folder / file.name
        pooch.retrieve(file.url, f"sha256:{file.sha256}", within.name, within.parent, unpack, progressbar=False)
    except (requests.RequestException, OSError, ValueError) as error:
        (folder / file.name).unlink(missing_ok=True)
        raise InputError(
            f"cannot fetch {file.name} from {file.url} ({type(error).__name__}); if you have it, put it into {folder} "
            "or set PLEXUS_DATA to the folder that holds the data sets"
        ) from error


def locate(data: str, datasets: Mapping[str, NamedDataset]) -> Path | NamedDataset:
    """Resolve the value of `--data`.

    Args:
        data: Name of a data set, one file of it (`NAME/FILE`), a path, or an http(s) address.
        datasets: The named data sets.

    Returns:
        The named data set, or the path of a file or folder.

    Raises:
        InputError: If it is none of these; the line names the nearest data set.
    """
    if urlparse(data).scheme in {"http", "https"}:
        return _downloaded(data)
    if data in datasets:
        return datasets[data]
    path = Path(data).expanduser()
    if path.exists():
        return path
    name, _, file = data.partition("/")
    if file and name in datasets:
        return datasets[name].fetch_file(file)
    if "/" in data or path.suffix:
        raise InputError(f"--data {data}: there is no such file or folder")
    raise unknown("data set", data, datasets)


def _downloaded(address: str) -> Path:
    import pooch
    import requests

    name = Path(urlparse(address).path).name or "data"
    folder = data_folder() / "downloads"
    unpack = pooch.Unzip() if name.endswith(".zip") else pooch.Untar() if name.endswith((".tar.gz", ".tgz")) else None
    try:
        found = pooch.retrieve(address, None, fname=name, path=folder, processor=unpack)
    except (requests.RequestException, OSError, ValueError) as error:
        raise InputError(f"--data {address}: cannot be fetched ({type(error).__name__}: {error})") from error
    if unpack is None:
        return Path(found)
    return folder / f"{name}.{'unzip' if name.endswith('.zip') else 'untar'}"
