"""`plexus evaluate`."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plexus.api import load


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus evaluate --help`."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--data", metavar="D", help="as for train [default: the test split of the bundle's own data]")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure."""
    return load(given.bundle).evaluate(given.data)


def show(result: dict[str, Any]) -> Iterator[str]:
    """A line a figure."""
    yield f"{result['bundle']} on {result['data']}: {result['examples']:,} examples"
    for name, value in result["scores"].items():
        yield f"{name:20} {value:.4f}"
