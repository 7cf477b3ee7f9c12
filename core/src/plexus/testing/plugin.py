"""What a plugin says of itself, checked in a second."""

import json
import re
import subprocess
import sys
from typing import Any

from plexus.app import App
from plexus.data.named import NamedDataset
from plexus.errors import InputError
from plexus.options import Options
from plexus.plugins.entry import Entry
from plexus.plugins.registry import registry
from plexus.task import Task

HEAVY = (
    "cv2",
    "gradio",
    "gymnasium",
    "jax",
    "keras",
    "librosa",
    "matplotlib",
    "onnxruntime",
    "polars",
    "scipy",
    "sklearn",
    "tensorflow",
    "torch",
)
"""Packages that take a tenth of a second or more to import."""
_WANTED: dict[str, type] = {"tasks": Task, "apps": App, "data": NamedDataset}
_IMPORTED = "import sys; from plexus.plugins.registry import registry; {load}; print(*{heavy} & set(sys.modules))"
_NUMBERS = {"integer", "number"}
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum"}


def check_plugin(name: str) -> list[str]:
    """What is wrong with an installed plugin: one line a fault, none if all is well.

    Its targets can be loaded, are what they have to be, and import nothing heavy; every option of its tasks is
    described, has a default, and bounds if it is a number.

    Raises:
        InputError: there is no plugin of that name.
    """
    plugin = next((plugin for plugin in registry().plugins if plugin.name == name), None)
    if plugin is None:
        raise InputError(f"no plugin {name!r} is installed: there are {', '.join(p.name for p in registry().plugins)}")
    found = [plugin.error] if plugin.error else []
    for kind in _WANTED:
        for id, entry in registry().entries(kind).items():
            if registry().owner(kind, id).name == name:
                found += [f"{id}: {fault}" for fault in _faults(kind, entry)]
    return found


def _faults(kind: str, entry: Entry) -> list[str]:
    faults = []
    if kind == "tasks" and not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", entry.id):
        faults.append("a task's id is of the form domain.task")
    if not entry.summary or "\n" in entry.summary:
        faults.append("the summary is one line")
    try:
        target = entry.load()
    except (ImportError, AttributeError, InputError) as error:
        return [*faults, f"{entry.target} cannot be loaded: {error}"]
    wanted = _WANTED[kind]
    if not (isinstance(target, wanted) or (isinstance(target, type) and issubclass(target, wanted))):
        return [*faults, f"{entry.target} is not a {wanted.__name__}"]
    if isinstance(target, type) and issubclass(target, Task):
        faults += _weight_faults(entry.id) + _option_faults(target.options)
    return faults


def _weight_faults(id: str) -> list[str]:
    """A process of its own imports the task, and says what else came along."""
    code = _IMPORTED.format(load=f"registry().task({id!r})", heavy=set(HEAVY))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return [f"importing it imports {module}: import that where it is needed" for module in sorted(done.stdout.split())]


def _option_faults(options: type[Options]) -> list[str]:
    fields = options.model_fields
    faults = [f"option {name} has no description" for name, field in fields.items() if not field.description]
    faults += [f"option {name} has no default" for name, field in fields.items() if field.is_required()]
    return faults or _schema_faults(options)


def _schema_faults(options: type[Options]) -> list[str]:
    """Forms are made of the JSON schema, and runs are kept as JSON."""
    properties: dict[str, Any] = options.model_json_schema()["properties"]
    faults = []
    for name, schema in properties.items():
        kinds = [kind for kind in [schema, *schema.get("anyOf", [])] if kind.get("type") in _NUMBERS]
        if any(not _BOUNDS & kind.keys() for kind in kinds):
            faults.append(f"option {name} is a number without bounds")
    values = options()  # type: ignore[call-arg]
    if options.parse(json.loads(values.model_dump_json())) != values:
        faults.append("the options are not the same after a way through JSON")
    return faults
