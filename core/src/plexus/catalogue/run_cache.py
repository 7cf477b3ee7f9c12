"""The records of runs, read again only when their files have changed."""

from dataclasses import replace
from pathlib import Path
from threading import Lock

from plexus.catalogue.folders import run_folders
from plexus.catalogue.notes import NOTES_FILE
from plexus.catalogue.record import RunRecord
from plexus.errors import InputError
from plexus.inference.bundle_format import MANIFEST
from plexus.run import BUNDLE_FOLDER, RUN_FILE

Stamp = tuple[tuple[int, int] | None, ...]


class RunCache:
    """The runs of a folder. Codecs, which may be large, are left out of the manifests.

    Args:
        root: The folder; it may not exist.

    Example:
        ```python
        RunCache(Path("runs")).records()[0].status
        ```
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._entries: dict[Path, tuple[Stamp, RunRecord]] = {}
        self._lock = Lock()

    def records(self, removed: bool = False) -> list[RunRecord]:
        """Return all runs; one that cannot be read is left out.

        Args:
            removed: Whether to return those that were removed, in place of the others.

        Returns:
            The records, the last one first.
        """
        if not self.root.is_dir():
            return []
        with self._lock:
            records = [self._record(folder) for folder in run_folders(self.root, removed)]
        return sorted((record for record in records if record), key=lambda record: record.started, reverse=True)

    def _record(self, folder: Path) -> RunRecord | None:
        stamp, record = self._entries.get(folder, ((), None))
        if record is None or record.status != "finished" or stamp != _stamp(folder, record):
            record = _read(folder)
            if record is not None:
                self._entries[folder] = _stamp(folder, record), record
        return record


def _read(folder: Path) -> RunRecord | None:
    try:
        record = RunRecord.read(folder)
    except (InputError, OSError):  # OSError: it is being removed
        return None
    return replace(record, manifest={name: value for name, value in record.manifest.items() if name != "codec"})


def _stamp(folder: Path, record: RunRecord) -> Stamp:
    bundle = record.bundle or folder / BUNDLE_FOLDER
    return tuple(map(_file_stamp, (folder / RUN_FILE, folder / "log.jsonl", folder / NOTES_FILE, bundle / MANIFEST)))


def _file_stamp(file: Path) -> tuple[int, int] | None:
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size
