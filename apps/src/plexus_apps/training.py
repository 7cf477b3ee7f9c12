"""Training from a page: in a process of its own, watched."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plexus import InputError
from plexus_apps.pages import without_folders


@dataclass
class Progress:
    """How far a training is.

    Attributes:
        lines: what it said so far.
        result: what `plexus train --json` gives, once it has ended.
    """

    lines: list[str] = field(default_factory=list)
    result: dict[str, Any] | None = None


def trained_live(task: str, data: Path, *flags: str) -> Iterator[Progress]:
    """Train as `plexus train` does, into `runs/`, and tell after each line; it ends with whoever stops asking.

    A process of its own, because a training framework is large, and what answers never imports one.

    Raises:
        InputError: the data cannot be used; the line says why.
    """
    command = [sys.executable, "-m", "plexus", "train", task, "--data", str(data), "--json", *flags]
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own
        progress = Progress()
        try:
            assert process.stderr is not None  # noqa: S101 - it is a pipe
            for line in process.stderr:
                progress.lines.append(without_folders(line.rstrip()))
                yield progress
            if process.wait() != 0:
                raise InputError(progress.lines[-1].removeprefix("plexus: ") if progress.lines else "training failed")
        finally:
            process.terminate()
            process.wait()
        out.seek(0)
        progress.result = json.load(out)
        yield progress
