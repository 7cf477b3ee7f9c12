"""`plexus open`."""

import argparse
from pathlib import Path
from typing import Any

from plexus.app import App
from plexus.cli import serve
from plexus.cli.parser import add_options
from plexus.errors import InputError
from plexus.registry import registry


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:
    """The flags that only the app has are flags too."""
    parser.add_argument("app", nargs="?", metavar="APP", help="see plexus list apps [default: all]")
    serve.add_arguments(parser, argv)
    parser.add_argument("--no-browser", action="store_true", help="only say where the page is")
    named = next((word for word in argv if word in registry().entries("apps")), None)
    if named and (asking := registry().app(named).asking):
        add_options(parser, asking)


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Serve the app's page and what it answers with, and open it, until asked to stop."""
    apps = {id: registry().app(id) for id in ([given.app] if given.app else registry().entries("apps"))}
    folders = serve.folders(given.bundles)
    tasks = {folder: _task(folder) for folder in folders}
    usable = {id: app for id, app in apps.items() if set(app.tasks) & set(tasks.values())}
    if given.app and not usable:
        raise InputError(_missing(given.app, apps[given.app]))
    flags = {id: _flags(app, given) for id, app in usable.items()}
    wanted = {task for app in usable.values() for task in app.tasks}
    pages = {id: (app, flags[id]) for id, app in usable.items()}
    own = [folder for folder in folders if tasks[folder] in wanted]
    path = f"/apps/{given.app}/" if given.app else "/"
    return serve.listen(given, lambda: own, pages, None if given.no_browser else path)


show = serve.show


def _task(folder: Path) -> str:
    from plexus.bundle import read_manifest

    return str(read_manifest(folder)["task"])


def _flags(app: App, given: argparse.Namespace) -> Any:
    if app.asking is None:
        return None
    return app.asking.checked({name: value for name, value in vars(given).items() if name in app.asking.model_fields})


def _missing(id: str, app: App) -> str:
    tasks = " or ".join(app.tasks)
    return (
        f"{id} answers with a bundle of {tasks}, and there is none under models/ here: name one, or make one with "
        f"plexus train {app.tasks[0]}, or with plexus demo {id} (it is demo/{id}/run/bundle)"
    )
