"""Modules that the user names with `--import`; those that a bundle names are never imported."""

import re
import sys
from importlib import import_module, invalidate_caches
from importlib.util import find_spec
from pathlib import Path

from plexus.errors import InputError
from plexus.utils.boundary import reason_of

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_MODULES: list[str] = []


def import_user_module(name: str, option: str = "") -> None:
    """Import a module that is installed or, if it is not, lies in the current folder.

    Args:
        name: Name of the module, as in an import statement.
        option: The option that names it, for the error message; by default `--import NAME`.

    Raises:
        InputError: If there is no such module, or it raises an error when it is imported.
    """
    option = option or f"--import {name}"
    if not _NAME.fullmatch(name) or name.endswith(".py"):
        raise InputError(
            f"{option}: expected the name of a module as in an import statement, like my_environments, got {name!r}"
        )
    package = name.partition(".")[0]
    if package not in sys.modules and find_spec(package) is None and str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))  # last: no installed module is replaced by a file of this folder
    invalidate_caches()
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        raise InputError(f"{option}: there is no module {error.name!r} here or installed") from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may raise anything, and end the process
        raise InputError(f"{option}: the module cannot be imported: {reason_of(error)}") from error
    if name not in _MODULES:
        _MODULES.append(name)


def imported_user_modules() -> list[str]:
    """Return the modules that `import_user_module` has imported, for processes that this one starts.

    Returns:
        Their names, in the order of the imports.
    """
    return list(_MODULES)
