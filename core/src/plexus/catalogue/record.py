"""The state of a run, read from its folder without the plugin of its task."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from plexus.catalogue.notes import RunNotes
from plexus.catalogue.training_log import LOG_FILE, failure
from plexus.errors import InputError
from plexus.inference.bundle_format import MANIFEST
from plexus.inference.manifest import read_manifest
from plexus.report.intervals import confidence_interval
from plexus.run import BUNDLE_FOLDER, RUN_FILE, read_run
from plexus.utils.files import read_regular
from plexus.utils.locks import is_locked

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_LOG_BYTES = 1 << 28

Status = Literal["finished", "training", "interrupted", "failed"]


@dataclass(frozen=True)
class RunRecord:
    """A run as its files describe it.

    Args:
        folder: Folder of the run.
        task: Id of the task.
        options: Options of the training by name.
        status: `finished` if it has a bundle, `training` if a process holds its lock, `failed` if the last
            process that Studio started for it ended with an error, else `interrupted`.
        started: When its folder was set up.
        epochs: Finished epochs.
        seconds: Time of these epochs.
        bundle: Folder of the bundle; None if it is not finished.
        manifest: The manifest of the bundle; empty if it is not finished.
        notes: Notes and tags.

    Example:
        ```python
        record = RunRecord.read(Path("runs/vision.classify/20261127-101500"))
        record.status, record.value
        ```
    """

    folder: Path
    task: str
    options: "JsonObject"
    status: Status
    started: datetime
    epochs: int
    seconds: float
    bundle: Path | None
    manifest: "JsonObject"
    notes: RunNotes

    @classmethod
    def read(cls, folder: Path) -> "RunRecord":
        """Read the files of a run.

        Args:
            folder: Folder of the run.

        Returns:
            The record.

        Raises:
            InputError: If the folder is not a run's, or a file of it was changed or cut off.
        """
        content = read_run(folder)
        log = _read_log(folder / "log.jsonl")
        out = folder / content["out"]
        bundle = next((each for each in (out, folder / BUNDLE_FOLDER) if (each / MANIFEST).is_file()), None)
        return cls(
            folder,
            content["task"],
            content["options"],
            _status(folder, bundle),
            datetime.fromtimestamp((folder / RUN_FILE).stat().st_mtime, UTC),
            len(log),
            sum(float(line.get("seconds", 0.0)) for line in log),
            bundle,
            read_manifest(bundle) if bundle is not None else {},
            RunNotes.read(folder),
        )

    @property
    def data(self) -> str:
        """The data of the training, as the user named it."""
        return str(self.options.get("data", ""))

    @property
    def metric(self) -> str | None:
        """Name of the metric that ranks models; None if the run is not finished."""
        return self.manifest.get("score")

    @property
    def scores(self) -> dict[str, float]:
        """The metrics on the test split by name; empty if the run is not finished."""
        return dict(self.manifest.get("scores", {}))

    @property
    def value(self) -> float | None:
        """The metric that ranks models, on the test split; None if the run is not finished."""
        return None if self.metric is None else self.scores[self.metric]

    def interval(self, name: str) -> tuple[float, float] | None:
        """Return the 95 % interval of a metric on the test split.

        Args:
            name: Name of the metric.

        Returns:
            Lower and upper bound; None if the run does not have the metric, or the interval is not known.
        """
        if name not in self.scores:
            return None
        return confidence_interval(name, self.scores, self.manifest["data"]["examples"]["test"])

    def history(self) -> "list[JsonObject]":
        """Read the log of the training.

        Returns:
            Per finished epoch `epoch`, counted from 0, `loss`, `seconds` and the metrics.

        Raises:
            InputError: If the log was changed or cut off.
        """
        return _read_log(self.folder / "log.jsonl")

    def to_json(self) -> "JsonObject":
        """Return the record for JSON.

        Returns:
            `run`, `task`, `data`, `status`, `started`, `epochs`, `seconds`, `metric`, `value` and its 95 % `interval`,
            `parameters`, `bundle`, `note`, `tags`.
        """
        return {
            "run": str(self.folder),
            "task": self.task,
            "data": self.data,
            "status": self.status,
            "started": self.started.isoformat(timespec="seconds"),
            "epochs": self.epochs,
            "seconds": round(self.seconds, 1),
            "metric": self.metric,
            "value": self.value,
            "interval": self.interval(self.metric) if self.metric else None,
            "parameters": self.manifest.get("parameters"),
            "bundle": None if self.bundle is None else str(self.bundle),
            "note": self.notes.text,
            "tags": list(self.notes.tags),
        }


def _status(folder: Path, bundle: Path | None) -> Status:
    if is_locked(folder / "run.lock"):
        return "training"
    if bundle is not None:
        return "finished"
    return "failed" if failure(folder / LOG_FILE) else "interrupted"


def _read_log(file: Path) -> "list[JsonObject]":
    if not file.exists():
        return []
    try:
        return [json.loads(line) for line in read_regular(file, MAX_LOG_BYTES).decode().splitlines()]
    except ValueError as error:
        raise InputError(f"{file}: expected an object in JSON per line: {error}") from error
