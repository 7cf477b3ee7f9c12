"""Request middleware: request id, API key, size, timeout, number of requests."""

import asyncio
import base64
import binascii
import hmac
import json
import logging
import os
import re
import time
from collections.abc import Sequence

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plexus.serve.limits import ServerLimits
from plexus.serve.problems import problem

PUBLIC = re.compile(r"/v2/health/(live|ready)")
"""Paths that need no key: supervisors request them."""
PAGES = "/apps/"
"""Path of the pages. They keep connections open while they are looked at, so that these are not counted or timed."""
_ID = re.compile(r"[\w.-]{1,64}")
log = logging.getLogger("plexus.serve")


class TooLargeError(Exception):
    """The body of a request is larger than allowed.

    Example:
        ```python
        raise TooLargeError
        ```
    """


class RequestMiddleware:
    """Refuses requests without a key (401), too large (413), too many (503) or too slow (504), and logs each request.

    Args:
        app: The application.
        keys: API keys, of which a request needs one, as `Authorization: Bearer KEY`, or as the password of a browser;
            none: requests need no key.
        limits: Limits of requests.

    Example:
        ```python
        app.add_middleware(RequestMiddleware, keys=["a-key-of-sixteen-letters"], limits=limits)
        ```
    """

    def __init__(self, app: ASGIApp, keys: Sequence[str], limits: ServerLimits) -> None:
        self.app, self.keys, self.limits = app, [key.encode() for key in keys], limits
        self.active_requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the application, or refuse it.

        Args:
            scope: Scope of the connection.
            receive: Receives messages of the client.
            send: Sends messages to the client.
        """
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here uses WebSockets: refuse them, keys are checked for HTTP only
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.decode("latin-1").lower(): value for name, value in scope["headers"]}
        requested_id = headers.get("x-request-id", b"").decode("latin-1")
        id = requested_id if _ID.fullmatch(requested_id) else os.urandom(16).hex()
        started, status, limited = time.perf_counter(), 0, not scope["path"].startswith(PAGES)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", id.encode())]
            await send(message)

        self.active_requests += limited
        try:
            await (self._with_timeout if limited else self._checked)(scope, receive, send_with_id, headers)
        finally:
            self.active_requests -= limited
            line = {"id": id, "method": scope["method"], "path": scope["path"], "status": status}
            log.info(json.dumps(line | {"ms": round(1e3 * (time.perf_counter() - started), 2)}))

    async def _with_timeout(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, bytes]) -> None:
        responding = False

        async def send_and_note(message: Message) -> None:
            nonlocal responding
            responding = True
            await send(message)

        try:
            async with asyncio.timeout(self.limits.max_seconds):
                await self._checked(scope, receive, send_and_note, headers)
        except TimeoutError:
            if not responding:
                await problem(504, f"not answered within {self.limits.max_seconds:g} s")(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, bytes]) -> None:
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        try:
            await self.app(scope, self._limit_body(receive), send)
        except TooLargeError:
            await self._too_large()(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[str, bytes]) -> Response | None:
        """Return the response to a request that is refused; None if it is not."""
        if not PUBLIC.fullmatch(scope["path"]) and not self._is_valid(_read_key(headers.get("authorization", b""))):
            scheme = "Basic" if b"text/html" in headers.get("accept", b"") else "Bearer"  # a browser asks its user
            return problem(401, "send a key: Authorization: Bearer KEY", {"WWW-Authenticate": scheme})
        if self.active_requests > self.limits.max_requests:
            detail = f"{self.limits.max_requests} requests are being processed: try again"
            return problem(503, detail, {"Retry-After": "1"})
        length = headers.get("content-length", b"0")
        return self._too_large() if length.isdigit() and int(length) > self.limits.max_bytes else None

    def _is_valid(self, key: bytes) -> bool:
        """Compare with every key, in constant time."""
        equal = [hmac.compare_digest(key, valid) for valid in self.keys]
        return not self.keys or any(equal)

    def _too_large(self) -> Response:
        return problem(413, f"a request may have at most {self.limits.max_bytes:,} bytes")

    def _limit_body(self, receive: Receive) -> Receive:
        """Raise TooLargeError for a larger body, also if its length is not declared."""
        size = 0

        async def receive_limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.limits.max_bytes:
                raise TooLargeError
            return message

        return receive_limited


def _read_key(authorization: bytes) -> bytes:
    """Return the key of an Authorization header; of a browser's user and password, the password."""
    scheme, _, value = authorization.partition(b" ")
    if scheme.lower() == b"bearer":
        return value
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""
