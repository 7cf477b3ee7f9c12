"""Loads each plugin in a process of its own, for `plexus doctor`: one that crashes or blocks its process is named, too.

Run as: `python -m plexus.plugins.probe PLACE FILE`; it loads the plugin at that place, and then creates the file.
"""

import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from plexus.plugins.loading import IMPORT_SECONDS, installed_plugins
from plexus.plugins.registry import Registry

MAX_SECONDS = 2 * IMPORT_SECONDS
"""Longest time of the process of one plugin."""
MAX_PROCESSES = 4
"""Number of plugins that are loaded at the same time."""


def crashing_plugins() -> dict[str, str]:
    """Load every plugin in a process of its own.

    Returns:
        The faults of the plugins whose process crashes or does not end, by name.
    """
    points = [point for point, _ in installed_plugins()[0]]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(MAX_PROCESSES) as pool:
        faults = pool.map(lambda place: _find_fault(place, Path(folder) / str(place)), range(len(points)))
        return {point.name: fault for point, fault in zip(points, faults, strict=True) if fault is not None}


def _find_fault(place: int, loaded: Path) -> str | None:
    """Load a plugin, and return the fault of its process; the file says whether it has been loaded."""
    # No pipe is read: a process that the plugin starts would hold it open.
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "plexus.plugins.probe", str(place), str(loaded)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        status = process.wait(MAX_SECONDS)
    except subprocess.TimeoutExpired:
        if loaded.exists():
            return f"it does not let the process end, by a thread or a function at exit: waited {MAX_SECONDS:g} s"
        return f"it has not been loaded after {MAX_SECONDS:g} s"
    finally:
        _end(process)
    if status or not loaded.exists():
        return f"it ends the process with status {status} when it is {'unloaded' if loaded.exists() else 'loaded'}"
    return None


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and those that it has started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses where all have ended
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


if __name__ == "__main__":
    Registry([installed_plugins()[0][int(sys.argv[1])]])
    Path(sys.argv[2]).touch()
