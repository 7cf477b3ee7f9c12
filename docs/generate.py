"""Generate the parts of the documentation that follow from the code.

These are the lists of options, commands and checks, the picture of the architecture, and the public interface.

Run as: python docs/generate.py
"""

import ast
import hashlib
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from pydantic.fields import FieldInfo

import plexus
from plexus import Options
from plexus.plugins import hookspecs
from plexus.plugins.core_commands import CORE_COMMANDS
from plexus.plugins.registry import registry
from plexus.runtime.backend import import_keras
from plexus.testing.runner import PLUGIN_CHECKS, TASK_CHECKS
from plexus.utils.option_names import flag_of

sys.path.insert(0, str(Path(__file__).parent))
from architecture_picture import draw_architecture

import_keras()  # the public names include Keras callbacks

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OPTIONS = re.compile(r"(<!-- options of (\S+)(?: beyond (\S+))? -->\n).*?(<!-- end of options -->)", re.DOTALL)
CHECKS = re.compile(r"(<!-- checks -->\n).*?(<!-- end of checks -->)", re.DOTALL)
COMMAND_TABLE = re.compile(r"(<!-- commands -->\n).*?(<!-- end of commands -->)", re.DOTALL)
LINE_LENGTH = 120
MODULES = [line for line in (DOCS / "modules.txt").read_text().splitlines() if line]
"""Modules whose names plugins and apps may use, beyond those of `plexus`."""


def pages() -> dict[Path, str]:
    """Return what each generated file should contain.

    Returns:
        Contents by file.
    """
    files = [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("plugins/*/README.md"))]
    contents = {file: file.read_text() for file in files}
    for pattern, replacement in ((OPTIONS, _options), (CHECKS, _checks), (COMMAND_TABLE, _commands)):
        contents = {file: pattern.sub(replacement, text) for file, text in contents.items()}
    return contents | {DOCS / "api.txt": interface(), DOCS / "explanation/architecture.svg": draw_architecture()}


def option_list(name: str, other: str | None = None) -> str:
    """Format options as a list.

    Args:
        name: Id of a task, for its options that differ from those of every training; `shared` for these.
        other: Id of a task whose options are left out; None: those of every training.

    Returns:
        The list in Markdown.
    """
    fields = Options.model_fields
    if name != "shared":
        tasks = registry()
        left_out = tasks.task(other).options.model_fields if other else fields
        of_task = tasks.task(name).options.model_fields
        fields = {key: field for key, field in of_task.items() if repr(field) != repr(left_out.get(key))}
    return "".join(_item(f"`{flag_of(key)}`{_default(field)}: {field.description}") for key, field in fields.items())


def interface() -> str:
    """List all public names with their signatures; a change of it is a change of the interface.

    Returns:
        One line per name.
    """
    lines = [f"plugin interface {hookspecs.API}", ""]
    lines += [f"plexus.{line}" for name in sorted(plexus.__all__) for line in _describe(name, getattr(plexus, name))]
    hooks = {name: hook for name, hook in vars(hookspecs).items() if hasattr(hook, "plexus_spec")}
    lines += [f"hook {name}{inspect.signature(hook)}" for name, hook in hooks.items()]
    public = {id(getattr(plexus, name)) for name in plexus.__all__}
    for name in MODULES:
        members = {key: value for key, value in _members(import_module(name)).items() if id(value) not in public}
        lines += ["", *(f"{name}.{line}" for key, value in sorted(members.items()) for line in _describe(key, value))]
    return "\n".join(lines) + "\n"


def fingerprint() -> str:
    """Return the checksum of the interface, for the changelog.

    Returns:
        Eight hexadecimal digits.
    """
    return hashlib.sha256(interface().encode()).hexdigest()[:8]


def _options(match: re.Match[str]) -> str:
    return f"{match[1]}\n{option_list(match[2], match[3])}\n{match[4]}"


def _checks(match: re.Match[str]) -> str:
    items = [_item(f"`{check.__name__}`: {_first_line(check)}") for check in (*PLUGIN_CHECKS, *TASK_CHECKS)]
    return f"{match[1]}\n{''.join(items)}\n{match[2]}"


def _commands(match: re.Match[str]) -> str:
    rows = [f"| `plexus {name}` | {summary} |\n" for name, summary in CORE_COMMANDS.items()]
    return f"{match[1]}\n| command | purpose |\n|---|---|\n{''.join(rows)}\n{match[2]}"


def _item(text: str) -> str:
    lines = textwrap.wrap(text, LINE_LENGTH - 2, break_long_words=False, break_on_hyphens=False)
    return "- " + "\n  ".join(lines) + "\n"


def _first_line(check: Callable[..., object]) -> str:
    return (inspect.getdoc(check) or "").partition("\n")[0]


def _default(field: FieldInfo) -> str:
    return "" if field.default is None or field.is_required() else f" (default `{field.default}`)"


def _members(module: ModuleType) -> dict[str, object]:
    """Return the public names that a module defines, or that a package exports."""
    if hasattr(module, "__path__"):
        return {name: value for name, value in vars(module).items() if name[0] != "_" and callable(value)}
    names: set[str] = set()
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {item.id for target in node.targets for item in ast.walk(target) if isinstance(item, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name: getattr(module, name) for name in names if not name.startswith("_")}


def _describe(name: str, member: object) -> Iterator[str]:
    if not (inspect.isclass(member) or inspect.isroutine(member)):
        yield name
        return
    yield f"{name}{_signature(member)}"
    attributes = (
        vars(member) | dict.fromkeys(vars(member).get("__annotations__", ())) if inspect.isclass(member) else {}
    )
    for key, value in sorted(attributes.items()):
        plain = inspect.unwrap(getattr(value, "__func__", value))
        if not key.startswith("_"):
            yield f"{name}.{key}{'' if isinstance(value, property) or not callable(plain) else _signature(plain)}"


def _signature(member: Callable[..., object]) -> str:
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", str(inspect.signature(member)))
    except (ValueError, TypeError):
        return "(...)"


def main() -> None:
    """Write the files that have changed."""
    for file, content in pages().items():
        if not file.exists() or file.read_text() != content:
            file.write_text(content)
            print(f"written: {file.relative_to(ROOT)}")
    print(f"interface {hookspecs.API}, fingerprint {fingerprint()}")


if __name__ == "__main__":
    main()
