"""Arrays of NumPy and HDF5 files from untrusted sources: plain, within the file, and no larger than they can be."""

import math
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from plexus.data.archive_streams import ZipReader
from plexus.data.compression import MAX_BYTES, require_plausible
from plexus.errors import InputError, os_error

if TYPE_CHECKING:
    import h5py

MAX_ARRAYS, MAX_DEPTH = 1000, 64
"""Arrays and groups of a file, and how deep they are nested."""
_DAMAGE = (
    OSError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, ValueError, TypeError, SyntaxError,
    NotImplementedError, RuntimeError, ArithmeticError, AttributeError,
)  # fmt: skip
"""Errors that NumPy, zipfile and h5py raise for damaged files."""


def read_npz(file: Path) -> dict[str, np.ndarray]:
    """Read the arrays of a `.npz` file.

    Args:
        file: The file.

    Returns:
        The arrays by name.

    Raises:
        InputError: If it is damaged, has pickled objects, declares more bytes than it has or than the limit, or may
            not be read.
    """
    with _damage(file), file.open("rb") as stream, zipfile.ZipFile(ZipReader(stream, MAX_ARRAYS)) as content:
        members = [member for member in content.infolist() if not member.is_dir()]
        require_plausible(str(file), sum(member.file_size for member in members), file.stat().st_size)
        return {member.filename.removesuffix(".npy"): _read_member(file, content, member) for member in members}


def read_hdf5(file: Path) -> dict[str, np.ndarray]:
    """Read the data sets of an HDF5 file.

    Data that lies in other files (external storage, virtual data sets, external links) is refused: a file from
    elsewhere could name any file of this machine.

    Args:
        file: The file.

    Returns:
        The arrays by name.

    Raises:
        InputError: If it is damaged, refers to other files, declares more bytes than the limit, or may not be read.
    """
    import h5py

    with _damage(file), h5py.File(file, "r") as content:
        datasets = dict(_Hdf5Walk(file).datasets(content))
        require_plausible(str(file), sum(map(_size, datasets.values())), file.stat().st_size)
        return {name: np.asarray(dataset[()]) for name, dataset in datasets.items()}


def _read_member(file: Path, content: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Read one array after its header was compared with its size: NumPy allocates what the header declares."""
    with content.open(member) as stream:
        shape, kind = _read_header(stream)
        if not kind.hasobject:
            declared = math.prod(shape) * kind.itemsize
            if declared > MAX_BYTES or declared > member.file_size:
                raise InputError(
                    f"{file}: the header of {member.filename} declares {declared:,} bytes, there are "
                    f"{member.file_size:,}: save the file again"
                )
    with content.open(member) as stream:
        return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(stream)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"version {version} of the NumPy format is not read")
    shape, _, kind = readers[version](stream)
    return shape, kind


class _Hdf5Walk:
    """Finds the data sets of a file, each once, sorted by their names; soft links are not followed.

    Args:
        file: The file.
    """

    def __init__(self, file: Path) -> None:
        self.file, self.seen = file, set[object]()

    def datasets(self, group: "h5py.Group", prefix: str = "") -> Iterator[tuple[str, "h5py.Dataset"]]:
        """Find the data sets of a group and of the groups in it.

        Args:
            group: The group.
            prefix: Names of the groups above, each with a slash.

        Yields:
            Name and data set.

        Raises:
            InputError: If something in the group lies in another file, or there are too many objects.
        """
        import h5py

        for name in group:
            place = f"{prefix}{name}"
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise InputError(f"{self.file}: {place} is a link to another file, which is not read: copy the data")
            item = group.get(name) if isinstance(link, h5py.HardLink) else None
            if item is None or item.id in self.seen:
                continue
            self.seen.add(item.id)
            if len(self.seen) > MAX_ARRAYS or place.count("/") > MAX_DEPTH:
                raise InputError(f"{self.file} has more than {MAX_ARRAYS:,} objects, or too deep groups: split it")
            if isinstance(item, h5py.Group):
                yield from self.datasets(item, f"{place}/")
            elif isinstance(item, h5py.Dataset):
                _require_inside(self.file, place, item)
                yield place, item


def _require_inside(file: Path, name: str, dataset: "h5py.Dataset") -> None:
    import h5py

    if dataset.external or dataset.is_virtual:
        raise InputError(f"{file}: the data of {name} lies in another file, which is not read: copy the data into it")
    is_text = h5py.check_string_dtype(dataset.dtype) is not None
    if dataset.dtype.kind not in "buifS" and not is_text:
        raise InputError(f"{file}: {name} has values of type {dataset.dtype}: expected numbers or texts")


def _size(dataset: "h5py.Dataset") -> int:
    return int(dataset.size or 0) * int(dataset.dtype.itemsize)


@contextmanager
def _damage(file: Path) -> Iterator[None]:
    """Convert the errors of damaged files, and of pickled objects, to one line that names the file."""
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    try:
        yield
    except MemoryError as error:
        raise InputError(f"{file} does not fit in the memory of this machine: split it") from error
    except _DAMAGE as error:
        if isinstance(error, PermissionError):
            raise os_error(error, "read", file) from error
        if "allow_pickle" in str(error) or "Object arrays" in str(error):
            raise InputError(
                f"{file} holds pickled Python objects, which can run code when read: save plain arrays instead"
            ) from error
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{file} is damaged or not what its name says: {reason}") from error
