"""`plexus plugins`."""

import argparse
from collections.abc import Iterator
from typing import Any

from plexus.errors import InputError, unknown
from plexus.registry import registry
from plexus.settings import disable_plugins, disabled_plugins


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus plugins --help`."""
    parser.add_argument("action", choices=("list", "check", "disable", "enable"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a plugin; check: that one only")


def run(given: argparse.Namespace) -> list[dict[str, Any]]:
    """What there is, and what is wrong with it."""
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
        yield f"{plugin['name']:12} {plugin['distribution']} {plugin['version']}  {plugin['problem'] or 'ok'}"
        yield from (f"    {line}" for line in plugin["checks"])


def status(result: list[dict[str, Any]]) -> int:
    """1 if a plugin is broken or fails a check."""
    return int(any((p["problem"] and p["problem"] != "disabled") or p["checks"] for p in result))


def _checked(name: str) -> list[str]:
    from plexus.testing.check import check_plugin

    return check_plugin(name)


def _switch(given: argparse.Namespace) -> list[dict[str, Any]]:
    if given.name is None:
        raise InputError(f"plexus plugins {given.action} NAME: which plugin?")
    disabled = disabled_plugins()
    disable_plugins(disabled | {given.name} if given.action == "disable" else disabled - {given.name})
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
