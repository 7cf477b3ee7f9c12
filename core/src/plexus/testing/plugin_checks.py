"""Checks of a plugin's entries and options. They train nothing."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType

from plexus.app import App
from plexus.data.named import NamedDataset
from plexus.options import Options
from plexus.plugins.entry import Entry
from plexus.plugins.loading import Plugin
from plexus.plugins.registry import Kind, registry
from plexus.task import AnyTask, Task
from plexus.utils.boundary import message_of

SLOW_IMPORTS = (
    "cv2", "gradio", "gymnasium", "jax", "keras", "librosa", "matplotlib", "onnxruntime", "polars", "scipy", "sklearn",
    "tensorflow", "torch",
)  # fmt: skip
"""Packages that take a tenth of a second or more to import."""
TYPES: dict[Kind, type] = {"tasks": Task, "apps": App, "data": NamedDataset, "commands": ModuleType}
COMMAND_FUNCTIONS = ("add_arguments", "run", "show")
"""Functions that the module of a command has."""
_IMPORT = """
import sys
from plexus.plugins.registry import registry
registry().task({id!r})
print(*set({slow}) & set(sys.modules))
"""
_NUMBERS = {"integer", "number"}
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum"}


def check_plugin_loads(plugin: Plugin) -> None:
    """The plugin can be imported, its hooks are valid, and no other plugin has one of its ids.

    Args:
        plugin: The plugin.
    """
    assert plugin.error is None, plugin.error


def check_entries_are_described(plugin: Plugin) -> None:
    """Each entry has a summary of one line, and the id of a task has the form `domain.task`.

    Args:
        plugin: The plugin.
    """
    for kind, entry in _entries(plugin):
        one_line = entry.summary and "\n" not in entry.summary
        assert one_line, f"{entry.id}: expected a summary of one line, found {entry.summary!r}"
        valid = kind != "tasks" or re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", entry.id)
        assert valid, f"expected an id of the form domain.task, found {entry.id!r}"


def check_targets_have_their_type(plugin: Plugin) -> None:
    """Each target can be imported, and is a task or app class, a named data set, or the module of a command.

    Args:
        plugin: The plugin.
    """
    for kind, entry in _entries(plugin):
        try:
            target = entry.load()
        except (ImportError, AttributeError) as error:
            raise AssertionError(f"{entry.id}: {entry.target} cannot be loaded: {message_of(error)}") from error
        expected = TYPES[kind]
        valid = isinstance(target, expected) or (isinstance(target, type) and issubclass(target, expected))
        assert valid, f"{entry.id}: expected a {expected.__name__} at {entry.target}, found {target!r}"
        functions = COMMAND_FUNCTIONS if kind == "commands" else ()
        missing = ", ".join(name for name in functions if not callable(getattr(target, name, None)))
        assert not missing, f"{entry.id}: expected the functions of a command in {entry.target}, found no {missing}"


def check_tasks_import_quickly(plugin: Plugin) -> None:
    """Importing a task in a new process imports no package that is slow to import.

    Args:
        plugin: The plugin.
    """
    for id, _ in _tasks(plugin):
        code = _IMPORT.format(id=id, slow=SLOW_IMPORTS)
        process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
        assert process.returncode == 0, f"{id}: expected that it can be imported, found: {process.stderr}"
        slow = ", ".join(sorted(process.stdout.split()))
        assert not slow, f"{id}: expected a quick import, found imports of {slow}: import them where they are used"


def check_options_are_described(plugin: Plugin) -> None:
    """Each option has a description and a default.

    Args:
        plugin: The plugin.
    """
    for id, options in _options(plugin):
        for name, field in options.model_fields.items():
            assert field.description, f"{id}: option {name} has no description"
            assert not field.is_required(), f"{id}: option {name} has no default"


def check_options_are_bounded(plugin: Plugin) -> None:
    """Each option that is a number has bounds.

    Args:
        plugin: The plugin.
    """
    for id, options in _options(plugin):
        for name, schema in options.model_json_schema()["properties"].items():
            kinds = [kind for kind in [schema, *schema.get("anyOf", [])] if kind.get("type") in _NUMBERS]
            bounded = all(_BOUNDS & kind.keys() for kind in kinds)
            assert bounded, f"{id}: option {name} is a number without bounds"


def check_options_survive_json(plugin: Plugin) -> None:
    """Options are the same after they are written as JSON and read back: runs and bundles record them.

    Args:
        plugin: The plugin.
    """
    for id, options in _options(plugin):
        defaults = options.parse({})
        restored = options.parse(json.loads(defaults.model_dump_json()))
        assert restored == defaults, f"{id}: expected {defaults!r} after a way through JSON, found {restored!r}"


def _entries(plugin: Plugin) -> Iterator[tuple[Kind, Entry]]:
    for kind in TYPES:
        for id, entry in registry().entries(kind).items():
            if registry().owner(kind, id).name == plugin.name:
                yield kind, entry


def _tasks(plugin: Plugin) -> Iterator[tuple[str, type[AnyTask]]]:
    """Yield the ids and classes of the tasks that can be loaded; `check_targets_have_their_type` names the others."""
    for kind, entry in _entries(plugin):
        with suppress(ImportError, AttributeError):
            target = entry.load()
            if kind == "tasks" and isinstance(target, type) and issubclass(target, Task):
                yield entry.id, target


def _options(plugin: Plugin) -> Iterator[tuple[str, type[Options]]]:
    for id, task in _tasks(plugin):
        yield id, task.options
