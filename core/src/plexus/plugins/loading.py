"""An installed plugin, and how its module is loaded."""

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import Any

from plexus.errors import InputError, unknown
from plexus.plugins import hookspecs

GROUP = "plexus"
HOOKS = [name for name, function in vars(hookspecs).items() if hasattr(function, "plexus_spec")]


@dataclass(frozen=True)
class Plugin:
    """An installed plugin: its entry point's name and the distribution that it came in.

    Args:
        error: what is wrong with it, if anything is; what works of it is there all the same.
    """

    name: str
    distribution: str
    version: str
    disabled: bool = False
    error: str | None = None

    def __str__(self) -> str:
        return f"plugin {self.name!r} of {self.distribution} {self.version}"

    @property
    def complaint(self) -> str:
        """One line: whose fault, what it is, and what helps."""
        return f"{self} is broken: {self.error}; update it, or switch it off: plexus plugins disable {self.name}"


def installed() -> list[tuple[EntryPoint, Distribution]]:
    """The entry points of all installed distributions, by name; a distribution found twice on the path counts once."""
    found: dict[tuple[str, str], tuple[EntryPoint, Distribution]] = {}
    for distribution in distributions():
        for point in distribution.entry_points.select(group=GROUP):
            found.setdefault((point.name, distribution.metadata["Name"]), (point, distribution))
    return [found[key] for key in sorted(found)]


def load(point: EntryPoint) -> tuple[Any, str]:
    """A plugin's module, and what it printed while it was imported: standard output is the commands' own.

    Raises:
        InputError: it is made for another version of the interface, or does not implement hooks as they are.
    """
    with redirect_stdout(io.StringIO()) as said:
        module = point.load()
    version = getattr(module, "PLEXUS_API", hookspecs.API)
    if version != hookspecs.API:
        raise InputError(
            f"it is made for version {version} of the plugin interface, and this Plexus has {hookspecs.API}"
        )
    for name, member in vars(module).items():
        if hasattr(member, "plexus_impl") and name not in HOOKS:
            raise unknown("hook", name, HOOKS)
        if name in HOOKS and not hasattr(member, "plexus_impl"):
            raise InputError(f"{name} is not marked as a hook: put @hookimpl before it")
    return module, said.getvalue()
