"""Loads plugins in another process, for `plexus doctor`: one that crashes its process is named, too.

Run as: `python -m plexus.plugins.probe FIRST`; it loads the plugins from that number on, and prints a line
before and one after each.
"""

import subprocess
import sys

from plexus.plugins.loading import IMPORT_SECONDS, installed_plugins
from plexus.plugins.registry import Registry

MAX_SECONDS = 3 * IMPORT_SECONDS
"""Longest time without an answer of the other process."""


def crashing_plugins() -> dict[str, str]:
    """Load every plugin in another process.

    Returns:
        How those plugins end that process that do, by name.
    """
    names = [point.name for point, _ in installed_plugins()[0]]
    crashes: dict[str, str] = {}
    first = 0
    while first < len(names):
        command = [sys.executable, "-m", "plexus.plugins.probe", str(first)]
        try:
            limit = MAX_SECONDS * (len(names) - first)
            done = subprocess.run(command, capture_output=True, timeout=limit, check=False)  # noqa: S603
            output, status = done.stdout, f"it ends the process with status {done.returncode} when it is loaded"
        except subprocess.TimeoutExpired as error:
            output, status = error.stdout or b"", f"it has not been loaded after {limit:g} s"
        lines = output.decode(errors="replace").splitlines()
        started, ended = (sum(line == mark for line in lines) for mark in ("load", "done"))
        if started == ended:
            break
        crashes[names[first + ended]] = status
        first += started
    return crashes


def _load(first: int) -> None:
    for pair in installed_plugins()[0][first:]:
        _print("load")
        Registry([pair])
        _print("done")


def _print(line: str) -> None:
    sys.__stdout__.write(f"{line}\n")  # type: ignore[union-attr]  # it is a pipe
    sys.__stdout__.flush()  # type: ignore[union-attr]


if __name__ == "__main__":
    _load(int(sys.argv[1]))
