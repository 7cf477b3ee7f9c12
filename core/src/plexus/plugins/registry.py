"""The registry of plugins, in which a broken plugin affects no other."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, cached_property, partial
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal, TypeVar, cast

import pluggy

from plexus.errors import InputError, unknown
from plexus.plugins import hookspecs
from plexus.plugins.core_commands import CORE_COMMANDS
from plexus.plugins.entry import Entry
from plexus.plugins.load_limits import limit_loading
from plexus.plugins.loading import (
    GROUP,
    HOOKS,
    IMPORT_SECONDS,
    Plugin,
    distribution_name,
    distribution_version,
    import_plugin,
    installed_plugins,
)
from plexus.utils.boundary import message_of, reason_of
from plexus.utils.user_settings import read_disabled_plugins

if TYPE_CHECKING:
    import keras

    from plexus.app import AnyApp
    from plexus.codec import JsonObject
    from plexus.data.named import NamedDataset
    from plexus.run import Run
    from plexus.task import AnyTask
    from plexus.training.state import TrainingState

Kind = Literal["tasks", "data", "apps", "commands"]
ResultT = TypeVar("ResultT")

_HOOKS: dict[Kind, str] = {
    "tasks": "register_tasks",
    "data": "register_datasets",
    "apps": "register_apps",
    "commands": "register_commands",
}
_NOUNS: dict[Kind, str] = {"tasks": "task", "data": "data set", "apps": "app", "commands": "command"}
MAX_OUTPUT = 60
"""Characters of a plugin's output that its error quotes."""


