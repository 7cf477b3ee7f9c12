"""Training from a page, in a process of its own."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError
from plexus_apps.results import without_folders

if TYPE_CHECKING:
    from plexus.codec import JsonObject


STARTING = "The training starts: Keras is being loaded."


@dataclass
class Progress:
    """Progress of a training.

    Attributes:
        lines: The lines that the training printed so far.
        result: The result of `plexus train --json`, once the training has ended.

    Example:
        ```python
        for progress in stream_training("vision.classify", Path("photos")):
            print(progress.lines[-1])
        ```
    """

    lines: list[str] = field(default_factory=list)
    result: "JsonObject | None" = None

    @property
    def text(self) -> str:
        """The lines; at the start, when there are none, a sentence that says so."""
        return "\n".join(self.lines) or STARTING


def stream_training(task: str, data: Path, *flags: str) -> Iterator[Progress]:
    """Train as `plexus train` does, into `runs/`. The training is stopped if the iterator is closed.

    It runs in a process of its own, because a training framework is large, and the server never imports one.

    Args:
        task: Id of the task.
        data: The data.
        *flags: Other flags of `plexus train`.

    Yields:
        The progress at the start, which takes seconds, and after each line.

    Raises:
        InputError: If the data cannot be used; the line says why.
    """
    command = [sys.executable, "-m", "plexus", "train", task, "--data", str(data), "--json", *flags]
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our command
        progress = Progress()
        try:
            yield progress
            assert process.stderr is not None  # noqa: S101 - it is a pipe
            for line in process.stderr:
                progress.lines.append(without_folders(line.rstrip()))
                yield progress
            if process.wait() != 0:
                # The data is no option on a page.
                reason = progress.lines[-1].removeprefix("plexus: ").removeprefix("--data ") if progress.lines else ""
                raise InputError(reason or "training failed")
        finally:
            process.terminate()
            process.wait()
        out.seek(0)
        progress.result = json.load(out)
        yield progress
