"""What stands before every request: its number, its key, its size, and how many there are."""

import hmac
import json
import logging
import re
import time
import uuid
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plexus.serve.problems import problem

OPEN = re.compile(r"/v2/health/(live|ready)")
"""What is answered without a key: whoever starts the server asks it."""
_ID = re.compile(r"[\w.-]{1,64}")
log = logging.getLogger("plexus.serve")


class TooLargeError(Exception):
    """More came than is taken."""


class Gate:
    """Refuses requests without a key (401), too large (413), or too many at once (503), and logs a line for each.

    Args:
        app: what is behind it.
        keys: of which a request has to bring one, as `Authorization: Bearer KEY`; none: anyone may ask.
        most_bytes: of a body.
        most_at_once: requests that are worked on or wait.
    """

    def __init__(self, app: ASGIApp, keys: Sequence[str], most_bytes: int, most_at_once: int) -> None:
        self.app, self.keys = app, [key.encode() for key in keys]
        self.most_bytes, self.most_at_once = most_bytes, most_at_once
        self.now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value for name, value in scope["headers"]}
        given = headers.get("x-request-id", b"").decode("latin-1")
        id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        started, status = time.perf_counter(), 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", id.encode())]
            await send(message)

        self.now += 1
        try:
            await self._pass(scope, receive, numbered, headers)
        finally:
            self.now -= 1
            line = {"id": id, "method": scope["method"], "path": scope["path"], "status": status}
            log.info(json.dumps(line | {"ms": round(1e3 * (time.perf_counter() - started), 2)}))

    async def _pass(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, bytes]) -> None:
        refused = self._refusal(scope, headers)
        if refused is not None:
            await refused(scope, receive, send)
            return
        try:
            await self.app(scope, self._counted(receive), send)
        except TooLargeError:
            await self._too_large()(scope, receive, send)

    def _refusal(self, scope: Scope, headers: dict[str, bytes]) -> Any:
        if not OPEN.fullmatch(scope["path"]) and not self._known(headers.get("authorization", b"")):
            return problem(401, "send a key: Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"})
        if self.now > self.most_at_once:
            return problem(503, f"{self.most_at_once} requests are being worked on: try again", {"Retry-After": "1"})
        length = headers.get("content-length", b"0")
        return self._too_large() if length.isdigit() and int(length) > self.most_bytes else None

    def _known(self, given: bytes) -> bool:
        """Compared in constant time, with every key."""
        same = [hmac.compare_digest(given, b"Bearer " + key) for key in self.keys]
        return not self.keys or any(same)

    def _too_large(self) -> Any:
        return problem(413, f"a request may have {self.most_bytes:,} bytes")

    def _counted(self, receive: Receive) -> Receive:
        """A body that does not say how long it is may not be longer either."""
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.most_bytes:
                raise TooLargeError
            return message

        return counted
