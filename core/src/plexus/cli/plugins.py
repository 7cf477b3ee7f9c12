"""`plexus plugins`."""

import argparse
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError, unknown
from plexus.plugins.loading import Plugin, distribution_name, distribution_version, installed_plugins
from plexus.plugins.registry import registry
from plexus.utils.user_settings import disable_plugins, read_disabled_plugins

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("action", choices=("list", "check", "new", "disable", "enable"), help="what to do")
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="name of a plugin [default of list and check: all]; new creates the plugin in the folder plexus-NAME",
    )


def run(arguments: argparse.Namespace) -> "list[JsonObject]":
    """List, check, create, disable or enable plugins.

    Args:
        arguments: The parsed arguments.

    Returns:
        Of each plugin `name`, `distribution`, `version`, `problem`, `checks`; of a new one `name`, `folder`, `files`.

    Raises:
        InputError: If there is no such plugin, or it cannot be created.
    """
    action, name = arguments.action, arguments.name
    if action in {"new", "disable", "enable"} and name is None:
        raise InputError(f"missing argument NAME: plexus plugins {action} NAME")
    if action == "new":
        return [_create(name)]
    if action in {"disable", "enable"}:
        return [_switch(name, is_disabled=action == "disable")]
    names = {plugin.name for plugin in registry().plugins}
    if name is not None and name not in names:
        raise unknown("plugin", name, names)
    return [
        _describe(
            plugin,
            "disabled" if plugin.disabled else plugin.error,
            _check(plugin.name) if action == "check" else [],
        )
        for plugin in registry().plugins
        if name in (None, plugin.name)
    ]


def show(result: "list[JsonObject]") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        One line per plugin and per failed check; of a new plugin its files.
    """
    for plugin in result:
        if "files" in plugin:
            yield from (
                *plugin["files"],
                f"next: pip install -e {shlex.quote(str(plugin['folder']))}; plexus train {plugin['name']}.classify",
            )
            continue
        yield f"{plugin['name']:12} {plugin['distribution']} {plugin['version']}  {plugin['problem'] or 'ok'}"
        if plugin["problem"] not in {None, "disabled"}:
            yield f"    update {plugin['distribution']}, or disable it: plexus plugins disable {plugin['name']}"
        yield from (f"    {line}" for line in plugin["checks"])


def status(result: "list[JsonObject]") -> int:
    """Return the exit status.

    Args:
        result: The result of `run`.

    Returns:
        1 if a plugin is broken or fails a check, else 0.
    """
    return int(any((p.get("problem") and p["problem"] != "disabled") or p.get("checks") for p in result))


def _switch(name: str, is_disabled: bool) -> "JsonObject":
    """Disable or enable a plugin; none is imported, so that it works whatever they do."""
    points, broken = installed_plugins()
    plugins = {
        point.name: Plugin(point.name, distribution_name(distribution), distribution_version(distribution))
        for point, distribution in points
    } | {plugin.name: plugin for plugin in broken}
    if name not in plugins:
        raise unknown("plugin", name, plugins)
    disabled = read_disabled_plugins()
    disable_plugins(disabled | {name} if is_disabled else disabled - {name})
    return _describe(plugins[name], "disabled" if is_disabled else None)


def _describe(plugin: "Plugin", problem: str | None, checks: list[str] | None = None) -> "JsonObject":
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "problem": problem,
        "checks": checks or [],
    }


def _check(name: str) -> list[str]:
    from plexus.testing import check_plugin

    return check_plugin(name)


def _create(name: str) -> "JsonObject":
    from plexus.plugins.scaffold import new_plugin

    folder = new_plugin(name, Path())
    files = sorted(str(file) for file in folder.rglob("*") if file.is_file())
    return {"name": name, "folder": str(folder), "files": files}
