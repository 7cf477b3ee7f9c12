"""`plexus demo`."""

import argparse
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plexus.files import wanted_folder
from plexus.notes import note
from plexus.registry import registry

FOLDER = Path("demo")


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus demo --help`."""
    parser.add_argument("apps", nargs="*", metavar="APP", help="only these; see plexus list apps")


def run(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Each app in a folder of its own, made anew."""
    chosen = [(id, registry().app(id)) for id in given.apps or registry().entries("apps")]
    results = []
    for id, app in chosen:
        note(f"demo of {id}: {registry().entries('apps')[id].summary}")
        started, folder = time.monotonic(), FOLDER / id
        with wanted_folder(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        figures = app.demo(folder)
        pictures = sorted(str(file) for file in folder.rglob("*") if file.suffix in {".png", ".gif"})
        seconds = round(time.monotonic() - started, 1)
        results.append({"app": id, "figures": figures, "seconds": seconds, "pictures": pictures})
    return results


def show(result: list[dict[str, Any]]) -> Iterator[str]:
    """Figures, then where the pictures are."""
    for app in result:
        figures = ", ".join(f"{name} {value:.4f}" for name, value in app["figures"].items())
        yield f"{app['app']}: {figures}  ({app['seconds']:.0f} s)"
        yield from (f"  {file}" for file in app["pictures"])
