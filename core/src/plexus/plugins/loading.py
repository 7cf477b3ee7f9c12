"""Installed plugins, and the import of their modules."""

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from types import ModuleType

from plexus.errors import InputError
from plexus.plugins import hookspecs

GROUP = "plexus"
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


def installed_plugins() -> list[tuple[EntryPoint, Distribution]]:
    """Return the entry points of the group `plexus`.

    `PluginManager.load_setuptools_entrypoints` imports all of them at once: the first that fails ends the loop.

    Returns:
        Entry points and their distributions by name; a distribution that is on the path twice counts once.
    """
    points: dict[tuple[str, str], tuple[EntryPoint, Distribution]] = {}
    for distribution in distributions():
        for point in distribution.entry_points.select(group=GROUP):
            points.setdefault((point.name, distribution.metadata["Name"]), (point, distribution))
    return [points[key] for key in sorted(points)]


def import_plugin(point: EntryPoint) -> tuple[ModuleType, str]:
    """Import the module of a plugin.

    Args:
        point: Its entry point.

    Returns:
        The module, and what it printed: standard output is reserved for the results of commands.

    Raises:
        InputError: If it is made for another version of the interface, or one of its hooks lacks `@hookimpl`.
    """
    with redirect_stdout(io.StringIO()) as output:
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
