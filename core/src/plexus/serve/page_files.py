"""Which files a page reads: those that were uploaded to it, and no others."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response

from plexus.serve.problems import problem

REFUSAL = "this page takes only files that were uploaded to it"


def guard_files(page: Any) -> None:
    """Restrict the files that a page reads to those in Gradio's upload folder.

    Whoever asks a page through Gradio's API names the files of its inputs by their paths on the server. Gradio's own
    check of them is off until `launch()` sets `has_launched`, and a mounted page is never launched. The check here
    does not depend on that attribute, and also refuses folders, links, devices and addresses of other machines.

    Args:
        page: a `gradio.Blocks`, before it is mounted.
    """
    page.has_launched = True
    preprocess = page.preprocess_data

    async def checked(block_fn: Any, inputs: list[Any], *args: Any, **kwargs: Any) -> Any:
        _require_uploads(inputs)
        return await preprocess(block_fn, inputs, *args, **kwargs)

    page.preprocess_data = checked


def refuse_addresses(server: FastAPI, path: str) -> None:
    """Answer 403 where Gradio would fetch a file from another machine.

    Args:
        server: gets the routes; they have to come before the page's own.
        path: of the page.
    """

    def refusal() -> Response:
        return problem(403, REFUSAL)

    for start in ("file=http", "file/http"):
        route = f"{path}/gradio_api/{start}{{address:path}}"
        server.add_api_route(route, refusal, methods=["GET", "HEAD"], include_in_schema=False)


def _require_uploads(inputs: Any) -> None:
    """Raise a `gradio.Error` if inputs name a file that was not uploaded."""
    import gradio as gr

    if not all(_is_upload(path) for path in _paths(inputs)):
        raise gr.Error(REFUSAL, duration=None, title="That did not work", print_exception=False)


def _paths(value: Any) -> Iterator[str]:
    """Every path in a component's value, at whatever depth."""
    if isinstance(value, dict):
        if isinstance(value.get("path"), str):
            yield value["path"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _paths(one)


def _is_upload(path: str) -> bool:
    """Whether a path is a regular file in the upload folder, and no link."""
    from gradio.utils import get_upload_folder

    try:
        regular = stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):  # there is none, or it is no path: a NUL in it
        return False
    return regular and Path(os.path.realpath(path)).is_relative_to(os.path.realpath(get_upload_folder()))
