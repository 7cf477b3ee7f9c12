"""Running the server until it is stopped."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from prometheus_client import Gauge
from threadpoolctl import threadpool_limits

from plexus.errors import InputError
from plexus.runtime.memory import release_memory
from plexus.serve.app import make_app
from plexus.serve.connections import Connection, connection_limit, drop_overdue, limit_connections
from plexus.serve.exchange import PAGES
from plexus.serve.hosts import HostPolicy
from plexus.serve.limits import SHUTDOWN_SECONDS, ServerLimits
from plexus.serve.log_stream import log_without_blocking
from plexus.serve.middleware import RequestMiddleware
from plexus.serve.models import Models
from plexus.utils.messages import note

if TYPE_CHECKING:
    from fastapi import FastAPI

    from plexus.app import AnyApp
    from plexus.codec import JsonObject
    from plexus.utils.option_group import OptionGroup

KEEP_ALIVE_SECONDS = 5
"""Time for which a connection without a request stays open."""
PAGE_SECONDS = 5.0
"""Time for what pages compute when the server is stopped."""
THREAD_SECONDS, EXIT_SECONDS = 0.2, 3
"""Time for each thread to end after that, and for the process if one does not."""
log = logging.getLogger("plexus.serve")


def serve(
    folders: Callable[[], Sequence[Path]],
    host: str,
    port: int,
    keys: Sequence[str],
    limits: ServerLimits,
    pages: "Mapping[str, tuple[AnyApp, OptionGroup | None]] | None",
    browser: bool,
    open_networks: bool = True,
    build_pages: bool = False,
) -> "JsonObject":
    """Serve bundles until SIGTERM or Ctrl-C; SIGHUP reloads them.

    A bundle that cannot be served is named, and the others are served.

    Args:
        folders: Returns the folders of the bundles.
        host: Address to listen on.
        port: Port to listen on; 0: any free port.
        keys: API keys, of which a request needs one; none: requests need no key.
        limits: Limits of requests.
        pages: Apps and the options of their pages, by id, which are served with Studio; None: the HTTP interface alone.
        browser: Whether to open the pages in a browser.
        open_networks: Whether the networks of all bundles are opened now; otherwise each one when it is first used.
        build_pages: Whether to build the pages of apps now; by default each one when it is first opened.

    Returns:
        `address`, `models` (names) and `requests` (number).

    Raises:
        InputError: If no bundle can be opened, a page that is built now has an error, or the address is not available.
    """
    with log_without_blocking() as log:
        models = Models(folders, limits.max_batch_size, open_networks)
        lost = Gauge("plexus_log_lines_lost", "Lines of the log that could not be written", registry=models.metrics)
        lost.set_function(lambda: log.lost)
        Connection.limit = connection_limit()
        limits = replace(limits, max_requests=min(limits.max_requests, Connection.limit))
        app = make_app(models, keys, HostPolicy(host, bool(keys)), limits)
        if pages is not None:
            from plexus.data.images import restrict_pillow
            from plexus.serve.pages import mount_pages
            from plexus.studio.site import Site
            from plexus.studio.studio import mount_studio

            restrict_pillow()
            site = Site(models, pages)
            mount_studio(app, site)
            mount_pages(app, pages, site.model_list.bundles, site.model_list.version, build_pages)
        logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
        listener = _listen(host, port)
        address = f"http://{host}:{listener.getsockname()[1]}"
        for error in models.refused.values():
            note(f"plexus: not served: {error}")
        note(f"serving {', '.join(models.bundles) or 'no models'} on {address} (Ctrl-C stops)")
        if browser:  # its request waits until the server runs: the socket is open
            webbrowser.open(address + (f"{PAGES}{next(iter(pages))}/" if pages and len(pages) == 1 else "/"))
        config = uvicorn.Config(
            app,
            http=Connection,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        server = _Server(config, app)
        # Several threads for one small product wait for each other while other requests use the cores: a prediction
        # for a photo takes 18 ms with one thread, and ten times as long with two on two cores.
        threads = set(threading.enumerate())
        with threadpool_limits(1, "blas"):
            server.run(sockets=[listener])
        _exit_soon(threads)
        return {"address": address, "models": list(models.bundles), "requests": server.server_state.total_requests}


class _Server(uvicorn.Server):
    """A server that returns when it is stopped; uvicorn's own raises the signal again.

    Args:
        config: The configuration of uvicorn.
        app: The application.
    """

    def __init__(self, config: uvicorn.Config, app: "FastAPI") -> None:
        super().__init__(config)
        self.app = app

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and Ctrl-C."""
        handlers = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    async def on_tick(self, counter: int) -> bool:
        """Drop connections that exceed their time or number, and return memory to the system, once a second.

        Args:
            counter: Tenths of a second.

        Returns:
            Whether to stop.
        """
        if counter % 10 == 0:
            drop_overdue(self.server_state.connections)
            limit_connections(self.server_state.connections)
            middleware: RequestMiddleware = self.app.state.middleware
            if middleware.has_freed_memory:
                middleware.has_freed_memory = False
                threading.Thread(target=release_memory, daemon=True).start()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer the requests that are being processed, and end all others.

        Args:
            sockets: The sockets that the server listens on.
        """
        middleware: RequestMiddleware = self.app.state.middleware
        middleware.stop()
        loop = asyncio.get_running_loop()
        later = loop.call_later(PAGE_SECONDS, middleware.stop, True)
        closing = asyncio.create_task(self._drop_until_closed())
        await super().shutdown(sockets)
        later.cancel()
        closing.cancel()

    async def _drop_until_closed(self) -> None:
        while True:
            await asyncio.sleep(1)
            drop_overdue(self.server_state.connections)


def _exit_soon(threads: set[threading.Thread]) -> None:
    """End the process although threads of a plugin or a page do not end: Python would wait for them.

    Args:
        threads: Those that there were before the server started.
    """

    def end() -> None:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        os._exit(0)

    working = [thread for thread in threading.enumerate() if thread not in threads and not thread.daemon]
    for thread in working:
        thread.join(THREAD_SECONDS)  # those that wait for work end now
    if any(thread.is_alive() for thread in working):
        log.warning("threads of a page or plugin still work: they are ended in %d s", EXIT_SECONDS)
        timer = threading.Timer(EXIT_SECONDS, end)
        timer.daemon = True
        timer.start()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # clients that connect before the server runs wait
        return listener
    except (OSError, OverflowError) as error:
        raise InputError(f"cannot listen on {host} port {port}: {error}; choose another --port") from error