class Registry:
    """The tasks, data sets, apps and commands of all installed plugins.

    pluggy validates and calls the hooks. A plugin that cannot be imported, or whose hook fails, is left out and listed
    in `plugins` with its error; all others work. With `PLEXUS_STRICT=1` the error is raised instead.

    Args:
        points: Entry points and their distributions; by default those that are installed.

    Attributes:
        plugins: All installed plugins, with the errors of broken ones.

    Example:
        ```python
        list(Registry().entries("tasks"))
        ```
    """

    def __init__(self, points: Sequence[tuple[EntryPoint, Distribution]] | None = None) -> None:
        self.plugins: list[Plugin] = []
        self._packages: list[str] = []
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        disabled = read_disabled_plugins()
        for name in disabled:
            self._manager.set_blocked(name)
        if points is None:
            points, broken = installed_plugins()
            self.plugins += [replace(plugin, disabled=plugin.name in disabled) for plugin in broken]
        for point, distribution in points:
            self._add(point, distribution)
        self._conflicts: dict[tuple[Kind, str], str] = {}
        self._tables = {kind: self._collect(kind) for kind in _HOOKS}

    def entries(self, kind: Kind) -> dict[str, Entry]:
        """Return the entries of a kind.

        Args:
            kind: `tasks`, `data`, `apps` or `commands`.

        Returns:
            Entries by id, sorted.
        """
        return {id: entry for id, (entry, _) in sorted(self._tables[kind].items())}

    def owner(self, kind: Kind, id: str) -> Plugin:
        """Return the plugin that registered an entry.

        Args:
            kind: `tasks`, `data`, `apps` or `commands`.
            id: Id of the entry.

        Returns:
            The plugin.
        """
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

        task_class = cast("type[AnyTask]", self.load("tasks", id))
        entry, plugin = self._tables["tasks"][id]
        owner = {"name": plugin.name, "distribution": plugin.distribution, "version": plugin.version}
        task: AnyTask = task_class(id, TaskContext(entry.summary, owner, self.datasets, self._dataset_errors(id)))
        return task

    def bundle_task(self, folder: Path, manifest: "JsonObject") -> "AnyTask":
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
            if not plugin:
                raise InputError(f"{folder} needs the task {id!r}, which belongs to no plugin: use Bundle.open with it")
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
        return list(dict.fromkeys(self._packages))

    @cached_property
    def datasets(self) -> "LazyDatasets":
        """All named data sets; each is imported when it is looked up.

        Returns:
            The data sets by name.
        """
        return LazyDatasets(self)

    def app(self, id: str) -> "AnyApp":
        """Return an app.

        Args:
            id: Its id, as in `plexus list apps`.

        Returns:
            A new app.

        Raises:
            InputError: As for `task`.
        """
        return cast("type[AnyApp]", self.load("apps", id))()

    def command(self, id: str) -> ModuleType:
        """Return a command of a plugin.

        Args:
            id: Its name, as in `plexus --help`.

        Returns:
            The module of the command.

        Raises:
            InputError: As for `task`; the nearest name may be that of a command of Plexus itself.
        """
        return cast("ModuleType", self.load("commands", id))

    def dataset(self, id: str) -> "NamedDataset":
        """Return a named data set.

        Args:
            id: Its name, as in `plexus list data`.

        Returns:
            The data set.

        Raises:
            InputError: As for `task`.
        """
        return cast("NamedDataset", self.load("data", id))

    def task_datasets(self, id: str) -> list[str]:
        """Return the named data sets that a task reads.

        Args:
            id: Id of the task.

        Returns:
            Names of the data sets that have a kind in common with the task, sorted; where one of the two declares no
            kinds, those that the plugin of the task registers.
        """
        return [name for name in self.entries("data") if self._reads(id, name)]

    def callbacks(self, run: "Run", state: "TrainingState") -> "list[keras.callbacks.Callback]":
        """Return the Keras callbacks that the plugins add to a training.

        Args:
            run: The training.
            state: Its progress.

        Returns:
            The callbacks of all plugins.
        """
        results = self._call_each("run_callbacks", {"run": run, "state": state})
        return [callback for _, callbacks in results for callback in callbacks]

    def load(self, kind: Kind, id: str) -> object:
        """Import the target of an entry.

        Args:
            kind: `tasks`, `data`, `apps` or `commands`.
            id: Id of the entry.

        Returns:
            The class of a task or app, the named data set, or the module of a command.

        Raises:
            InputError: If there is no such entry, two plugins register it, its plugin is broken, or an extra is not
                installed.
        """
        if (kind, id) in self._conflicts:
            raise InputError(self._conflicts[kind, id])
        if id not in self._tables[kind]:
            names = [*(CORE_COMMANDS if kind == "commands" else ()), *self._tables[kind]]
            broken = [f"; {plugin.error_message}" for plugin in self.plugins if plugin.error]
            raise InputError(f"{unknown(_NOUNS[kind], id, names)}{''.join(broken)}")
        entry, plugin = self._tables[kind][id]
        try:
            return entry.load()
        except (ImportError, AttributeError) as error:
            if os.environ.get("PLEXUS_STRICT") == "1":
                raise
            raise _load_error(entry, plugin, error) from error

    def _reads(self, task: str, name: str) -> bool:
        (reader, plugin), (dataset, owner) = self._tables["tasks"][task], self._tables["data"][name]
        if reader.data_kinds and dataset.data_kinds:
            return not set(reader.data_kinds).isdisjoint(dataset.data_kinds)
        return plugin.name == owner.name

    def _dataset_errors(self, task: str) -> dict[str, str]:
        """Return an error for each data set of other kinds than a task reads, by its name."""
        if not self.entries("tasks")[task].data_kinds:
            return {}
        names = ", ".join(self.task_datasets(task)) or "none"
        errors = {}
        for name, entry in self.entries("data").items():
            if entry.data_kinds and not self._reads(task, name):
                readers = ", ".join(id for id in self.entries("tasks") if self._reads(id, name))
                purpose = readers or f"tasks that read {' or '.join(entry.data_kinds)}"
                errors[name] = (
                    f"{task} cannot read the data set {name!r}, which is for {purpose}; data sets of {task}: {names}"
                )
        return errors

    def _add(self, point: EntryPoint, distribution: Distribution) -> None:
        disabled = self._manager.is_blocked(point.name)
        plugin = Plugin(point.name, distribution_name(distribution), distribution_version(distribution), disabled)
        self.plugins.append(plugin)
        if not disabled:
            package = re.match(r"[A-Za-z_]\w*", point.value)
            self._packages += [package[0]] if package else []
            self._isolate(plugin, lambda: self._register(plugin, point))

    def _register(self, plugin: Plugin, point: EntryPoint) -> None:
        first = next(other for other in self.plugins if other.name == plugin.name)
        if first != plugin:
            raise InputError(f"{first.distribution} has a plugin of that name already, and only that one is used")
        module, output = import_plugin(point)
        self._manager.register(module, name=str(plugin))
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            hooks = self._hooks_of(module)
            self._manager.unregister(module)
            for name in hooks - set(HOOKS):
                raise unknown("hook", name, HOOKS) from error
            raise
        if output:
            quoted = repr(output.strip()[:MAX_OUTPUT])
            self._record_error(plugin, f"it prints {quoted} when it is imported, which breaks --json")

    def _hooks_of(self, module: object) -> set[str]:
        return {caller.name for caller in self._manager.get_hookcallers(module) or ()}

    def _isolate(self, plugin: Plugin, action: Callable[[], ResultT]) -> ResultT | None:
        """Return the result of an action; None if it raises, and then the plugin has the error."""
        try:
            return action()
        except KeyboardInterrupt:  # of the user: `limit_loading` converts that of a plugin
            raise
        except BaseException as error:
            if os.environ.get("PLEXUS_STRICT") == "1":
                raise
            is_line = isinstance(error, InputError) and message_of(error)
            self._record_error(plugin, message_of(error) if is_line else reason_of(error))
            return None

    def _record_error(self, plugin: Plugin, error: str) -> None:
        identity = (plugin.name, plugin.distribution)
        self.plugins = [
            replace(other, error=error) if (other.name, other.distribution) == identity else other
            for other in self.plugins
        ]

    def _call_each(self, hook: str, arguments: Mapping[str, object]) -> list[tuple[Plugin, list[object]]]:
        """Call the hook of each plugin on its own: pluggy would end at the first one that raises."""
        modules = dict(self._manager.list_name_plugin())
        results = []
        for plugin in list(self.plugins):
            module = modules.get(str(plugin))
            if hook in self._hooks_of(module):
                others = [other for other in modules.values() if other is not module]
                caller = self._manager.subset_hook_caller(hook, remove_plugins=others)
                results.append((plugin, self._isolate(plugin, partial(_call, caller, hook, arguments)) or []))
        return results

    def _collect(self, kind: Kind) -> dict[str, tuple[Entry, Plugin]]:
        table: dict[str, tuple[Entry, Plugin]] = {}
        for plugin, entries in self._call_each(_HOOKS[kind], {}):
            for entry in cast("list[Entry]", entries):
                if kind == "commands" and entry.id in CORE_COMMANDS:
                    self._record_error(plugin, f"{entry.id!r} is a command of Plexus itself, and only that one is used")
                    continue
                if entry.id in table:
                    self._add_conflict(kind, entry.id, table[entry.id][1], plugin)
                table[entry.id] = (entry, plugin)
        return {id: pair for id, pair in table.items() if (kind, id) not in self._conflicts}

    def _add_conflict(self, kind: Kind, id: str, first: Plugin, second: Plugin) -> None:
        """Drop an id that two plugins register: nothing says which one the user means."""
        self._conflicts[kind, id] = (
            f"{id!r} is registered twice, by {first} and {second}: disable one with `plexus plugins disable NAME`"
        )
        for plugin, other in ((first, second), (second, first)):
            self._record_error(plugin, f"{id!r} is registered by {other} too, so neither is used")


def _call(caller: pluggy.HookCaller, hook: str, arguments: Mapping[str, object]) -> list[object]:
    """Call one plugin's hook and check that the result is a list, of entries where entries are registered."""
    with limit_loading(IMPORT_SECONDS) if hook in _HOOKS.values() else nullcontext():
        result = next(iter(caller(**arguments)), None)
    if not isinstance(result, list):
        raise InputError(f"{hook} returns {_type_name(result)}, expected a list")
    for item in result if hook in _HOOKS.values() else ():
        _check_entry(item, hook)
    return result


def _check_entry(item: object, hook: str) -> None:
    if not isinstance(item, Entry):
        raise InputError(f"{hook} returns {item!r} in its list, expected a plexus.Entry")
    form = "package.module" if hook == _HOOKS["commands"] else "module:Name"
    if (":" in item.target) != (":" in form):
        raise InputError(f"entry {item.id!r}: expected a target of the form {form!r}, got {item.target!r}")


def _type_name(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _load_error(entry: Entry, plugin: Plugin, error: ImportError | AttributeError) -> InputError:
    if isinstance(error, ModuleNotFoundError) and entry.extra:
        return InputError(
            f"{entry.id} needs {error.name}, which is not installed: pip install '{plugin.distribution}[{entry.extra}]'"
        )
    reason = f"{entry.target}, the target of {entry.id}, cannot be loaded ({reason_of(error)})"
    return InputError(replace(plugin, error=reason).error_message)


class LazyDatasets(Mapping[str, "NamedDataset"]):
    """The registered data sets by name, imported when they are looked up.

    Args:
        registry: Where they are registered.

    Example:
        ```python
        registry().datasets["oslo"].fetch()
        ```
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
    """Return the registry of the installed plugins, created once per process.

    Returns:
        The registry.
    """
    return Registry()
