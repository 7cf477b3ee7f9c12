"""`plexus list`."""

import argparse
from collections.abc import Iterator

from plexus.bundle import read_manifest
from plexus.inference.models import shipped_models
from plexus.plugins.registry import registry

KINDS = ("tasks", "data", "apps", "models")


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus list --help`."""
    parser.add_argument("kind", nargs="?", choices=KINDS, help="only these")


def run(given: argparse.Namespace) -> dict[str, dict[str, str]]:
    """Names and summaries, by kind."""
    kinds = [given.kind] if given.kind else KINDS
    return {kind: _models() if kind == "models" else _entries(kind) for kind in kinds}


def show(result: dict[str, dict[str, str]]) -> Iterator[str]:
    """A block a kind."""
    for kind, entries in result.items():
        yield kind
        width = max(map(len, entries), default=0)
        yield from (f"  {name:{width}}  {summary}" for name, summary in entries.items())
    for plugin in registry().plugins:
        if plugin.error:
            yield plugin.error_message


def _entries(kind: str) -> dict[str, str]:
    return {id: entry.summary for id, entry in registry().entries(kind).items()}


def _models() -> dict[str, str]:
    """The bundles under `models/`, with their scores."""
    models = {}
    for name, folder in shipped_models(registry().packages).items():
        manifest = read_manifest(folder)
        models[name] = f"{manifest['score']} {manifest['scores'][manifest['score']]:.4f}"
    return models
