"""Errors as problem documents (RFC 9457): what is wrong with the request, and nothing of the server's own."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from plexus.errors import InputError

MEDIA_TYPE = "application/problem+json"
TITLES = {
    401: "An API key is needed",
    404: "Not found",
    405: "Method not allowed",
    413: "Too large",
    422: "The input is wrong",
    500: "Internal error",
    503: "Busy",
    504: "Too slow",
}


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem document.

    Args:
        detail: one line: what is wrong, and what would be right.
        more: other members, as `field`.
    """
    title = TITLES.get(status, "The request is wrong")
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def install_problems(app: FastAPI) -> None:
    """Have every error of the app answered so."""
    app.add_exception_handler(InputError, _input_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unforeseen)


async def _input_error(request: Request, error: Exception) -> JSONResponse:
    return problem(422, str(error))


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is installed for
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return problem(422, f"{field}: {first['msg']}", field=field)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is installed for
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    logging.getLogger("plexus.serve").exception("%s %s", request.method, request.url.path, exc_info=error)
    return problem(500, "the server failed; its log has the reason")
