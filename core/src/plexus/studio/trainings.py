"""The queue of trainings."""

import json
import logging
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from plexus.catalogue.folders import remove_run
from plexus.catalogue.record import RunRecord
from plexus.catalogue.training_log import LOG_FILE, failure, record_failure
from plexus.errors import InputError
from plexus.run import RUN_FILE, Run
from plexus.studio.training_process import Slot, signal_holder
from plexus.utils.files import write_whole, writing_to
from plexus.utils.locks import is_locked

if TYPE_CHECKING:
    from plexus.options import Options

QUEUE = ".queue"
"""Folder, in that of the runs, of the queue."""
POLL_SECONDS = 0.5
STOP_SECONDS = 20.0
"""Time that a process gets to end before it is killed."""

State = Literal["queued", "starting", "training", "stopping", "interrupted", "failed", "finished"]
log = logging.getLogger("plexus.serve")


class Trainings:
    """A queue of trainings: one at a time, each in a process of its own that outlives this one.

    A training is a run in a folder, and its state is that of the folder's files. The queue is a folder, too: a file
    per run that waits, in the order of their names. Both survive a restart.

    Args:
        runs: Folder of runs.

    Example:
        ```python
        trainings = Trainings(Path("runs"))
        run = trainings.start("vision.classify", task.options.parse({"epochs": 2}))
        trainings.state(run.folder)  # "queued"
        ```
    """

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self.slot = Slot(runs / QUEUE / "slot.lock")
        self._processes: list[subprocess.Popen[bytes]] = []
        self._stopping: set[Path] = set()
        self._problems: dict[Path, str] = {}  # of runs whose folders cannot be written to
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        if self.queue():
            self._dispatch()

    def create(self, task: str, options: "Options") -> Run:
        """Create a run that waits for nothing yet: `add` adds it to the queue.

        Args:
            task: Id of the task.
            options: The options.

        Returns:
            The run.

        Raises:
            InputError: If its folder cannot be written to.
        """
        return Run.start(task, options, root=self.runs)

    def start(self, task: str, options: "Options") -> Run:
        """Create a run, and add it to the queue.

        Args:
            task: Id of the task.
            options: The options.

        Returns:
            The run.

        Raises:
            InputError: If a folder cannot be written to.
        """
        run = self.create(task, options)
        self.add(run.folder)
        return run

    def add(self, folder: Path) -> None:
        """Add a run to the end of the queue, to train or resume it. One that waits, or is trained, is left as it is.

        Args:
            folder: Folder of the run.

        Raises:
            InputError: If it has ended already, or a folder cannot be written to.
        """
        with self._lock:
            state = self.state(folder)
            if state == "finished":
                raise InputError(f"{folder.name} has ended already: train again with other options")
            if state in ("interrupted", "failed"):
                self._problems.pop(folder, None)
                place = self.runs / QUEUE
                with writing_to(place):
                    place.mkdir(parents=True, exist_ok=True)
                    id = folder.relative_to(self.runs).as_posix()
                    write_whole(place / f"{time.time_ns():020d}.json", json.dumps({"run": id}))
            self._dispatch()

    def queue(self) -> list[Path]:
        """Return the folders of the runs that wait, the next one first.

        Returns:
            The folders.
        """
        return list(self._entries().values())

    def state(self, folder: Path) -> State:
        """Return the state of a training.

        Args:
            folder: Folder of the run.

        Returns:
            `starting` until the process of the run has loaded what it needs, `stopping` until it has written its
            checkpoint, `failed` if the run ended with an error, `interrupted` if it ended with none.

        Raises:
            InputError: If the folder is not a run's.
        """
        status = RunRecord.read(folder).status
        if status == "finished":
            return "finished"
        if status == "training" or self.slot.run == folder.absolute():
            if folder in self._stopping:
                return "stopping"
            return "training" if status == "training" else "starting"
        self._stopping.discard(folder)
        if folder in self.queue():
            return "queued"
        return "failed" if self.problem(folder) else "interrupted"

    def problem(self, folder: Path) -> str:
        """Return why a training could not be started, or with which error it has ended.

        Args:
            folder: Folder of the run.

        Returns:
            The reason in one line; empty if there is none.
        """
        return self._problems.get(folder) or failure(folder / LOG_FILE)

    def pause(self, folder: Path) -> None:
        """Stop a training; it can be resumed from its checkpoint. One that waits leaves the queue.

        Args:
            folder: Folder of the run.

        Raises:
            InputError: If its process is one of another user, or of another machine.
        """
        with self._lock:
            self._drop(folder)
            if self.state(folder) not in ("starting", "training"):
                return
            self._signal(folder, signal.SIGTERM)
            self._stopping.add(folder)

    def cancel(self, folder: Path) -> Path:
        """Stop a training, and remove its run, which `restore_run` restores.

        Args:
            folder: Folder of the run.

        Returns:
            The place of the removed run.

        Raises:
            InputError: If it has ended already, its process is one of another user or machine, or it does not end.
        """
        with self._lock:
            self._drop(folder)
            if self.state(folder) == "finished":
                raise InputError(f"{folder.name} has ended already: remove it on the page of runs")
        if not self._end(folder, signal.SIGTERM) and not self._end(folder, signal.SIGKILL):
            raise InputError(f"{folder.name} could not be stopped: see the processes of the machine")
        return remove_run(folder)

    def _end(self, folder: Path, number: signal.Signals) -> bool:
        """Send a signal to the process of a run, and return whether it ends in time."""
        deadline = time.monotonic() + STOP_SECONDS
        if self._is_running(folder):
            self._signal(folder, number)
        while self._is_running(folder):
            if time.monotonic() > deadline:
                return False
            self._reap()
            time.sleep(POLL_SECONDS / 5)
        return True

    def _is_running(self, folder: Path) -> bool:
        return self.slot.run == folder.absolute() or is_locked(folder / "run.lock")

    def _signal(self, folder: Path, number: signal.Signals) -> None:
        files = [self.slot.file] if self.slot.run == folder.absolute() else []
        sent = any(signal_holder(file, number) for file in [*files, folder / "run.lock"])
        if not sent and self._is_running(folder):
            raise InputError(f"{folder.name} is trained by a process of another machine: stop it there")

    def _entries(self) -> dict[Path, Path]:
        """Return the folders of runs that wait, by the files of the queue."""
        entries: dict[Path, Path] = {}
        for file in sorted((self.runs / QUEUE).glob("*.json")):
            try:
                folder = self.runs / json.loads(file.read_text())["run"]
            except (OSError, ValueError, KeyError, TypeError):
                continue  # removed by another server meanwhile, or not written by one
            is_run = folder.resolve().is_relative_to(self.runs.resolve()) and (folder / RUN_FILE).is_file()
            if is_run and folder not in entries.values():
                entries[file] = folder
        return entries

    def _drop(self, folder: Path) -> None:
        for file, queued in self._entries().items():
            if queued == folder:
                file.unlink(missing_ok=True)

    def _dispatch(self) -> None:
        """Start the thread that starts trainings, unless it runs."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._start_queued, name="trainings", daemon=True)
                self._thread.start()

    def _start_queued(self) -> None:
        """Start one run after the other until none waits and none is in progress."""
        while True:
            with self._lock:
                self._reap()
                if not self._entries() and not self._processes:
                    self._thread = None
                    return
                self._start_next()
            time.sleep(POLL_SECONDS)

    def _start_next(self) -> None:
        for file, folder in self._entries().items():
            if is_locked(folder / "run.lock"):  # trained from a command line meanwhile
                continue
            try:
                process = None if RunRecord.read(folder).bundle else self.slot.start(folder, file)
                is_busy = process is None and RunRecord.read(folder).bundle is None
            except (InputError, OSError) as error:
                self._record_problem(folder, str(error))
                file.unlink(missing_ok=True)
                continue
            if process is not None:
                self._processes.append(process)
            if not is_busy:
                file.unlink(missing_ok=True)
            return

    def _record_problem(self, folder: Path, reason: str) -> None:
        """Store with a run why it could not be started, so that it lasts after a restart of the server."""
        log.error("%s is not trained: %s", folder, reason)
        try:
            record_failure(folder / LOG_FILE, reason)
        except OSError:  # the run's folder is the reason: it cannot be written to
            self._problems[folder] = reason

    def _reap(self) -> None:
        self._processes = [process for process in self._processes if process.poll() is None]
