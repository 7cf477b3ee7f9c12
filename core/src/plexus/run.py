"""One training and its folder."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from plexus.errors import InputError
from plexus.options import Options, resolved
from plexus.utils.checked_json import dump_checked_json, read_checked_json
from plexus.utils.files import require_new, write_whole, writing_to
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.task import AnyTask

RUNS = Path("runs")
"""Folder that trainings write their runs to."""
RUN_FILE = "run.json"
BUNDLE_FOLDER = "bundle"
MAX_RUN_BYTES = 1 << 24
MAX_RUNS_PER_SECOND = 1000


@dataclass(frozen=True)
class Run:
    """A training: its folder, its task and its options. It never changes; its progress is a `TrainingState`.

    Files of the folder:

    - `run.json`: task, options, folder of the bundle
    - `log.jsonl`: one line per epoch: loss, metrics, seconds
    - `checkpoint.npz`: state to resume from; `checkpoint.previous.npz`: the one before, in case that is damaged;
      `best.npz`: best weights so far
    - `origin.json`: with `--from`, the bundle that the initial weights are from
    - `run.lock`: the process that trains it, as long as it does
    - `stages/NAME/`: runs of the stages before the last one
    - `bundle/`, `report/`, `report.html`: the results

    Args:
        folder: Folder of the run.
        task: Id of the task.
        options: Options of the training.
        out: Folder of the bundle.

    Example:
        ```python
        run = Run.start("vision.classify", task.options.parse({"data": "digits"}))
        ```
    """

    folder: Path
    task: str
    options: Options
    out: Path

    @classmethod
    def start(
        cls, task: str, options: Options, out: Path | None = None, folder: Path | None = None, root: Path = RUNS
    ) -> Self:
        """Create a run and its folder.

        Args:
            task: Id of the task.
            options: Options of the training.
            out: Folder of the bundle; by default `bundle` in the run's folder.
            folder: Folder of the run; by default a new one in `root`.
            root: Folder of all runs.

        Returns:
            The run.

        Raises:
            InputError: If the bundle's folder exists, or a folder cannot be written to.
        """
        if out is not None:
            require_new(out)
            _require_writable(out.parent)
        if folder is None:
            folder = _create_unused(root / task / datetime.now(UTC).strftime("%Y%m%d-%H%M%S"))
        else:
            require_new(folder)
            with writing_to(folder):
                folder.mkdir(parents=True)
        run = cls(folder, task, options, out or folder / BUNDLE_FOLDER)
        run.save()
        return run

    @classmethod
    def read(cls, folder: Path, task: "AnyTask") -> Self:
        """Read the run of a folder, to resume it.

        Args:
            folder: Folder of the run.
            task: Task of the run; see `read_run_task`.

        Returns:
            The run.

        Raises:
            InputError: If the folder is not a run's, or the run has ended.
        """
        content = read_run(folder)
        out = folder / content["out"]
        if not out.parent.exists():
            note(f"{out.parent} does not exist any more: the bundle will be in {folder / BUNDLE_FOLDER}")
            out = folder / BUNDLE_FOLDER
        if out.exists():
            raise InputError(f"{folder} has ended already: its bundle is {out}")
        return cls(folder, task.id, task.options.parse(content["options"]), out)

    @property
    def epochs(self) -> int:
        """Number of epochs.

        Raises:
            ValueError: If it is not resolved.
        """
        return resolved(self.options.epochs)

    @property
    def checkpoint(self) -> Path:
        """File of the state to resume from."""
        return self.folder / "checkpoint.npz"

    @property
    def previous_checkpoint(self) -> Path:
        """File of the checkpoint before the last one."""
        return self.folder / "checkpoint.previous.npz"

    @property
    def lock_file(self) -> Path:
        """File of the lock that a training of the run holds."""
        return self.folder / "run.lock"

    @property
    def best(self) -> Path:
        """File of the best weights so far."""
        return self.folder / "best.npz"

    @property
    def origin(self) -> Path:
        """File that says where the initial weights are from, with `--from`."""
        return self.folder / "origin.json"

    @property
    def has_checkpoint(self) -> bool:
        """Whether the run or one of its stages can be resumed."""
        return self.saved_at > 0

    @property
    def saved_at(self) -> int:
        """Time of the last checkpoint of the run and its stages in nanoseconds since 1970; 0 if there is none."""
        names = (self.checkpoint.name, self.previous_checkpoint.name)
        files = [file for place in ("", "stages/*/") for name in names for file in self.folder.glob(f"{place}{name}")]
        return max((file.stat().st_mtime_ns for file in files), default=0)

    def stage_folder(self, name: str) -> Path:
        """Return the folder of the run of a stage.

        Args:
            name: Name of the stage.

        Returns:
            The folder.
        """
        return self.folder / "stages" / name

    def with_options(self, **values: object) -> Self:
        """Return the run with other options.

        Args:
            **values: Values by option name.

        Returns:
            The run; nothing is written.
        """
        return replace(self, options=self.options.model_copy(update=values))

    def resolve(self, **values: object) -> Self:
        """Return the run with values for options that were left open.

        Args:
            **values: Values by option name; options that are not None keep theirs.

        Returns:
            The run; nothing is written.
        """
        return self.with_options(**{n: value for n, value in values.items() if getattr(self.options, n) is None})

    def copy_to(self, folder: Path) -> Self:
        """Return the run in another folder, with a copy of its checkpoint: for one of several processes.

        Args:
            folder: Folder of the copy.

        Returns:
            The run.
        """
        for file in (self.checkpoint, self.previous_checkpoint, self.best):
            if file.exists():
                (folder / file.name).write_bytes(file.read_bytes())
        return replace(self, folder=folder, out=folder / BUNDLE_FOLDER)

    def save(self) -> None:
        """Write `run.json`. A bundle in the run's folder moves with it: its place is relative to the folder."""
        inside = self.out.parent == self.folder
        out = self.out.name if inside else str(self.out.absolute())
        content = {"task": self.task, "options": self.options.model_dump(), "out": out}
        write_whole(self.folder / RUN_FILE, dump_checked_json(content))

    @contextmanager
    def removed_if_empty(self) -> Iterator[None]:
        """Remove the folder if the block raises before anything was trained: nothing could be resumed from it.

        Yields:
            Nothing.
        """
        try:
            yield
        except BaseException:
            if {file.name for file in self.folder.glob("*")} <= {RUN_FILE, self.lock_file.name, self.origin.name}:
                shutil.rmtree(self.folder, ignore_errors=True)
                with suppress(OSError):  # other runs are in it
                    self.folder.parent.rmdir()
                    self.folder.parent.parent.rmdir()
            raise


