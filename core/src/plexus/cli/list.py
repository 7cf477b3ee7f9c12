"""`plexus list`."""

import argparse
from collections.abc import Iterator

from plexus.errors import InputError
from plexus.inference.manifest import read_manifest
from plexus.inference.models import shipped_models
from plexus.plugins.registry import Kind, registry
from plexus.utils.formatting import number

KINDS: tuple[Kind, ...] = ("tasks", "data", "apps")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("kind", nargs="?", choices=[*KINDS, "models"], help="what to list [default: all]")


def run(arguments: argparse.Namespace) -> dict[str, dict[str, str]]:
    """List what is installed.

    Args:
        arguments: The parsed arguments.

    Returns:
        Summaries by name, by kind.
    """
    listed: dict[str, dict[str, str]] = {kind: _entries(kind) for kind in KINDS if arguments.kind in (None, kind)}
    return listed if arguments.kind in KINDS else {**listed, "models": _models()}


def show(result: dict[str, dict[str, str]]) -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        One block per kind, then the plugins that are broken.
    """
    for kind, entries in result.items():
        yield kind
        width = max(map(len, entries), default=0)
        yield from (f"  {name:{width}}  {summary}" for name, summary in entries.items())
    for plugin in registry().plugins:
        if plugin.error:
            yield plugin.error_message


def _entries(kind: Kind) -> dict[str, str]:
    return {id: entry.summary for id, entry in registry().entries(kind).items()}


def _models() -> dict[str, str]:
    """Return the shipped models with the metric that ranks them."""
    models = {}
    for name, folder in shipped_models(registry().packages).items():
        try:
            manifest = read_manifest(folder)
            models[name] = f"{manifest['score']} {number(manifest['scores'][manifest['score']])}"
        except InputError as error:  # the others are listed
            models[name] = f"cannot be used: {error}"
    return models
