"""Listening, until asked to stop."""

import logging
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from threadpoolctl import threadpool_limits

from plexus.app import AnyApp
from plexus.errors import InputError
from plexus.serve.app import make_app
from plexus.serve.limits import Bounds
from plexus.serve.middleware import PAGES
from plexus.serve.models import Models
from plexus.utils.messages import note

PATIENCE = 30
"""Seconds that requests being answered have, once the server was asked to stop."""


def serve(
    folders: Callable[[], Sequence[Path]],
    host: str,
    port: int,
    keys: Sequence[str],
    bounds: Bounds,
    pages: Mapping[str, tuple[AnyApp, Any]],
    browser: bool,
) -> dict[str, Any]:
    """Serve bundles until SIGTERM or Ctrl-C; SIGHUP has them read again.

    Args:
        folders: gives those of the bundles.
        host, port: to listen on; port 0 is one that is free.
        keys, bounds: as for `Gate`.
        pages: apps with their flags, by id.
        browser: whether to open them in one.

    Raises:
        InputError: a bundle cannot be opened, or the address cannot be listened on.
    """
    models = Models(folders, bounds.batch)
    app = make_app(models, keys, bounds)
    if pages:
        from plexus.data.images import restrict_pillow
        from plexus.serve.pages import mount_pages

        restrict_pillow()
        mount_pages(app, pages, models.bundles)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    listening = _listen(host, port)
    address = f"http://{host}:{listening.getsockname()[1]}"
    note(f"serving {', '.join(models.bundles)} on {address} (Ctrl-C stops)")
    if browser:
        webbrowser.open(
            address + (f"{PAGES}{next(iter(pages))}/" if len(pages) == 1 else "/")
        )  # it waits: the address is listened on already
    server = _Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=PATIENCE))
    # A server has other work for its cores than threads of one small product that wait for each other: an answer
    # to a photo takes 18 ms with one, and ten times as long with two on two cores.
    with threadpool_limits(1, "blas"):
        server.run(sockets=[listening])
    return {"address": address, "models": list(models.bundles), "requests": server.server_state.total_requests}


class _Server(uvicorn.Server):
    """One that ends well when it is asked to stop: uvicorn's own raises the signal again once it has stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and Ctrl-C."""
        before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        kind = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(kind)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # who asks before all is ready waits
        return listening
    except (OSError, OverflowError) as error:
        raise InputError(f"cannot listen on {host} port {port}: {error}; choose another --port") from error
