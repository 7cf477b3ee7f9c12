"""Zip archives from outside."""

import zipfile
from pathlib import Path

from plexus.errors import InputError

MOST_BYTES, MOST_FILES = 4 << 30, 200_000


def unzipped(archive: Path, folder: Path) -> Path:
    """Unpack an archive into an empty folder; gives the folder, or the only one in it.

    Names that lead out of the folder lose what leads out (`zipfile` sees to it); system files of macOS are left out.

    Raises:
        InputError: it is no archive, is damaged, or holds more than is taken.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            members = [one for one in content.infolist() if not one.filename.startswith("__MACOSX/")]
            if len(members) > MOST_FILES or sum(one.file_size for one in members) > MOST_BYTES:
                raise InputError(f"{archive.name}: more than {MOST_FILES:,} files or {MOST_BYTES >> 30} GB unpacked")
            content.extractall(folder, members)
    except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError) as error:
        raise InputError(f"{archive.name} cannot be unpacked: {error}; an ordinary .zip is wanted") from error
    inside = [one for one in folder.iterdir() if not one.name.startswith(".")]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder
