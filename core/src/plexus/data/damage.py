"""Errors of files that cannot be read."""

from pathlib import Path

from plexus.errors import InputError, raise_system_error

MAX_REASON = 300
"""Characters of another library's reason in a message."""


def damaged(file: Path, error: Exception) -> InputError:
    """Return the error of a file that cannot be read.

    Args:
        file: The file.
        error: The reason; its first line is cut.

    Returns:
        The error.

    Raises:
        InputError: If the operating system refused the file, with its reason.
    """
    raise_system_error(error, file)
    reason = next(iter(str(error)[:MAX_REASON].strip().splitlines()), type(error).__name__)
    return InputError(f"{file} is damaged or not what its name says: {reason}")
