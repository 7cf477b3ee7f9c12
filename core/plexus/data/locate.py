"""What `--data` means."""

from pathlib import Path

from plexus.data.downloads import download
from plexus.data.named import NamedSet
from plexus.errors import InputError
from plexus.registry import registry


def locate(data: str) -> Path | NamedSet:
    """A named set, one file of such (`SET/FILE`), an existing file or folder, or what an http(s) address gave.

    Raises:
        InputError: it is none of these; the line says which sets there are, and the nearest name.
    """
    if data.lower().startswith(("http://", "https://")):
        return download(data)
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
