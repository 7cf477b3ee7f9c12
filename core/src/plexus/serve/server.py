"""Running the server until it is stopped."""

import logging
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from threadpoolctl import threadpool_limits

from plexus.errors import InputError
from plexus.serve.app import make_app
from plexus.serve.limits import ServerLimits
from plexus.serve.middleware import PAGES
from plexus.serve.models import Models
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.app import AnyApp
    from plexus.codec import JsonObject
    from plexus.utils.option_group import OptionGroup

SHUTDOWN_SECONDS = 30
"""Time for requests that are being processed when the server is stopped."""


def serve(
    folders: Callable[[], Sequence[Path]],
    host: str,
    port: int,
    keys: Sequence[str],
    limits: ServerLimits,
    pages: "Mapping[str, tuple[AnyApp, OptionGroup | None]]",
    browser: bool,
) -> "JsonObject":
    """Serve bundles until SIGTERM or Ctrl-C; SIGHUP reloads them.

    Args:
        folders: Returns the folders of the bundles.
        host: Address to listen on.
        port: Port to listen on; 0: any free port.
        keys: API keys, of which a request needs one; none: requests need no key.
        limits: Limits of requests.
        pages: Apps and the options of their pages, by id.
        browser: Whether to open the pages in a browser.

    Returns:
        `address`, `models` (names) and `requests` (number).

    Raises:
        InputError: If a bundle cannot be opened, or the address is not available.
    """
    models = Models(folders, limits.max_batch_size)
    app = make_app(models, keys, limits)
    if pages:
        from plexus.data.images import restrict_pillow
        from plexus.serve.pages import mount_pages

        restrict_pillow()
        mount_pages(app, pages, models.bundles)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    listener = _listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    note(f"serving {', '.join(models.bundles)} on {address} (Ctrl-C stops)")
    if browser:  # its request waits until the server runs: the socket is open
        webbrowser.open(address + (f"{PAGES}{next(iter(pages))}/" if len(pages) == 1 else "/"))
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS)
    server = _Server(config)
    # Several threads for one small product wait for each other while other requests use the cores: a prediction for a
    # photo takes 18 ms with one thread, and ten times as long with two on two cores.
    with threadpool_limits(1, "blas"):
        server.run(sockets=[listener])
    return {"address": address, "models": list(models.bundles), "requests": server.server_state.total_requests}


class _Server(uvicorn.Server):
    """A server that returns when it is stopped; uvicorn's own raises the signal again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and Ctrl-C."""
        handlers = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()  # clients that connect before the server runs wait
        return listener
    except (OSError, OverflowError) as error:
        raise InputError(f"cannot listen on {host} port {port}: {error}; choose another --port") from error
