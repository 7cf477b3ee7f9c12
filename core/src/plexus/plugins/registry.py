"""Finding plugins, and naming the broken one."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property, partial
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from plexus.errors import InputError, unknown
from plexus.plugins import hookspecs
from plexus.plugins.entry import Entry
from plexus.plugins.loading import GROUP, Plugin, installed, load
from plexus.utils.user_settings import disabled_plugins

if TYPE_CHECKING:
    from plexus.app import AnyApp
    from plexus.data.named import NamedDataset
    from plexus.run import Run
    from plexus.task import AnyTask
    from plexus.training.state import TrainingState

_HOOK_OF = {"tasks": "register_tasks", "data": "register_datasets", "apps": "register_apps"}
_NOUN_OF = {"tasks": "task", "data": "data set", "apps": "app"}


class Registry:
    """All that the installed plugins offer.

    A plugin that cannot be loaded, or whose hook fails, is left out and named in `plugins`; the others work.
    With `PLEXUS_STRICT=1` its error is raised instead.
    """

    def __init__(self, points: list[tuple[EntryPoint, Distribution]] | None = None) -> None:
        self.plugins: list[Plugin] = []
        self._points: list[EntryPoint] = []
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._disabled = disabled_plugins()
        for point, distribution in installed() if points is None else points:
            self._add(point, distribution)
        self._conflicts: dict[str, str] = {}
        self._tables = {kind: self._collect(hook) for kind, hook in _HOOK_OF.items()}

    def entries(self, kind: str) -> dict[str, Entry]:
        """The entries of a kind (`tasks`, `data`, `apps`) by id, sorted."""
        return {id: entry for id, (entry, _) in sorted(self._tables[kind].items())}

    def owner(self, kind: str, id: str) -> Plugin:
        """The plugin that registered an entry."""
        return self._tables[kind][id][1]

    def task(self, id: str) -> "AnyTask":
        """Return a task.

        Args:
            id: Its id, as in `plexus list tasks`.

        Returns:
            A new task.

        Raises:
            InputError: If there is none, in which case the line names the nearest; or if its plugin is broken.
        """
        from plexus.task import TaskContext  # with NumPy, which `plexus --help` does not need

        task_class = self._load("tasks", id)
        entry, plugin = self._tables["tasks"][id]
        owner = {"name": plugin.name, "distribution": plugin.distribution, "version": plugin.version}
        task: AnyTask = task_class(id, TaskContext(entry.summary, owner, self.datasets))
        return task

    def bundle_task(self, folder: Path, manifest: Mapping[str, Any]) -> "AnyTask":
        """Return the task of a bundle.

        Args:
            folder: The bundle's folder, for the error message.
            manifest: The content of its `bundle.json`.

        Returns:
            The task.

        Raises:
            InputError: If no installed plugin has the task; the line names the distribution to install.
        """
        id, plugin = manifest["task"], dict(manifest["plugin"])
        if id not in self._tables["tasks"]:
            errors = [p.error for p in self.plugins if p.name == plugin["name"] and p.error]
            reason = f"its plugin is broken ({errors[0]})" if errors else "its plugin is not installed or is disabled"
            raise InputError(
                f"{folder} needs the task {id!r}, but {reason}: "
                f"pip install {plugin['distribution']} (it was made with version {plugin['version']})"
            )
        return self.task(id)

    @property
    def packages(self) -> list[str]:
        """Top-level packages of the plugins that are not disabled."""
        return list(dict.fromkeys(point.value.split(".")[0] for point in self._points))

    @cached_property
    def datasets(self) -> "LazyDatasets":
        """All named data sets by name; each is imported when it is looked up."""
        return LazyDatasets(self)

    def app(self, id: str) -> "AnyApp":
        """The app of that id; errors as for `task`."""
        return self._load("apps", id)()  # type: ignore[no-any-return]

    def dataset(self, id: str) -> "NamedDataset":
        """The named data set of that id; errors as for `task`."""
        return self._load("data", id)  # type: ignore[no-any-return]

    def callbacks(self, run: "Run", state: "TrainingState") -> list[Any]:
        """Return the Keras callbacks that the plugins add to a training.

        Args:
            run: The training.
            state: Its progress.

        Returns:
            The callbacks of all plugins.
        """
        found = self._call_each("run_callbacks", run=run, state=state)
        return [callback for _, callbacks in found for callback in callbacks]

    def _load(self, kind: str, id: str) -> Any:
        if id in self._conflicts:
            raise InputError(self._conflicts[id])
        if id not in self._tables[kind]:
            broken = [f"; {plugin.complaint}" for plugin in self.plugins if plugin.error]
            raise InputError(f"{unknown(_NOUN_OF[kind], id, self._tables[kind])}{''.join(broken)}")
        entry, plugin = self._tables[kind][id]
        try:
            return entry.load()
        except (ImportError, AttributeError) as error:
            if os.environ.get("PLEXUS_STRICT") == "1":
                raise
            reason = f"{entry.target}, which is to be {id}, cannot be loaded ({type(error).__name__}: {error})"
            raise InputError(replace(plugin, error=reason).complaint) from error

    def _add(self, point: EntryPoint, distribution: Distribution) -> None:
        plugin = Plugin(
            point.name, distribution.metadata["Name"], distribution.version, disabled=point.name in self._disabled
        )
        self.plugins.append(plugin)
        if not plugin.disabled:
            self._points.append(point)
        if not plugin.disabled:
            self._guard(plugin, lambda: self._register(plugin, point))

    def _register(self, plugin: Plugin, point: EntryPoint) -> None:
        same = next(other for other in self.plugins if other.name == plugin.name)
        if same != plugin:
            raise InputError(f"{same.distribution} has a plugin of that name already, and only that one is used")
        module, said = load(point)
        self._manager.register(module, name=str(plugin))
        if said:
            self._blame(plugin, f"it prints {said.strip()[:60]!r} when it is imported, which spoils --json")

    def _guard(self, plugin: Plugin, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (Exception, SystemExit) as error:
            if os.environ.get("PLEXUS_STRICT") == "1":
                raise
            kind = "" if isinstance(error, InputError) else f"{type(error).__name__}: "
            self._blame(plugin, kind + " ".join(str(error).split()))
            return []

    def _blame(self, plugin: Plugin, error: str) -> None:
        here = next(
            at for at, p in enumerate(self.plugins) if (p.name, p.distribution) == (plugin.name, plugin.distribution)
        )
        self.plugins[here] = replace(self.plugins[here], error=error)

    def _call_each(self, hook: str, **arguments: Any) -> list[tuple[Plugin, list[Any]]]:
        """Call every plugin's implementation on its own, so that one that fails takes no other with it."""
        answers = []
        for plugin in list(self.plugins):
            module = self._manager.get_plugin(str(plugin))
            if module is None or not hasattr(module, hook):
                continue
            others = [m for m in self._manager.get_plugins() if m is not module]
            caller = self._manager.subset_hook_caller(hook, remove_plugins=others)
            answers.append((plugin, self._guard(plugin, partial(_listed, caller, hook, arguments))))
        return answers

    def _collect(self, hook: str) -> dict[str, tuple[Entry, Plugin]]:
        table: dict[str, tuple[Entry, Plugin]] = {}
        for plugin, entries in self._call_each(hook):
            for entry in entries:
                if entry.id in table:
                    self._conflict(entry.id, table[entry.id][1], plugin)
                table[entry.id] = (entry, plugin)
        return {id: found for id, found in table.items() if id not in self._conflicts}

    def _conflict(self, id: str, first: Plugin, second: Plugin) -> None:
        """Nobody can tell which one is meant: neither is there."""
        self._conflicts[id] = (
            f"{id!r} is registered twice, by {first} and {second}: disable one with `plexus plugins disable NAME`"
        )
        for plugin, other in ((first, second), (second, first)):
            self._blame(plugin, f"{id!r} is registered by {other} too, so neither is used")


def _listed(caller: Any, hook: str, arguments: dict[str, Any]) -> list[Any]:
    """What one plugin's hook gives.

    Raises:
        InputError: it is not a list of entries, where entries are wanted.
    """
    (answer,) = caller(**arguments)
    if not isinstance(answer, list):
        raise InputError(f"{hook} gives a {type(answer).__name__}, where a list is wanted")
    strange = [item for item in answer if hook in _HOOK_OF.values() and not isinstance(item, Entry)]
    if strange:
        raise InputError(f"{hook} gives {strange[0]!r}, where a plexus.Entry is wanted")
    return answer


class LazyDatasets(Mapping[str, "NamedDataset"]):
    """The registered data sets by name, imported when they are looked up.

    Args:
        registry: Where they are registered.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __getitem__(self, name: str) -> "NamedDataset":
        if name not in self._registry.entries("data"):
            raise KeyError(name)
        return self._registry.dataset(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry.entries("data"))

    def __len__(self) -> int:
        return len(self._registry.entries("data"))


@cache
def registry() -> Registry:
    """The installed plugins, looked for once in a process."""
    return Registry()
