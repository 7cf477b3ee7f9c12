"""Commands of Plexus that take longer than a request, in processes of their own."""

import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from starlette.exceptions import HTTPException

from plexus.serve.problems import public_text
from plexus.utils.process_folder import process_folder

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_SECONDS = 900
"""Time after which a command is ended."""
MAX_JOBS = 30
"""Jobs whose results are remembered."""
MAX_WAITING = 8
"""Jobs that run or wait for another one."""


@dataclass
class CommandJob:
    """A command that runs or has run.

    Args:
        id: Id of the job, which nobody can guess.
        title: What it does, for people.
        model: Name of the model that it is about.
        folder: An empty folder for what it writes.
        upload: Folder of uploaded data that it reads, which is removed when it has ended; None if there is none.

    Attributes:
        state: Whether it runs, has succeeded or has failed.
        result: What the command printed with `--json`.
        error: Why it failed.

    Example:
        ```python
        job = jobs.start("Evaluation", "weather.rain.oslo", lambda folder: ["evaluate", "weather.rain/oslo"])
        job.state  # "running"
        ```
    """

    id: str
    title: str
    model: str
    folder: Path
    upload: Path | None = None
    state: Literal["running", "done", "failed"] = "running"
    result: "JsonObject" = field(default_factory=dict)
    error: str = ""

    def run(self, arguments: Sequence[str]) -> None:
        """Run the command until it ends or its time is over.

        Args:
            arguments: Arguments of `plexus`.
        """
        command = [sys.executable, "-m", "plexus", *arguments, "--json"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=MAX_SECONDS)  # noqa: S603 - ours
        except subprocess.TimeoutExpired:
            self.error, self.state = f"not done within {MAX_SECONDS // 60} minutes", "failed"
            return
        if done.returncode == 0:
            self.result, self.state = json.loads(done.stdout), "done"
            return
        lines = [line.removeprefix("plexus: ") for line in done.stderr.splitlines() if line.strip()]
        self.error, self.state = public_text(lines[-1] if lines else "the command failed"), "failed"


class CommandJobs:
    """Commands that run one after the other.

    Example:
        ```python
        jobs = CommandJobs()
        job = jobs.start("Export", "weather.rain.oslo", lambda folder: ["export", "weather.rain/oslo"])
        jobs.find(job.id)
        ```
    """

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, CommandJob] = OrderedDict()
        self._running, self._lock = threading.Lock(), threading.Lock()

    def start(
        self, title: str, model: str, arguments: Callable[[Path], Sequence[str]], upload: Path | None = None
    ) -> CommandJob:
        """Start a command.

        Args:
            title: What it does, for people.
            model: Name of the model that it is about.
            arguments: Returns the arguments of `plexus`; it gets the folder for what the command writes.
            upload: Folder of uploaded data that it reads, which is removed in any case; None if there is none.

        Returns:
            The job.

        Raises:
            HTTPException: If too many commands wait: status 503.
        """
        with self._lock:
            if sum(each.state == "running" for each in self._jobs.values()) >= MAX_WAITING:
                _remove(upload)
                raise HTTPException(503, f"{MAX_WAITING} evaluations and exports wait: try again later")
            folder = Path(tempfile.mkdtemp(prefix="job-", dir=process_folder()))
            job = CommandJob(secrets.token_urlsafe(12), title, model, folder, upload)
            self._jobs[job.id] = job
            done = [id for id, each in self._jobs.items() if each.state != "running"]
            for id in done[: max(len(self._jobs) - MAX_JOBS, 0)]:
                shutil.rmtree(self._jobs.pop(id).folder, ignore_errors=True)
        threading.Thread(target=self._work, args=(job, arguments(folder)), daemon=True).start()
        return job

    def find(self, id: str) -> CommandJob:
        """Return a job.

        Args:
            id: Its id.

        Returns:
            The job.

        Raises:
            HTTPException: If there is none: status 404.
        """
        job = self._jobs.get(id)
        if job is None:
            raise HTTPException(404, "these results are not stored any more: start again from the page of the model")
        return job

    def _work(self, job: CommandJob, arguments: Sequence[str]) -> None:
        with self._running:
            try:
                job.run(arguments)
            except (OSError, ValueError) as error:
                job.error, job.state = public_text(error), "failed"
            finally:
                _remove(job.upload)


def _remove(upload: Path | None) -> None:
    if upload is not None:
        shutil.rmtree(upload, ignore_errors=True)
