"""What stands before every request: its number, its key, its size, its time, and how many there are."""

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
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plexus.serve.limits import Bounds
from plexus.serve.problems import problem

OPEN = re.compile(r"/v2/health/(live|ready)")
"""What is answered without a key: whoever starts the server asks it."""
PAGES = "/apps/"
"""Pages hold connections open for as long as they are looked at: they are neither counted nor timed."""
_ID = re.compile(r"[\w.-]{1,64}")
log = logging.getLogger("plexus.serve")


class TooLargeError(Exception):
    """More came than is taken."""


class Gate:
    """Refuses requests without a key (401), too large (413), too many at once (503), or too slow (504), and logs each.

    Args:
        app: what is behind it.
        keys: of which a request has to bring one, as `Authorization: Bearer KEY`, or, from a browser, as the password;
            none: anyone may ask.
        bounds: of a request.
    """

    def __init__(self, app: ASGIApp, keys: Sequence[str], bounds: Bounds) -> None:
        self.app, self.keys, self.bounds = app, [key.encode() for key in keys], bounds
        self.now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here is asked by a WebSocket: none gets past the keys
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.decode("latin-1").lower(): value for name, value in scope["headers"]}
        given = headers.get("x-request-id", b"").decode("latin-1")
        id = given if _ID.fullmatch(given) else os.urandom(16).hex()
        started, status, counted = time.perf_counter(), 0, not scope["path"].startswith(PAGES)

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", id.encode())]
            await send(message)

        self.now += counted
        try:
            await (self._in_time if counted else self._in_size)(scope, receive, numbered, headers)
        finally:
            self.now -= counted
            line = {"id": id, "method": scope["method"], "path": scope["path"], "status": status}
            log.info(json.dumps(line | {"ms": round(1e3 * (time.perf_counter() - started), 2)}))

    async def _in_time(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, bytes]) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self.bounds.seconds):
                await self._in_size(scope, receive, noting, headers)
        except TimeoutError:
            if not begun:
                await problem(504, f"not answered within {self.bounds.seconds:g} s")(scope, receive, send)

    async def _in_size(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, bytes]) -> None:
        refused = self._refusal(scope, headers)
        if refused is not None:
            await refused(scope, receive, send)
            return
        try:
            await self.app(scope, self._counted(receive), send)
        except TooLargeError:
            await self._too_large()(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[str, bytes]) -> Any:
        if not OPEN.fullmatch(scope["path"]) and not self._known(_key(headers.get("authorization", b""))):
            scheme = "Basic" if b"text/html" in headers.get("accept", b"") else "Bearer"  # a browser asks its user
            return problem(401, "send a key: Authorization: Bearer KEY", {"WWW-Authenticate": scheme})
        if self.now > self.bounds.requests:
            return problem(503, f"{self.bounds.requests} requests are being worked on: try again", {"Retry-After": "1"})
        length = headers.get("content-length", b"0")
        return self._too_large() if length.isdigit() and int(length) > self.bounds.bytes else None

    def _known(self, given: bytes) -> bool:
        """Compared in constant time, with every key."""
        same = [hmac.compare_digest(given, key) for key in self.keys]
        return not self.keys or any(same)

    def _too_large(self) -> Any:
        return problem(413, f"a request may have {self.bounds.bytes:,} bytes")

    def _counted(self, receive: Receive) -> Receive:
        """A body that does not say how long it is may not be longer either."""
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.bounds.bytes:
                raise TooLargeError
            return message

        return counted


def _key(authorization: bytes) -> bytes:
    """The key that a request brings; of a browser's name and password, the password."""
    scheme, _, given = authorization.partition(b" ")
    if scheme.lower() == b"bearer":
        return given
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(given, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""
