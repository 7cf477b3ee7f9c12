"""Installed plugins, and the import of their modules."""

import io
import re
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from types import ModuleType

from plexus.errors import InputError
from plexus.plugins import hookspecs
from plexus.plugins.load_limits import limit_loading

GROUP = "plexus"
UNKNOWN = "unknown"
IMPORT_SECONDS = 10.0
"""Longest time that the import of a plugin may take: it names its tasks, and imports what they need later."""
HOOKS = [name for name, function in vars(hookspecs).items() if hasattr(function, "plexus_spec")]


@dataclass(frozen=True)
class Plugin:
    """An installed plugin.

    Args:
        name: Name of its entry point.
        distribution: Name of its distribution.
        version: Version of its distribution.
        disabled: Whether the user has disabled it.
        error: Why it, or a part of it, cannot be used; None if nothing is wrong.

    Example:
        ```python
        [plugin for plugin in registry().plugins if plugin.error]
        ```
    """

    name: str
    distribution: str
    version: str
    disabled: bool = False
    error: str | None = None

    def __str__(self) -> str:
        return f"plugin {self.name!r} of {self.distribution} {self.version}"

    @property
    def error_message(self) -> str:
        """One line: the plugin, its error and the remedy."""
        return f"{self} is broken: {self.error}; update it, or disable it: plexus plugins disable {self.name}"


def installed_plugins() -> tuple[list[tuple[EntryPoint, Distribution]], list[Plugin]]:
    """Return the entry points of the group `plexus`; nothing is imported.

    `PluginManager.load_setuptools_entrypoints` imports all of them at once: the first that fails ends the loop.

    Returns:
        Entry points and their distributions by name, of which one that is on the path twice counts once; and the
        distributions whose entry points cannot be read, as plugins with an error.
    """
    points: dict[tuple[str, str], tuple[EntryPoint, Distribution]] = {}
    broken: list[Plugin] = []
    for distribution in distributions():
        try:
            selected = list(distribution.entry_points.select(group=GROUP))
        except Exception as error:  # noqa: BLE001 - the metadata of any installed distribution
            if (plugin := _unreadable(distribution, error)) is not None:
                broken.append(plugin)
            continue
        for point in selected:
            points.setdefault((point.name, distribution_name(distribution)), (point, distribution))
    return [points[key] for key in sorted(points)], broken


def distribution_name(distribution: Distribution) -> str:
    """Return the name of a distribution, or of its folder if its metadata has none.

    Args:
        distribution: The distribution.

    Returns:
        The name.
    """
    return _metadata(distribution, "Name") or _folder(distribution).partition("-")[0] or UNKNOWN


def distribution_version(distribution: Distribution) -> str:
    """Return the version of a distribution.

    Args:
        distribution: The distribution.

    Returns:
        The version; `unknown` if its metadata has none.
    """
    try:
        return distribution.version or UNKNOWN
    except Exception:  # noqa: BLE001 - the metadata of any installed distribution
        return UNKNOWN


def _metadata(distribution: Distribution, key: str) -> str | None:
    try:
        return distribution.metadata[key]
    except Exception:  # noqa: BLE001 - the metadata of any installed distribution
        return None


def _folder(distribution: Distribution) -> str:
    return Path(str(getattr(distribution, "_path", ""))).name


def _unreadable(distribution: Distribution, error: Exception) -> Plugin | None:
    """Return a distribution whose entry points cannot be read; None if it has nothing to do with Plexus."""
    file = Path(str(getattr(distribution, "_path", ""))) / "entry_points.txt"
    with suppress(OSError):
        if GROUP.encode() not in file.read_bytes():
            return None
    name, reason = distribution_name(distribution), " ".join(str(error).split())
    return Plugin(name, name, distribution_version(distribution), error=f"{file} cannot be read: {reason}")


def import_plugin(point: EntryPoint) -> tuple[ModuleType, str]:
    """Import the module of a plugin.

    Args:
        point: Its entry point.

    Returns:
        The module, and what it printed: standard output is reserved for the results of commands.

    Raises:
        InputError: If it is made for another version of the interface, one of its hooks lacks `@hookimpl`, it takes
            longer than `IMPORT_SECONDS`, or it ends the process.
    """
    if not re.fullmatch(r"[\w.]+(\s*:\s*[\w.]+)?\s*(\[.*\])?\s*", point.value):
        raise InputError(f"its entry point {point.value!r} is not the name of a module")
    with redirect_stdout(io.StringIO()) as output, limit_loading(IMPORT_SECONDS):
        module: ModuleType = point.load()
    version = getattr(module, "PLEXUS_API", hookspecs.API)
    if version != hookspecs.API:
        raise InputError(
            f"it is made for version {version} of the plugin interface, and this Plexus has version {hookspecs.API}"
        )
    for name in HOOKS:
        if hasattr(module, name) and not hasattr(getattr(module, name), "plexus_impl"):
            raise InputError(f"{name} is not marked as a hook: put @hookimpl before it")
    return module, output.getvalue()
