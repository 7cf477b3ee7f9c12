"""Request middleware: host, API key, size, number of requests, timeout, and the log."""

import asyncio
import json
import logging
import os
import re
import time
from collections import Counter
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plexus.serve.bodies import RefusedError
from plexus.serve.exchange import Exchange
from plexus.serve.hosts import SAFE_METHODS, HostPolicy, is_same_origin
from plexus.serve.keys import Keys
from plexus.serve.limits import ServerLimits
from plexus.serve.problems import CLIENT_DISCONNECTED, internal_error, problem, problem_page

PUBLIC = re.compile(r"/v2/health/(live|ready)")
"""Paths that need no key and are always answered: supervisors request them."""
HEARTBEAT = "/heartbeat/"
"""In the path of a connection that a page keeps for as long as it is open."""
LARGE_BYTES = 1 << 20
"""Size of a body whose memory is returned to the system."""
LEAST_BYTES_PER_SECOND = 1 << 17
"""A client gets the time to read a response at this rate, in addition to the time in which it must begin."""
_ID = re.compile(r"[\w.-]{1,64}")
_ONCE = {"authorization", "host", "origin"}
"""Headers that a request has once: of two, one part of a system may check the first, and another use the last."""
log = logging.getLogger("plexus.serve")


class RequestMiddleware:
    """Refuses requests of other hosts, without a key, too large, too many or too slow, and logs each request.

    Args:
        app: The application.
        keys: Checks the keys of requests.
        hosts: Checks the hosts and origins of requests.
        limits: Limits of requests.

    Attributes:
        has_freed_memory: Whether a large request has ended; set to False once its memory is returned.

    Example:
        ```python
        app.add_middleware(RequestMiddleware, keys=Keys([]), hosts=HostPolicy("127.0.0.1", False), limits=limits)
        ```
    """

    def __init__(self, app: ASGIApp, keys: Keys, hosts: HostPolicy, limits: ServerLimits) -> None:
        self.app, self.keys, self.hosts, self.limits = app, keys, hosts, limits
        self.active_requests = self.held_bytes = 0
        self.has_freed_memory = False
        self._stopping = False
        self._open: set[Exchange] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the application, or refuse it.

        Args:
            scope: Scope of the connection.
            receive: Receives messages of the client.
            send: Sends messages to the client.
        """
        if scope["type"] == "lifespan":
            scope["app"].state.middleware = self
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing here uses WebSockets: refuse them, keys are checked for HTTP only
            await send({"type": "websocket.close", "code": 1008})
            return
        scope["headers"] = self.hosts.without_foreign_addresses(scope["headers"])
        headers = {name.decode("latin-1").lower(): value for name, value in scope["headers"]}
        requested_id = headers.get("x-request-id", b"").decode("latin-1")
        id = requested_id if _ID.fullmatch(requested_id) else os.urandom(16).hex()
        exchange = Exchange(scope, receive, send, headers, id, self._arrived, self.limits.max_bytes)
        started = time.perf_counter()
        self._open.add(exchange)
        try:
            await self._answer(exchange)
        finally:
            self._open.discard(exchange)
            self._release(exchange)
            line = {"id": id, "method": scope["method"], "path": scope["path"][:256]}
            line["status"] = exchange.status or CLIENT_DISCONNECTED
            log.info(json.dumps(line | {"ms": round(1e3 * (time.perf_counter() - started), 2)}))
            exchange.close()

    def stop(self, all_pages: bool = False) -> None:
        """Refuse what would keep the server from stopping: requests that are incomplete, and pages that are open.

        Args:
            all_pages: Whether connections of pages in which a prediction may be computed are closed too.
        """
        self._stopping = True
        for exchange in self._open:
            is_idle = not exchange.body.complete or HEARTBEAT in exchange.path or all_pages
            if exchange.task is not None and (is_idle if exchange.is_page else not exchange.body.complete):
                exchange.task.cancel()

    async def _answer(self, exchange: Exchange) -> None:
        try:
            await self._checked(exchange)
        except RefusedError as error:
            await exchange.respond(error.response)
        except ClientDisconnect:
            exchange.status = exchange.status or CLIENT_DISCONNECTED
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            await self._end(exchange)
        except Exception as error:
            if exchange.status:  # nothing else can be sent: the connection is closed
                raise
            await exchange.respond(internal_error(exchange.scope["method"], exchange.path, error))

    async def _end(self, exchange: Exchange) -> None:
        """End a response that the server does not finish because it stops."""
        if exchange.task is not None:
            exchange.task.uncancel()
        await exchange.respond(self._problem(exchange, 503, "the server stops", {"Retry-After": "5"}))
        if not exchange.complete:
            with suppress(RuntimeError):  # it has a length, and cannot end here: the connection is closed
                await exchange.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _checked(self, exchange: Exchange) -> None:
        refusal = self._refusal(exchange)
        if refusal is not None:
            await exchange.respond(refusal)
        elif exchange.is_page:
            await self.app(exchange.scope, exchange.body.receive, exchange.send)
        else:
            await self._timed(exchange)

    async def _timed(self, exchange: Exchange) -> None:
        if exchange.body.complete:
            self._count(exchange)
        try:
            async with asyncio.timeout(self.limits.max_seconds) as timeout:
                await self.app(exchange.scope, exchange.body.receive, _with_time_to_read(exchange, timeout))
        except TimeoutError:
            if not timeout.expired():
                raise
            what, status = ("answered", 504) if exchange.body.complete else ("complete", 408)
            detail = f"not {what} within {self.limits.max_seconds:g} s"
            await exchange.respond(self._problem(exchange, status, detail))

    def _arrived(self, exchange: Exchange, size: int) -> None:
        """Admit a part of a body. A request counts once it is complete: slow ones do not block others."""
        if exchange.body.size > self.limits.max_bytes:
            raise RefusedError(self._too_large(exchange))
        if exchange.is_page:
            return
        exchange.held_bytes += size
        self.held_bytes += size
        if self.held_bytes > self.limits.max_body_bytes:
            raise RefusedError(self._busy(exchange, f"{self.limits.max_body_bytes:,} bytes of requests"))
        if exchange.body.complete:
            self._count(exchange)

    def _count(self, exchange: Exchange) -> None:
        if exchange.counted or PUBLIC.fullmatch(exchange.path):
            return
        exchange.counted = True
        self.active_requests += 1
        if self.active_requests > self.limits.max_requests:
            raise RefusedError(self._busy(exchange, f"{self.limits.max_requests} requests"))

    def _release(self, exchange: Exchange) -> None:
        self.active_requests -= exchange.counted
        self.held_bytes -= exchange.held_bytes
        self.has_freed_memory |= exchange.held_bytes > LARGE_BYTES

    def _refusal(self, exchange: Exchange) -> Response | None:
        """Return the response to a request that is refused; None if it is not."""
        headers = exchange.headers
        if len(headers) < len(exchange.scope["headers"]):
            names = Counter(name.lower().decode("latin-1") for name, _ in exchange.scope["headers"])
            if twice := next((name for name in _ONCE if names[name] > 1), None):
                return self._problem(exchange, 400, f"header {twice}: expected once, got {names[twice]} times")
        if (refusal := self._foreign(exchange)) is not None:
            return refusal
        if not PUBLIC.fullmatch(exchange.path) and not self.keys.accept(headers.get("authorization", b"")):
            scheme = "Basic" if b"text/html" in headers.get("accept", b"") else "Bearer"  # a browser asks its user
            return self._problem(exchange, 401, "send a key: Authorization: Bearer KEY", {"WWW-Authenticate": scheme})
        length = headers.get("content-length", b"0")
        too_large = length.isdigit() and (len(length) > 18 or int(length) > self.limits.max_bytes)
        return self._too_large(exchange) if too_large else None

    def _foreign(self, exchange: Exchange) -> Response | None:
        """Return the response to a request for a name that is not this server's, or from a page of another site."""
        host = exchange.headers.get("host", b"").decode("latin-1")
        if host and not self.hosts.allows(host):
            detail = f"this server answers to {self.hosts.host} and to names of its machine: see --host"
            return self._problem(exchange, 421, detail)
        origin = exchange.headers.get("origin")
        changes = exchange.scope["method"] not in SAFE_METHODS or exchange.is_page
        if origin is None or not changes or is_same_origin(origin.decode("latin-1"), host):
            return None
        return self._problem(exchange, 403, "a page of another site may not use this server")

    def _too_large(self, exchange: Exchange) -> Response:
        return self._problem(exchange, 413, f"a request may have at most {self.limits.max_bytes:,} bytes")

    def _busy(self, exchange: Exchange, work: str) -> Response:
        return self._problem(exchange, 503, f"{work} are being processed: try again", {"Retry-After": "1"})

    def _problem(self, exchange: Exchange, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
        page = problem_page(exchange.scope, status, detail)
        if page is None:
            return problem(status, detail, headers, exchange.path)
        page.headers.update(headers or {})
        return page


def _with_time_to_read(exchange: Exchange, timeout: asyncio.Timeout) -> Send:
    """Return a `send` that adds the time to read a response of known size, such as a download, to a timeout."""

    async def send(message: Message) -> None:
        deadline = timeout.when()
        if message["type"] == "http.response.start" and deadline is not None and not timeout.expired():
            size = int(dict(message.get("headers", ())).get(b"content-length", b"0"))
            timeout.reschedule(deadline + size / LEAST_BYTES_PER_SECOND)
        await exchange.send(message)

    return send
