"""`plexus open`."""

import argparse
from pathlib import Path
from typing import Any

from plexus.app import AnyApp
from plexus.bundle import read_manifest
from plexus.cli import serve
from plexus.cli.parser import add_options
from plexus.errors import InputError
from plexus.plugins.registry import registry


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:
    """The flags that only the app has are flags too."""
    parser.add_argument(
        "what",
        nargs="*",
        metavar="APP or BUNDLE",
        help="apps: see plexus list apps [default: all]; bundles: as for serve",
    )
    serve.add_flags(parser)
    parser.add_argument("--no-browser", action="store_true", help="only say where the page is")
    named = next((word for word in argv if word in registry().entries("apps")), None)
    if named and (options := registry().app(named).page_options):
        add_options(parser, options)


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Serve the apps' pages and what they answer with, and open them, until asked to stop."""
    known = registry().entries("apps")
    named = [word for word in given.what if word in known or not Path(word).exists()]
    apps = {id: registry().app(id) for id in named or known}
    bundles = [Path(word) for word in given.what if word not in named]

    def folders() -> list[Path]:
        """All, or those that the named apps answer with."""
        wanted = {task for app in apps.values() for task in app.tasks}
        return [one for one in serve.folders(bundles) if not named or _task(one) in wanted]

    tasks = {_task(folder) for folder in folders()}
    for id in named:
        if not tasks & set(apps[id].tasks):
            raise InputError(_missing(id, apps[id]))
    pages = {id: (app, _flags(app, given)) for id, app in apps.items() if tasks & set(app.tasks)}
    return serve.listen(given, folders, pages, browser=not given.no_browser)


show = serve.show


def _task(folder: Path) -> str:
    return str(read_manifest(folder)["task"])


def _flags(app: AnyApp, given: argparse.Namespace) -> Any:
    if app.page_options is None:
        return None
    fields = app.page_options.model_fields
    return app.page_options.parse({name: value for name, value in vars(given).items() if name in fields})


def _missing(id: str, app: AnyApp) -> str:
    tasks = " or ".join(app.tasks)
    return (
        f"{id} answers with a bundle of {tasks}, and there is none here: name one, or make one with "
        f"plexus train {app.tasks[0]}, or with plexus demo {id} (it is demo/{id}/run/bundle)"
    )
