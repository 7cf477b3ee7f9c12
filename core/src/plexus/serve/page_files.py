"""Restriction of the files that a page reads to those that were uploaded to it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Response

from plexus.serve.problems import problem, public_text

if TYPE_CHECKING:
    from gradio import Blocks

REFUSAL = "this page takes only files that were uploaded to it"


def guard_files(page: "Blocks") -> None:
    """Restrict the files that a page reads to those in Gradio's upload folder.

    Clients of Gradio's API name the files of a page's inputs by their paths on the server. Gradio's own check of them
    is off until `launch()` sets `has_launched`, and a mounted page is never launched. The check here does not depend on
    that attribute, and also refuses folders, links, devices and addresses of other machines.

    Args:
        page: The page, before it is mounted.
    """
    page.has_launched = True
    preprocess = page.preprocess_data

    async def preprocess_uploads(
        block_fn: object, inputs: list[object], *args: object, **kwargs: object
    ) -> list[object]:
        _require_uploads(inputs)
        values: list[object] = await preprocess(block_fn, inputs, *args, **kwargs)  # type: ignore[arg-type]
        return values

    page.preprocess_data = preprocess_uploads  # type: ignore[method-assign]


def hide_folders(page: "Blocks") -> None:
    """Remove folders of the server and passwords from the errors that a page shows.

    Args:
        page: The page, before it is mounted.
    """
    import gradio as gr

    process = page.process_api

    async def process_without_folders(*args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            return await process(*args, **kwargs)
        except gr.Error as error:
            error.message = public_text(error.message)
            raise

    page.process_api = process_without_folders  # type: ignore[method-assign]


def refuse_addresses(server: FastAPI, path: str) -> None:
    """Answer 403 where Gradio would fetch a file from another machine.

    Args:
        server: The server, before the page is mounted: these routes have to come first.
        path: Path of the page.
    """

    def refuse() -> Response:
        return problem(403, REFUSAL)

    for start in ("file=http", "file/http"):
        route = f"{path}/gradio_api/{start}{{address:path}}"
        server.add_api_route(route, refuse, methods=["GET", "HEAD"], include_in_schema=False)


def _require_uploads(inputs: object) -> None:
    """Raise a `gradio.Error` if inputs name a file that was not uploaded."""
    import gradio as gr

    if not all(_is_upload(path) for path in _paths(inputs)):
        raise gr.Error(REFUSAL, duration=None, title="Error", print_exception=False)


def _paths(value: object) -> Iterator[str]:
    """Return every path in a component's value, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get("path"), str):
            yield value["path"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _paths(item)


def _is_upload(path: str) -> bool:
    """Return whether a path is a regular file in the upload folder, and no link."""
    from gradio.utils import get_upload_folder

    try:
        regular = stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):  # it does not exist, or is no path: it has a NUL
        return False
    return regular and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(get_upload_folder()))
