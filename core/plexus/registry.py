"""Finding plugins, and naming the broken one."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import TYPE_CHECKING, Any

import pluggy

from plexus import hookspecs
from plexus.entry import Entry
from plexus.errors import InputError, unknown
from plexus.settings import disabled_plugins

if TYPE_CHECKING:
    from plexus.app import App
    from plexus.data.named import NamedSet
    from plexus.run import Run
    from plexus.task import Task

GROUP = "plexus"
_HOOK_OF = {"tasks": "register_tasks", "data": "register_datasets", "apps": "register_apps"}


@dataclass(frozen=True)
class Plugin:
    """An installed plugin: its entry point's name and the distribution that it came in."""

    name: str
    distribution: str
    version: str
    disabled: bool = False
    error: str | None = None


class Registry:
    """All that the installed plugins offer.

    A plugin that cannot be loaded, or whose hook fails, is left out and named in `plugins`; the others work.
    With `PLEXUS_STRICT=1` its error is raised instead.
    """

    def __init__(self, points: list[tuple[EntryPoint, Distribution]] | None = None) -> None:
        self.plugins: list[Plugin] = []
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        for point, distribution in _installed() if points is None else points:
            self._add(point, distribution)
        self._tables = {kind: self._collect(hook) for kind, hook in _HOOK_OF.items()}

    def entries(self, kind: str) -> dict[str, Entry]:
        """The entries of a kind (`tasks`, `data`, `apps`) by id, sorted."""
        return {id: entry for id, (entry, _) in sorted(self._tables[kind].items())}

    def owner(self, kind: str, id: str) -> Plugin:
        """The plugin that registered an entry."""
        return self._tables[kind][id][1]

    def task(self, id: str) -> "Task":
        """The task of that id.

        Raises:
            InputError: there is none; the line names the nearest.
        """
        return self._entry("tasks", "task", id).load()(id)  # type: ignore[no-any-return]

    def app(self, id: str) -> "App":
        """The app of that id; errors as for `task`."""
        return self._entry("apps", "app", id).load()()  # type: ignore[no-any-return]

    def dataset(self, id: str) -> "NamedSet":
        """The named data set of that id; errors as for `task`."""
        return self._entry("data", "data set", id).load()  # type: ignore[no-any-return]

    def callbacks(self, run: "Run") -> list[Any]:
        """The Keras callbacks that the plugins add to a training."""
        found = self._call_each("run_callbacks", run=run)
        return [callback for _, callbacks in found for callback in callbacks]

    def _entry(self, kind: str, noun: str, id: str) -> Entry:
        if id not in self._tables[kind]:
            broken = [f"; plugin {p.name!r} is broken: {p.error}" for p in self.plugins if p.error]
            raise InputError(f"{unknown(noun, id, self._tables[kind])}{''.join(broken)}")
        return self._tables[kind][id][0]

    def _add(self, point: EntryPoint, distribution: Distribution) -> None:
        name, version = distribution.metadata["Name"], distribution.version
        plugin = Plugin(point.name, name, version, disabled=point.name in disabled_plugins())
        self.plugins.append(plugin)
        if not plugin.disabled:
            self._guard(plugin, lambda: self._register(point))

    def _register(self, point: EntryPoint) -> None:
        self._manager.register(point.load(), name=point.name)
        self._manager.check_pending()  # a misspelled hook is an error, not silence

    def _guard(self, plugin: Plugin, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except Exception as error:
            if os.environ.get("PLEXUS_STRICT") == "1":
                raise
            if self._manager.get_plugin(plugin.name) is not None:
                self._manager.unregister(name=plugin.name)
            reason = f"{type(error).__name__}: {error}"
            self.plugins = [
                Plugin(p.name, p.distribution, p.version, error=reason) if p.name == plugin.name else p
                for p in self.plugins
            ]
            return []

    def _call_each(self, hook: str, **arguments: Any) -> list[tuple[Plugin, list[Any]]]:
        """Call every plugin's implementation on its own, so that one that fails takes no other with it."""
        answers = []
        for plugin in list(self.plugins):
            module = self._manager.get_plugin(plugin.name)
            if module is None or not hasattr(module, hook):
                continue
            others = [m for m in self._manager.get_plugins() if m is not module]
            caller = self._manager.subset_hook_caller(hook, remove_plugins=others)
            found = self._guard(plugin, partial(caller, **arguments))
            answers.append((plugin, [item for items in found for item in items]))
        return answers

    def _collect(self, hook: str) -> dict[str, tuple[Entry, Plugin]]:
        table: dict[str, tuple[Entry, Plugin]] = {}
        for plugin, entries in self._call_each(hook):
            for entry in entries:
                if entry.id in table:
                    first = table[entry.id][1]
                    raise InputError(
                        f"{entry.id!r} is registered twice, by {first.distribution} ({first.name}) and "
                        f"{plugin.distribution} ({plugin.name}): disable one with `plexus plugins disable NAME`"
                    )
                table[entry.id] = (entry, plugin)
        return table


def _installed() -> list[tuple[EntryPoint, Distribution]]:
    found: dict[str, tuple[EntryPoint, Distribution]] = {}
    for distribution in distributions():
        for point in distribution.entry_points.select(group=GROUP):
            found.setdefault(point.name, (point, distribution))
    return [found[name] for name in sorted(found)]


@cache
def registry() -> Registry:
    """The installed plugins, looked for once in a process."""
    return Registry()