def read_run_task(folder: Path) -> str:
    """Read the id of a run's task.

    Args:
        folder: Folder of the run.

    Returns:
        The id.

    Raises:
        InputError: If the folder is not a run's.
    """
    return str(read_run(folder)["task"])


def read_run(folder: Path) -> "JsonObject":
    """Read the file of a run, without the plugin of its task.

    Args:
        folder: Folder of the run.

    Returns:
        `task`, `options` and `out`, the folder of the bundle; a relative one is in the run's folder.

    Raises:
        InputError: If the folder is not a run's, or the file was changed or cut off.
    """
    file = folder / RUN_FILE
    if not os.path.lexists(file):
        raise InputError(f"{folder} is not a run: it has no {RUN_FILE}")
    content = read_checked_json(file, MAX_RUN_BYTES, "train again")
    types = {"task": str, "options": dict, "out": str}
    for name, kind in types.items():
        if not isinstance(content.get(name), kind):
            raise InputError(f"{file}: expected {name} as a {kind.__name__}, found {content.get(name)!r}: train again")
    return content


def _require_writable(folder: Path) -> None:
    """Create the folder, and a folder in it, so that a failure shows before the training."""
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryDirectory(dir=folder).cleanup()


def _create_unused(folder: Path) -> Path:
    """Create the folder, or the first numbered one next to it that no other process has created."""
    for number in range(1, MAX_RUNS_PER_SECOND):
        candidate = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        with writing_to(candidate), suppress(FileExistsError):
            candidate.mkdir(parents=True)
            return candidate
    raise InputError(f"{folder.parent} has {MAX_RUNS_PER_SECOND} runs of this second: try again")
