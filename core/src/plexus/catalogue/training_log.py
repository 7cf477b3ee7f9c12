"""Output of the process of a training."""

from pathlib import Path

from plexus.utils.printable import printable

LOG_FILE = "train.log"
"""File in a run's folder of all that its processes print if Studio has started them."""
TAIL_BYTES = 1 << 16
STOPPED = "plexus: stopped"
"""Last line of a process that was asked to stop."""
_ERROR = "plexus: "
"""Start of the line that a command ends with if it fails."""


def last_lines(file: Path, count: int) -> list[str]:
    """Return the last lines of a log.

    Args:
        file: The log.
        count: Number of lines at most.

    Returns:
        The lines that are not empty; of those of more than 64 KiB the last ones.
    """
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - TAIL_BYTES))
            content = stream.read(TAIL_BYTES).decode(errors="replace")
    except OSError:  # nothing is printed yet
        return []
    return [printable(line) for line in content.splitlines() if line.strip()][-count:]


def record_failure(file: Path, reason: str) -> None:
    """Add why a training could not be started, as its process would have printed it.

    Args:
        file: The log.
        reason: The reason.

    Raises:
        OSError: If the log cannot be written.
    """
    with file.open("a", encoding="utf-8") as stream:
        stream.write(f"{printable(_ERROR + ' '.join(reason.splitlines()))}\n")


def failure(file: Path) -> str:
    """Return why a run could not be started, or the error that its last process has ended with.

    Args:
        file: The log.

    Returns:
        The reason in one line; empty if there was none, or the process was stopped.
    """
    lines = last_lines(file, 1)
    if not lines or not lines[0].startswith(_ERROR) or lines[0] == STOPPED:
        return ""
    return lines[0].removeprefix(_ERROR)
