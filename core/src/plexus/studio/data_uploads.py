"""Files that a person uploads to look at them."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from starlette.datastructures import UploadFile

from plexus.data.archives import is_archive, unpack_archive
from plexus.data.tables import is_table
from plexus.errors import InputError
from plexus.utils.process_folder import process_folder

MAX_FILES = 5_000
"""Files of one upload; more in a zip."""
MAX_BYTES, MAX_UNPACKED_FILES = 4 << 30, 100_000
"""Limits of an archive that is uploaded, unpacked."""
MAX_DEPTH = 16


@dataclass(frozen=True)
class Upload:
    """Uploaded data.

    Args:
        folder: The folder to remove once the data are not used any more.
        path: The data in it: a file or a folder.
        title: Name for people.

    Example:
        ```python
        upload = Upload.save(files)
        task.options.parse({"data": str(upload.path)})
        ```
    """

    folder: Path
    path: Path
    title: str

    @classmethod
    def save(cls, files: Sequence[UploadFile]) -> "Upload":
        """Write uploaded files to a temporary folder, which is removed at the latest when the process ends.

        Args:
            files: A table or another file, an archive, several files, or a folder: files with relative names.

        Returns:
            The upload.

        Raises:
            InputError: If there is no file, a name leads out of the folder, or the archive cannot be unpacked.
        """
        names = [_relative(file.filename or "") for file in files]
        if not names:
            raise InputError("choose a file, several files, or a zip")
        if len(set(names)) < len(names):
            raise InputError("two uploaded files have the same name: rename one, or upload a zip")
        folder = _new_folder()
        try:
            path = _write_files(files, names, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(
            folder, path, names[0].parts[0] if _common_folder(names) or len(names) == 1 else f"{len(names)} files"
        )

    def copy(self) -> "Upload":
        """Copy the upload for another use; its files are not written a second time.

        Returns:
            The copy, in a folder of its own.

        Raises:
            InputError: If it has been removed meanwhile.
        """
        folder = _new_folder()
        try:
            shutil.copytree(self.folder, folder, copy_function=os.link, dirs_exist_ok=True)
        except (OSError, shutil.Error) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise InputError(f"{self.title} is no longer on the server: upload it again") from error
        return replace(self, folder=folder, path=folder / self.path.relative_to(self.folder))


def _new_folder() -> Path:
    root = process_folder() / "uploads"
    root.mkdir(exist_ok=True)
    return Path(tempfile.mkdtemp(dir=root))


def _write_files(files: Sequence[UploadFile], names: Sequence[PurePosixPath], folder: Path) -> Path:
    """Write the files, and return the path of the data."""
    content = folder / "content"
    for file, name in zip(files, names, strict=True):
        place = content.joinpath(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as target:
            shutil.copyfileobj(file.file, target, 1 << 20)
    if len(names) > 1:
        return content / names[0].parts[0] if _common_folder(names) else content
    path = content / names[0]
    if not is_archive(path.name):
        return path
    unpacked = unpack_archive(path, folder / "unpacked", most_bytes=MAX_BYTES, most_files=MAX_UNPACKED_FILES)
    path.unlink()
    inside = [file for file in unpacked.rglob("*") if file.is_file() and not file.name.startswith(".")]
    return inside[0] if len(inside) == 1 and is_table(inside[0]) else unpacked


def _common_folder(names: Sequence[PurePosixPath]) -> bool:
    return all(len(name.parts) > 1 and name.parts[0] == names[0].parts[0] for name in names)


def _relative(name: str) -> PurePosixPath:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in name or not path.parts or len(path.parts) > MAX_DEPTH:
        raise InputError(f"{path.name[:100]}: expected a plain name of a file, without .. and without a leading /")
    return path
