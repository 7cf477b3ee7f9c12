"""`plexus open`."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.cli import serve
from plexus.cli.parser import passed_options
from plexus.errors import InputError
from plexus.inference.manifest import read_manifest
from plexus.inference.models import shipped_models
from plexus.plugins.registry import registry

if TYPE_CHECKING:
    from plexus.app import AnyApp
    from plexus.codec import JsonObject
    from plexus.utils.option_group import OptionGroup

show = serve.show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument(
        "names",
        nargs="*",
        default=[],
        metavar="APP or BUNDLE",
        help="apps, see plexus list apps [default: all, with Studio's pages for data, trainings, runs and models]; "
        "bundles, as for plexus serve [default: all shipped models]",
    )
    serve.add_server_arguments(parser)
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def option_groups(arguments: argparse.Namespace | None) -> "dict[str, type[OptionGroup]]":
    """Return the options that are flags, too.

    Args:
        arguments: The command's own arguments; None before they are parsed.

    Returns:
        The page options of the named apps, by title.

    Raises:
        InputError: If there is no such app.
    """
    if arguments is None:
        return {}
    apps, _ = _split_names(arguments.names)
    options = {f"options of {id}": registry().app(id).page_options for id in apps}
    return {title: group for title, group in options.items() if group is not None}


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Serve Studio, or the pages of some apps, with their bundles until stopped, and open them in the browser.

    Args:
        arguments: The parsed arguments.

    Returns:
        The result of `serve_until_stopped`.

    Raises:
        InputError: If there is no such app or bundle, an app has no bundle, or an argument is wrong.
    """
    named, bundles = _split_names(arguments.names)
    apps = {id: registry().app(id) for id in named or registry().entries("apps")}
    app_tasks = {task for app in apps.values() for task in app.tasks}

    def folders() -> list[Path]:
        # Studio starts without a model, too: to train one.
        shipped = () if bundles else shipped_models(registry().packages).values()
        chosen = serve.bundle_folders(bundles) if bundles else _examples_first(shipped, apps.values())
        return [folder for folder in chosen if not named or _task(folder) in {*app_tasks, ""}]

    tasks = {_task(folder) for folder in folders()}  # a folder that is no bundle has none: the server names it
    for id in named:
        if not tasks & set(apps[id].tasks):
            raise InputError(_without_bundle(id, apps[id]))
    pages = {id: (app, _page_options(app, arguments)) for id, app in apps.items()}
    return serve.serve_until_stopped(
        arguments,
        folders,
        pages,
        not arguments.no_browser,
        open_networks=bool(arguments.names),  # Studio lists all shipped models, and a visitor uses a few
        build_pages=bool(named),
    )


def _split_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return apps and bundles; a name is a bundle's if it is a path or has a slash."""
    apps = registry().entries("apps")
    bundles = [name for name in names if name not in apps and ("/" in name or Path(name).exists())]
    return [name for name in names if name not in bundles], bundles


def _examples_first(folders: "Iterable[Path]", apps: "Iterable[AnyApp]") -> list[Path]:
    """Return shipped models, those that an app's examples fit first."""
    names = {app.example_data for app in apps} - {""}
    return sorted(folders, key=lambda folder: _data(folder) not in names)


def _data(folder: Path) -> str:
    data = _field(folder, "data")
    return str(data.get("name")) if isinstance(data, dict) else ""


def _task(folder: Path) -> str:
    return str(_field(folder, "task") or "")


def _field(folder: Path, name: str) -> object:
    try:
        return read_manifest(folder).get(name)
    except InputError:
        return None


def _page_options(app: "AnyApp", arguments: argparse.Namespace) -> "OptionGroup | None":
    if app.page_options is None:
        return None
    passed = passed_options(arguments)
    fields = app.page_options.model_fields
    return app.page_options.parse({name: value for name, value in passed.items() if name in fields})


def _without_bundle(id: str, app: "AnyApp") -> str:
    tasks = " or ".join(app.tasks)
    return (
        f"{id} needs a bundle of {tasks}, and there is none here: pass one, or make one with "
        f"plexus train {app.tasks[0]}, or with plexus demo {id} (it is demo/{id}/run/bundle)"
    )
