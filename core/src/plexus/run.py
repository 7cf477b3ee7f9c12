"""One training and its folder."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from plexus.errors import InputError
from plexus.options import Options
from plexus.plugins.registry import registry
from plexus.utils.files import require_new, wanted_folder, write_whole
from plexus.utils.formatting import table


@dataclass(repr=False)
class Run:
    """A training's folder, its settings, and how far it has come.

    Files:
        run.json          task, options, where the bundle goes
        log.jsonl         one line an epoch: loss, scores, seconds
        checkpoint.npz    where to go on; best.npz: the best weights so far
        bundle/  report/  what it ends with

    Attributes:
        history: one dictionary an epoch, as in the log.
        epoch, step: the next epoch, and the steps of it that are done already.
        warnings: what was said of the gradients.
    """

    folder: Path
    task: str
    options: Options
    out: Path
    history: list[dict[str, Any]] = field(default_factory=list)
    step: int = 0
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, task: str, options: Options, out: Path | None = None, folder: Path | None = None) -> Self:
        """A new run, under `runs/` unless told where.

        Raises:
            InputError: the bundle's folder exists already, or a folder cannot be written to.
        """
        if out is not None:
            require_new(out)
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        folder = folder or _unused(Path("runs") / task / stamp)
        if out is not None:
            _require_writable(out.parent)
        with wanted_folder(folder):
            folder.mkdir(parents=True)
            run = cls(folder, task, options, out or folder / "bundle")
            run.save()
        return run

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The run of a folder, to go on with.

        Raises:
            InputError: the folder is not a run's, or the run has ended.
        """
        file = folder / "run.json"
        if not file.is_file():
            raise InputError(f"{folder} is not a run: it has no run.json")
        said = json.loads(file.read_text())
        if Path(said["out"]).exists():
            raise InputError(f"{folder} has ended already: its bundle is {said['out']}")
        options = registry().task(said["task"]).options.checked(said["options"])
        return cls(folder, said["task"], options, Path(said["out"]))

    def elsewhere(self, folder: Path) -> Self:
        """The same run in another folder, with a copy of its checkpoint: for a process that trains along."""
        other = type(self)(folder, self.task, self.options, folder / "bundle")
        for mine, its in ((self.checkpoint, other.checkpoint), (self.best, other.best)):
            if mine.exists():
                its.write_bytes(mine.read_bytes())
        return other

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}: {self.task}, {self.epoch} of {self.options.epochs} epochs)"

    def _repr_html_(self) -> str:
        last = self.history[-1] if self.history else {}
        return table(repr(self), last.items())

    def resolve(self, **chosen: Any) -> None:
        """Fill in options that the user left open."""
        open_ones = {name: value for name, value in chosen.items() if getattr(self.options, name) is None}
        self.options = self.options.model_copy(update=open_ones)

    @property
    def epochs(self) -> int:
        """How many epochs there are to be.

        Raises:
            ValueError: nobody chose.
        """
        if self.options.epochs is None:
            raise ValueError("epochs were left open, and the task's `choose` does not choose them")
        return self.options.epochs

    @property
    def epoch(self) -> int:
        """The epoch to go on with, counted from 0."""
        return len(self.history)

    @property
    def checkpoint(self) -> Path:
        """Where training goes on after it was cut off."""
        return self.folder / "checkpoint.npz"

    @property
    def best(self) -> Path:
        """The weights of the epoch with the best score."""
        return self.folder / "best.npz"

    def save(self) -> None:
        """Write `run.json`."""
        content = {"task": self.task, "options": self.options.model_dump(), "out": str(self.out)}
        write_whole(self.folder / "run.json", json.dumps(content, indent=2) + "\n")

    def log(self) -> None:
        """Write the history as `log.jsonl`."""
        write_whole(self.folder / "log.jsonl", "".join(json.dumps(line) + "\n" for line in self.history))


def _require_writable(folder: Path) -> None:
    """Make the folder, and a folder in it: to be told now rather than after the training."""
    with wanted_folder(folder):
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryDirectory(dir=folder).cleanup()


def _unused(folder: Path) -> Path:
    """The folder, or the first numbered one beside it that is free."""
    for number in range(1, 1000):
        candidate = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        if not candidate.exists():
            return candidate
    raise InputError(f"{folder.parent} is full of runs of this very second")
