"""`plexus plugins`."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plexus.errors import InputError, unknown
from plexus.plugins.registry import registry
from plexus.utils.user_settings import disable_plugins, disabled_plugins


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus plugins --help`."""
    parser.add_argument("action", choices=("list", "check", "new", "disable", "enable"))
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="of a plugin; check: that one only; new: of the one to be written, into plexus-NAME",
    )


def run(given: argparse.Namespace) -> list[dict[str, Any]]:
    """What there is, and what is wrong with it."""
    if given.action == "new":
        return [_new(given)]
    known = {plugin.name for plugin in registry().plugins}
    if given.name is not None and given.name not in known:
        raise unknown("plugin", given.name, known)
    if given.action in {"disable", "enable"}:
        return _switch(given)
    listed = [plugin for plugin in registry().plugins if given.name in (None, plugin.name)]
    return [
        {
            "name": plugin.name,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "problem": "disabled" if plugin.disabled else plugin.error,
            "checks": _checked(plugin.name) if given.action == "check" else [],
        }
        for plugin in listed
    ]


def show(result: list[dict[str, Any]]) -> Iterator[str]:
    """A line a plugin, a line a failed check."""
    for plugin in result:
        if "files" in plugin:
            yield from (
                *plugin["files"],
                f"next: pip install -e {plugin['folder']}; plexus train {plugin['name']}.classify",
            )
            continue
        yield f"{plugin['name']:12} {plugin['distribution']} {plugin['version']}  {plugin['problem'] or 'ok'}"
        if plugin["problem"] not in {None, "disabled"}:
            yield f"    update {plugin['distribution']}, or disable it: plexus plugins disable {plugin['name']}"
        yield from (f"    {line}" for line in plugin["checks"])


def status(result: list[dict[str, Any]]) -> int:
    """1 if a plugin is broken or fails a check."""
    return int(any((p.get("problem") and p["problem"] != "disabled") or p.get("checks") for p in result))


def _checked(name: str) -> list[str]:
    from plexus.testing import check_plugin

    return check_plugin(name)


def _new(given: argparse.Namespace) -> dict[str, Any]:
    from plexus.plugins.scaffold import new_plugin

    folder = new_plugin(_required_name(given), Path())
    files = sorted(str(file) for file in folder.rglob("*") if file.is_file())
    return {"name": given.name, "folder": str(folder), "files": files}


def _required_name(given: argparse.Namespace) -> str:
    if given.name is None:
        raise InputError(f"plexus plugins {given.action} NAME: which plugin?")
    return str(given.name)


def _switch(given: argparse.Namespace) -> list[dict[str, Any]]:
    name, disabled = _required_name(given), disabled_plugins()
    disable_plugins(disabled | {name} if given.action == "disable" else disabled - {name})
    plugin = next(plugin for plugin in registry().plugins if plugin.name == given.name)
    problem = "disabled" if given.action == "disable" else None
    return [
        {
            "name": plugin.name,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "problem": problem,
            "checks": [],
        }
    ]
