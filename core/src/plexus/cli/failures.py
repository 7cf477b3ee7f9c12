"""The boundary of the command line: every exception becomes one line with the true reason, and an exit status."""

import os
import traceback
from pathlib import Path

from plexus.cli.output import OutputError, discard_output
from plexus.errors import BundleError, InputError, os_error
from plexus.utils.boundary import describe
from plexus.utils.messages import note
from plexus.utils.printable import printable

DONE, FAILED, WRONG_INPUT = 0, 1, 2


def report_failure(error: BaseException, debug: bool) -> int:
    """Print why a command has failed, in one line.

    Args:
        error: The exception that ended it.
        debug: Whether the traceback is printed too.

    Returns:
        The exit status: 2 if the input is wrong, 1 for anything else.
    """
    if debug and not isinstance(error, BrokenPipeError):
        for line in "".join(traceback.format_exception(error)).splitlines():
            note(printable(line))
    if isinstance(error, BrokenPipeError):  # the program that reads the output has ended: `plexus list | head`
        discard_output()
        return FAILED
    line, status = _explain(error)
    note(printable(f"plexus: {' '.join(line.splitlines())}"))
    if isinstance(error, OutputError):
        discard_output()
    return status


def _explain(error: BaseException) -> tuple[str, int]:
    if isinstance(error, InputError | BundleError):
        return str(error), WRONG_INPUT
    if isinstance(error, KeyboardInterrupt):
        return "stopped", FAILED
    if isinstance(error, OutputError):
        return str(error), FAILED
    if isinstance(error, MemoryError):
        return f"not enough memory: {describe(error)}", FAILED
    if isinstance(error, OSError) and isinstance(error.filename, str | bytes):
        return str(os_error(error, "use", Path(os.fsdecode(error.filename)))), WRONG_INPUT
    if isinstance(error, ModuleNotFoundError) and (requirement := _requirement_of(error.name or "")):
        return f"this needs {error.name}, which is not installed: pip install '{requirement}'", WRONG_INPUT
    return f"{describe(error)}: a defect of this code; run again with --debug for the traceback", FAILED


def _requirement_of(module: str) -> str | None:
    from plexus.plugins.extras import requirement_of
    from plexus.plugins.registry import registry

    return requirement_of(module, ["plexus-core", *(plugin.distribution for plugin in registry().plugins)])
