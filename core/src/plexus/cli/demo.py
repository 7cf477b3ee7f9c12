"""`plexus demo`."""

import argparse
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plexus.plugins.registry import registry
from plexus.report.gallery import write_gallery
from plexus.utils.files import writing_to
from plexus.utils.messages import note

FOLDER, PAGE = Path("demo"), "index.html"


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:  # noqa: ARG001
    """See `plexus demo --help`."""
    parser.add_argument("apps", nargs="*", metavar="APP", help="only these; see plexus list apps")


def run(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Each app in a folder of its own, made anew; all of them on one page."""
    chosen = [(id, registry().app(id)) for id in given.apps or registry().entries("apps")]
    results = []
    for id, app in chosen:
        note(f"demo of {id}: {registry().entries('apps')[id].summary}")
        started, folder = time.monotonic(), FOLDER / id
        with writing_to(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        figures = app.demo(folder)
        pictures = sorted(str(file) for file in folder.rglob("*") if file.suffix in {".png", ".gif"})
        seconds = round(time.monotonic() - started, 1)
        shown = [(str(folder / file), what) for file, what in app.demo_captions.items()]
        summary = registry().entries("apps")[id].summary
        results.append(
            {
                "app": id,
                "summary": summary,
                "figures": figures,
                "seconds": seconds,
                "pictures": pictures,
                "shown": shown,
            }
        )
    write_gallery(results, FOLDER / PAGE)
    return results


def show(result: list[dict[str, Any]]) -> Iterator[str]:
    """A line an app, then where the pictures are."""
    for app in result:
        figures = ", ".join(f"{name} {value:.4f}" for name, value in app["figures"].items())
        yield f"{app['app']:18} {app['seconds']:4.0f} s  {figures}"
    yield f"{'all':18} {sum(app['seconds'] for app in result):4.0f} s  pictures: {FOLDER / PAGE}"
