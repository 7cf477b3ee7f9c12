"""The frame of Studio's pages: navigation, errors and headers."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from plexus.errors import BundleError, InputError
from plexus.serve.bodies import RefusedError
from plexus.serve.hosts import HostPolicy
from plexus.serve.problems import TITLES, internal_error, public_text
from plexus.utils.html import render

SECTIONS = {
    "home": ("Home", "/"),
    "data": ("Data", "/data"),
    "train": ("Train", "/train"),
    "runs": ("Runs", "/runs"),
    "models": ("Models", "/models"),
    "apps": ("Apps", "/apps"),
}
"""Label and address of each entry of the navigation, by section."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; frame-ancestors 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Headers of each page: it loads nothing from other hosts, runs scripts from files of the server only, and is shown
after a change as it is then."""
THIS_MACHINE = HostPolicy("127.0.0.1", with_keys=False)
"""The names and addresses of this machine."""
PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers that a proxy adds to the requests of others."""


def is_local(request: Request) -> bool:
    """Return whether a request comes from a browser on the machine of the server, which alone may name its files.

    The address of the client is not enough: all requests that a proxy on this machine passes on come from it. Such a
    proxy must add one of `PROXY_HEADERS`, or pass on the `Host` header of the browser, as all common ones can.

    Args:
        request: The request.

    Returns:
        Whether it does.
    """
    if request.client is None or any(name in request.headers for name in PROXY_HEADERS):
        return False
    host, client = request.headers.get("host", ""), request.client.host
    return THIS_MACHINE.allows(host) and THIS_MACHINE.allows(f"[{client}]" if ":" in client else client)


def render_page(
    template: str,
    *,
    section: str,
    title: str,
    trail: Sequence[tuple[str, str]] = (),
    error: str = "",
    notice: str = "",
    status: int = 200,
    **values: object,
) -> HTMLResponse:
    """Render a page of Studio.

    Args:
        template: File name of the template, which extends `studio.html`: `studio/home.html`.
        section: The section of the navigation that the page belongs to; empty for none.
        title: Title of the page.
        trail: Label and address of the pages above this one, for the breadcrumbs; the section's own page is added.
        error: Error that is shown above the content; folders of the server are removed from it.
        notice: Message that is shown above the content.
        status: HTTP status.
        **values: Values of the template's variables.

    Returns:
        The page.
    """
    above = [SECTIONS[section], *trail] if section not in ("", "home") else list(trail)
    if above and above[-1][0] == title:  # the page of the section itself
        above = above[:-1]
    page = render(
        template,
        sections=SECTIONS,
        section=section,
        title=title,
        trail=above,
        error=public_text(error) if error else "",
        notice=notice,
        **values,
    )
    return HTMLResponse(page, status, HEADERS)


class StudioRoute(APIRoute):
    """A route whose errors are pages: an `InputError` has status 400, and an `HTTPException` its own.

    Example:
        ```python
        router = APIRouter(route_class=StudioRoute, include_in_schema=False)
        ```
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of requests.

        Returns:
            The handler.
        """
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except InputError as error:
                return error_page(400, str(error))
            except BundleError as error:
                logging.getLogger("plexus.serve").error("%s", public_text(error))
                return error_page(500, str(error))
            except RequestValidationError as error:
                first = error.errors()[0]
                field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
                return error_page(400, f"{field}: {first['msg']}")
            except HTTPException as error:
                return error_page(error.status_code, str(error.detail))
            except (RefusedError, ClientDisconnect):  # the middleware responds to them
                raise
            except Exception as error:  # noqa: BLE001 - also of a plugin: it is logged, and the page says so
                internal_error(request.method, request.url.path, error)
                return error_page(500, "the server failed; its log has the reason")

        return handle_errors


def error_page(status: int, line: str) -> HTMLResponse:
    """Return the page of an error.

    Args:
        status: HTTP status.
        line: The error, in one line.

    Returns:
        The page.
    """
    title = TITLES.get(status, "Invalid request")
    return render_page("studio/error.html", section="", title=title, error=line, status=status)
