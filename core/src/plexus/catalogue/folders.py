"""The runs of a folder: listed, removed and restored."""

import os
from collections.abc import Iterator
from pathlib import Path

from plexus.catalogue.record import RunRecord
from plexus.errors import InputError
from plexus.run import RUN_FILE
from plexus.utils.files import require_new, writing_to
from plexus.utils.messages import note

REMOVED = ".removed"
"""Folder, in that of the runs of a task, of runs that were removed and can be restored."""


def find_runs(root: Path, removed: bool = False) -> list[RunRecord]:
    """Read all runs below a folder; one that cannot be read is named and left out.

    Args:
        root: The folder.
        removed: Whether to return those that were removed, in place of the others.

    Returns:
        The runs, the last one first.

    Raises:
        InputError: If there is no such folder.
    """
    if not root.is_dir():
        raise InputError(f"{root} is no folder: trainings write their runs to runs/; name another place with --folder")
    records = []
    for folder in run_folders(root, removed):
        try:
            records.append(RunRecord.read(folder))
        except InputError as error:  # the others are listed
            note(f"left out: {error}")
    return sorted(records, key=lambda record: record.started, reverse=True)


def remove_run(folder: Path) -> Path:
    """Move a run to the folder `.removed`, so that it can be restored. A bundle in another folder stays.

    Args:
        folder: Folder of the run.

    Returns:
        Its new place.

    Raises:
        InputError: If it is not a run, is being trained, or a run of this name was removed before.
    """
    if RunRecord.read(folder).status == "training":
        raise InputError(f"{folder} is being trained: stop it first")
    place = folder.parent / REMOVED / folder.name
    require_new(place)
    with writing_to(place):
        place.parent.mkdir(exist_ok=True)
        folder.rename(place)
    return place


def restore_run(folder: Path) -> Path:
    """Restore a run that was removed.

    Args:
        folder: The place where it was, or where it is now.

    Returns:
        The place where it was.

    Raises:
        InputError: If no run was removed from there, or there is another one.
    """
    original = folder.parent.parent / folder.name if folder.parent.name == REMOVED else folder
    place = original.parent / REMOVED / original.name
    RunRecord.read(place)
    require_new(original)
    with writing_to(original):
        place.rename(original)
        if not any(place.parent.iterdir()):
            place.parent.rmdir()
    return original


def run_folders(root: Path, removed: bool) -> Iterator[Path]:
    """Find the folders of runs below a folder.

    Args:
        root: The folder.
        removed: Whether to find those that were removed, in place of the others.

    Yields:
        The folders.
    """
    for place, folders, files in os.walk(root):
        if RUN_FILE in files:
            folders[:] = []  # runs in it are stages and trials of it
            if (Path(place).parent.name == REMOVED) == removed:
                yield Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith(".") or (removed and name == REMOVED))
