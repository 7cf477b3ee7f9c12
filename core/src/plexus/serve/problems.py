"""Errors as problem documents (RFC 9457), which reveal nothing about the server."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from plexus.errors import InputError

MEDIA_TYPE = "application/problem+json"
TITLES = {
    401: "API key required",
    404: "Not found",
    405: "Method not allowed",
    413: "Request too large",
    422: "Invalid input",
    500: "Internal error",
    503: "Too many requests in progress",
    504: "Timeout",
}


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **members: str) -> JSONResponse:
    """Create a problem document.

    Args:
        status: HTTP status.
        detail: One line: what is wrong, and what would be right.
        headers: Headers of the response.
        **members: Other members of the document, such as `field`.

    Returns:
        The response.
    """
    title = TITLES.get(status, "Invalid request")
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **members}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


def install_problems(app: FastAPI) -> None:
    """Answer every error with a problem document.

    Args:
        app: The application.
    """
    app.add_exception_handler(InputError, _input_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _internal_error)


async def _input_error(request: Request, error: Exception) -> JSONResponse:
    return problem(422, str(error))


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - the handler is installed for it
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return problem(422, f"{field}: {first['msg']}", field=field)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - the handler is installed for it
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _internal_error(request: Request, error: Exception) -> JSONResponse:
    logging.getLogger("plexus.serve").exception("%s %s", request.method, request.url.path, exc_info=error)
    return problem(500, "the server failed; its log has the reason")
