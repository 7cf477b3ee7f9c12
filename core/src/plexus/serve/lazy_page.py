"""Pages of apps that are built when they are first opened."""

import asyncio
import logging
import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from plexus.errors import InputError
from plexus.serve.build_lock import BuildLock

if TYPE_CHECKING:
    from fastapi import FastAPI

build_lock = BuildLock()
"""The lock of all pages of this process."""
log = logging.getLogger("plexus.serve")


class LazyPage:
    """An ASGI application that is built at its first request, and again when it is opened after its inputs changed.

    Pages take memory, 13 MB each on average, and time to build; most of them are never opened.

    Args:
        build: Builds a server with the page as its only mount. It is called in a thread.
        version: Identifies what the page is built from. It is called in a thread.
        refuse: Returns the response if the page cannot be built.

    Example:
        ```python
        server.mount("/apps/rain", LazyPage(build, version=lambda: None, refuse=error_response))
        ```
    """

    def __init__(
        self,
        build: "Callable[[], FastAPI]",
        version: Callable[[], Hashable],
        refuse: Callable[[InputError], ASGIApp],
    ) -> None:
        self._build, self._read_version, self._refuse = build, version, refuse
        self._page: ASGIApp | None = None
        self._version: Hashable = None
        self._lock = threading.Lock()
        self._server: FastAPI | None = None
        self._started: asyncio.Future[None] | None = None
        self._running: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the page.

        Args:
            scope: Scope of the connection.
            receive: Receives messages of the client.
            send: Sends messages to the client.
        """
        is_opened = scope["path"].rstrip("/") == scope["root_path"].rstrip("/")
        if self._page is None or is_opened:
            try:
                await asyncio.to_thread(self.build)
            except InputError as error:
                await self._refuse(error)(scope, receive, send)
                return
        page = self._page
        assert page is not None  # noqa: S101 - it is built
        await self._start()
        await page(scope, receive, send)

    def build(self) -> None:
        """Build the page unless it is built and up to date; if that fails, the page of before remains.

        Raises:
            InputError: If the page cannot be built, and there is none of before.
        """
        with self._lock:
            version = self._read_version()
            if self._page is not None and version == self._version:
                return
            try:
                with build_lock.building():
                    server = self._build()
            except InputError as error:
                if self._page is None:
                    raise
                log.error("a page stays as it is: %s", error)
                return
            self._server, self._page, self._version = server, server.routes[-1].app, version  # type: ignore[attr-defined]

    async def _start(self) -> None:
        """Run the startup of a page that was built, in a task that lives as long as the server; each request waits."""
        server, self._server = self._server, None
        if server is not None:
            self._started = asyncio.get_running_loop().create_future()
            self._running.append(asyncio.create_task(_run(server, self._started)))
        if self._started is None:
            return
        try:
            await asyncio.shield(self._started)
        except Exception:  # of any class: it is raised again
            self._page = self._version = self._started = None  # the next request builds it again
            raise


async def _run(server: "FastAPI", started: "asyncio.Future[None]") -> None:
    try:
        async with server.router.lifespan_context(server):
            started.set_result(None)
            await asyncio.Event().wait()
    except Exception as error:  # of any class, by the page: raised where it is awaited, or logged
        if started.done():
            log.exception("a page ended with an error")
        else:
            started.set_exception(error)
