"""Errors as documents, which reveal nothing about the server: RFC 9457, and those of the Open Inference Protocol."""

import logging
import re
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Scope

from plexus.errors import BundleError, InputError, without_passwords

MEDIA_TYPE = "application/problem+json"
PROTOCOL = "/v2"
"""Path of the Open Inference Protocol, which has a form of its own for errors: `{"error": "…"}`."""
CLIENT_DISCONNECTED = 499
"""Status in the log of a request whose client closed the connection, as nginx has it."""
UNAUTHORIZED = 401
"""Status for which a browser asks its user for the key."""
TITLES = {
    400: "Invalid request",
    401: "API key required",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request incomplete",
    413: "Request too large",
    421: "Wrong host",
    422: "Invalid input",
    500: "Internal error",
    503: "Too many requests in progress",
    504: "Timeout",
}
MAX_CHARACTERS = 400
"""Of an error, which may repeat a part of the input."""
_FOLDERS = re.compile(r"""(?<![\w.:/])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:;,'"`()]+[/\\])+""")
"""The folders at the start of an absolute path; not the address of a web page."""


def public_text(error: object) -> str:
    """Return the text of an error for a client: one short line without folders of the server and without passwords.

    Args:
        error: The error, or its text.

    Returns:
        The line.
    """
    text = str(error)
    if len(text) > 4 * MAX_CHARACTERS:  # before anything is searched for in megabytes
        text = f"{text[: 2 * MAX_CHARACTERS]} … {text[-2 * MAX_CHARACTERS :]}"
    line = without_folders(without_passwords(" ".join(text.split())))
    if len(line) <= MAX_CHARACTERS:
        return line
    half = MAX_CHARACTERS // 2
    return f"{line[: half - 2]} … {line[-half + 1 :]}"


def without_folders(text: str) -> str:
    """Shorten each absolute path in a text to its file name.

    Args:
        text: The text.

    Returns:
        The text with file names.
    """
    return _FOLDERS.sub("", _own_folders().sub("", text))


@cache
def _own_folders() -> re.Pattern[str]:
    """Return a pattern of folders of this process and below: `_FOLDERS` ends at a blank, which these may contain."""
    folders = {str(Path.cwd()), str(Path.home()), tempfile.gettempdir(), sys.prefix}
    places = "|".join(re.escape(folder) for folder in folders if len(folder) > 1) or r"(?!)"
    return re.compile(rf"(?:{places})[/\\](?:[^:'\"\n]*[/\\])?")


def problem(
    status: int, detail: str, headers: dict[str, str] | None = None, path: str = "", **members: str
) -> JSONResponse:
    """Create an error document.

    Args:
        status: HTTP status.
        detail: One line: what is wrong, and what would be right.
        headers: Headers of the response.
        path: Path of the request: under `/v2`, the document is that of the Open Inference Protocol.
        **members: Other members of a problem document, such as `field`.

    Returns:
        The response.
    """
    line = public_text(detail)
    if path == PROTOCOL or path.startswith(f"{PROTOCOL}/"):
        return JSONResponse({"error": line}, status, headers)
    title = TITLES.get(status, "Invalid request")
    content = {"type": "about:blank", "title": title, "status": status, "detail": line, **members}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def problem_page(scope: Scope, status: int, detail: str) -> Response | None:
    """Return a problem as a page, for a browser that opens an address of a server with Studio.

    Args:
        scope: Scope of the request.
        status: HTTP status.
        detail: One line: what is wrong, and what would be right.

    Returns:
        The page; None for other clients, and servers without pages.
    """
    make_page: Callable[[int, str], Response] | None = getattr(scope["app"].state, "problem_page", None)
    accepted = dict(scope["headers"]).get(b"accept", b"")
    if make_page is None or b"text/html" not in accepted or status == UNAUTHORIZED:
        return None
    return make_page(status, detail)


def install_problems(app: FastAPI) -> None:
    """Answer every error with an error document.

    Args:
        app: The application.
    """
    app.add_exception_handler(InputError, _input_error)
    app.add_exception_handler(BundleError, _bundle_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _client_disconnected)


def internal_error(method: str, path: str, error: Exception) -> JSONResponse:
    """Log an unexpected error, and create its document.

    Args:
        method: Method of the request.
        path: Path of the request.
        error: The error.

    Returns:
        The response.
    """
    logging.getLogger("plexus.serve").error("%s %s", method, public_text(path), exc_info=error)
    return problem(500, "the server failed; its log has the reason", path=path)


async def _input_error(request: Request, error: Exception) -> Response:
    return problem(422, str(error), path=request.scope["path"])


async def _bundle_error(request: Request, error: Exception) -> Response:
    logging.getLogger("plexus.serve").error("%s", public_text(error))
    return problem(500, str(error), path=request.scope["path"])


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the handler is installed for it
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return problem(422, f"{field}: {first['msg']}", path=request.scope["path"], field=public_text(field))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is installed for it
    page = problem_page(request.scope, error.status_code, str(error.detail))
    if page is not None:
        return page
    return problem(error.status_code, str(error.detail), dict(error.headers or {}), path=request.scope["path"])


async def _client_disconnected(request: Request, error: Exception) -> Response:
    return Response(status_code=CLIENT_DISCONNECTED)  # it is only logged
