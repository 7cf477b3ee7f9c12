"""What a plugin says of itself, checked in a second."""

import re
import subprocess
import sys
from typing import Any

from plexus.app import App
from plexus.data.named import NamedSet
from plexus.entry import Entry
from plexus.errors import InputError
from plexus.registry import registry
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
    "sklearn",
    "tensorflow",
    "torch",
)
_LIGHT = """
import sys
from plexus.registry import registry
for id in registry().entries("tasks"):
    registry().task(id)
print(*[name for name in {heavy} if name in sys.modules])
"""


def check_plugin(name: str) -> list[str]:
    """What is wrong with an installed plugin: one line a fault, none if all is well."""
    found = []
    for kind in ("tasks", "data", "apps"):
        for id, entry in registry().entries(kind).items():
            if registry().owner(kind, id).name == name:
                found += [f"{id}: {fault}" for fault in _faults(kind, entry)]
    heavy = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _LIGHT.format(heavy=HEAVY)], capture_output=True, text=True, check=False
    ).stdout.split()
    return found + [f"importing the tasks imports {module}: import it in the method that needs it" for module in heavy]


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
    wanted = {"tasks": Task, "apps": App, "data": NamedSet}[kind]
    if not (isinstance(target, wanted) or (isinstance(target, type) and issubclass(target, wanted))):
        return [*faults, f"{entry.target} is not a {wanted.__name__}"]
    return faults + (_option_faults(target) if kind == "tasks" else [])


def _option_faults(task: Any) -> list[str]:
    fields = task.options.model_fields
    faults = [f"option {name} has no description" for name, field in fields.items() if not field.description]
    faults += [f"option {name} has no default" for name, field in fields.items() if field.is_required()]
    return faults
