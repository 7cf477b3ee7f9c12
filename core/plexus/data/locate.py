"""What `--data` means."""

from pathlib import Path
from urllib.parse import urlparse

from plexus.data.named import NamedSet
from plexus.errors import InputError
from plexus.registry import registry
from plexus.settings import data_folder


def locate(data: str) -> Path | NamedSet:
    """A named set, one file of such (`SET/FILE`), an existing file or folder, or what an http(s) address gave.

    Raises:
        InputError: it is none of these; the line says which sets there are, and the nearest name.
    """
    if urlparse(data).scheme in {"http", "https"}:
        return _downloaded(data)
    if data in registry().entries("data"):
        return registry().dataset(data)
    path = Path(data).expanduser()
    if path.exists():
        return path
    name, _, file = data.partition("/")
    if file and name in registry().entries("data"):
        return registry().dataset(name).fetch_file(file)
    if "/" in data or path.suffix:
        raise InputError(f"--data {data}: there is no such file or folder")
    return registry().dataset(data)  # raises, naming the sets


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
