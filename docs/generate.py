"""What the documentation takes from the code: tables of options, and the list of what is public.

Run as: python docs/generate.py
"""

import hashlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plexus
import plexus.testing
from plexus import Options
from plexus.plugins import hookspecs
from plexus.plugins.registry import registry
from plexus.runtime.backend import import_keras

import_keras()  # what is public has callbacks

DOCS = Path(__file__).parent
MARK = re.compile(r"(<!-- options of (\S+) -->\n).*?(<!-- end of options -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """What each generated file should hold now."""
    found = {page: MARK.sub(_with_table, page.read_text()) for page in sorted(DOCS.glob("*.md"))}
    return found | {DOCS / "api.txt": interface()}


def _with_table(match: re.Match) -> str:
    return f"{match[1]}{table(match[2])}{match[3]}"


def table(name: str) -> str:
    """The options of a task that are not those of every training, or (`shared`) those."""
    fields = Options.model_fields
    if name != "shared":
        own = registry().task(name).options.model_fields
        fields = {key: field for key, field in own.items() if repr(field) != repr(fields.get(key))}
    rows = [
        f"| `--{key.replace('_', '-')}` | {_values(field)} | {field.description} |" for key, field in fields.items()
    ]
    return "\n".join(["| option | default | what it is |", "|---|---|---|", *rows, ""])


def _values(field: Any) -> str:
    return "" if field.default is None or field.is_required() else f"`{field.default}`"


def interface() -> str:
    """All that is public: names, signatures, fields; a change to it is a change to the interface."""
    lines = [f"plugin interface {hookspecs.API}", ""]
    lines += [f"plexus.{line}" for name in sorted(plexus.__all__) for line in _described(name, getattr(plexus, name))]
    hooks = {name: hook for name, hook in vars(hookspecs).items() if hasattr(hook, "plexus_spec")}
    lines += [f"hook {name}{inspect.signature(hook)}" for name, hook in hooks.items()]
    for name in ("check_plugin", "check_task", "parametrize_tasks"):
        lines += [f"plexus.testing.{name}{inspect.signature(getattr(plexus.testing, name))}"]
    return "\n".join(lines) + "\n"


def fingerprint() -> str:
    """Eight digits of the interface's checksum, for the changelog."""
    return hashlib.sha256(interface().encode()).hexdigest()[:8]


def _described(name: str, what: Any) -> Iterator[str]:
    if not callable(what):
        yield name if name == "__version__" else f"{name} = {what!r}"
        return
    yield f"{name}{_signature(what)}"
    members = vars(what) | dict.fromkeys(vars(what).get("__annotations__", ())) if isinstance(what, type) else {}
    for member, value in sorted(members.items()):
        plain = inspect.unwrap(getattr(value, "__func__", value))
        if member.startswith("_"):
            continue
        if isinstance(value, property) or not callable(plain):
            yield f"{name}.{member}"
        else:
            yield f"{name}.{member}{_signature(plain)}"


def _signature(what: Any) -> str:
    try:
        return str(inspect.signature(what))
    except ValueError:
        return "(...)"


def main() -> None:
    """Write what has changed."""
    for page, content in pages().items():
        if not page.exists() or page.read_text() != content:
            page.write_text(content)
            print(f"written: {page}")
    print(f"interface {hookspecs.API}, fingerprint {fingerprint()}")


if __name__ == "__main__":
    main()
