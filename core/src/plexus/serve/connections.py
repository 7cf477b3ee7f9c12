"""Connections: limits on their number, on the size and time of a request's head, and on clients that do not read."""

import asyncio
import errno
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from plexus.serve.exchange import PAGES
from plexus.serve.limits import HEAD_BYTES, HEAD_SECONDS

STALL_SECONDS = 10.0
"""Time after which a closed connection is dropped whose client does not read the rest of the response."""
MAX_CONNECTIONS = 2000
RESERVED_FILES = 24
"""Files that are not open yet, and that the process may open besides connections: bundles, temporary files."""
MIN_CONNECTIONS = 8


class Connection(HttpToolsProtocol):
    """A connection whose request line and headers are limited; uvicorn limits neither their size nor their time.

    Of more connections than `limit`, the one is closed that has waited longest for a request or for the rest of one.

    Attributes:
        limit: Connections that are open at once.

    Example:
        ```python
        uvicorn.Config(app, http=Connection)
        ```
    """

    limit = MAX_CONNECTIONS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request.

        Args:
            transport: The transport.
        """
        self.active_at = time.monotonic()
        self.head_bytes = self.unread_bytes = 0
        super().connection_made(transport)
        if len(self.connections) > self.limit:
            _close_longest_waiting(_open(self.connections - {self}), 1)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a head that is not complete.

        Args:
            data: What has arrived.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            self.active_at = time.monotonic()
            super().data_received(data)
            return
        if self.head_bytes == 0:
            self.active_at = time.monotonic()  # the time limit is that of the whole head
        self.head_bytes += len(data)
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self.head_bytes = 0
        elif self.head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(f"The request line and headers may have at most {HEAD_BYTES} bytes.")

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self.active_at = time.monotonic()
        super().on_response_complete()

    def waiting_since(self) -> float | None:
        """Return since when the connection waits for its client.

        Returns:
            The time on the monotonic clock; None while a request is being processed.
        """
        is_processed = self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body
        return None if is_processed else self.active_at

    def is_overdue(self, now: float) -> bool:
        """Return whether the client had enough time, for its request or to read the response.

        Args:
            now: The time on the monotonic clock.

        Returns:
            Whether the connection should be dropped.
        """
        if self.transport.is_closing():
            unread = self.transport.get_write_buffer_size()
            if unread != self.unread_bytes:
                self.unread_bytes, self.active_at = unread, now
            return now - self.active_at > STALL_SECONDS
        in_request = self.cycle is not None and not self.cycle.response_complete
        return not in_request and now - self.active_at > HEAD_SECONDS


def drop_overdue(connections: Iterable[object]) -> None:
    """Drop connections without a request, and those whose clients do not read.

    Args:
        connections: The open connections.
    """
    now = time.monotonic()
    for connection in list(connections):
        if isinstance(connection, Connection) and connection.is_overdue(now):
            connection.transport.abort()


def limit_connections(connections: Iterable[object]) -> None:
    """Adapt the limit to the files that are open now, and close the connections that exceed it.

    Bundles, the event loop and ONNX Runtime open files after the server starts, and clients that connect in one burst
    are accepted before any is closed. When no file is left, libuv drops each new client.

    Args:
        connections: The open connections.
    """
    own = [each for each in connections if isinstance(each, Connection)]
    Connection.limit = connection_limit(len(own))
    still_open = _open(own)
    _close_longest_waiting(still_open, max(len(still_open) - Connection.limit, 0))


def connection_limit(connections: int = 0) -> int:
    """Return how many connections can be open at once with the files that this process may open.

    Args:
        connections: Number of connections that are open.

    Returns:
        The number.
    """
    if sys.platform == "win32":
        return MAX_CONNECTIONS
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    try:
        others = _other_files(connections)
    except OSError as error:
        if error.errno not in (errno.EMFILE, errno.ENFILE):  # no file is left to read the list of open files with
            raise
        others = soft - connections
    return min(max(soft - others - RESERVED_FILES, MIN_CONNECTIONS), MAX_CONNECTIONS)


def _other_files(connections: int) -> int:
    """Return the number of open files that are no connections; where it is not known, an estimate."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) - connections if folder.is_dir() else RESERVED_FILES


def _open(connections: Iterable[object]) -> "list[Connection]":
    return [each for each in connections if isinstance(each, Connection) and not each.transport.is_closing()]


def _close_longest_waiting(connections: "list[Connection]", count: int) -> None:
    """Close the connections that wait longest for their clients; if too few do, the oldest streams of pages."""
    waiting = [(since, each) for each in connections if (since := each.waiting_since()) is not None]
    streams = [
        (each.active_at, each)
        for each in connections
        if each.waiting_since() is None and each.scope.get("path", "").startswith(PAGES)
    ]
    order = [each for group in (waiting, streams) for _, each in sorted(group, key=lambda pair: pair[0])]
    for connection in order[:count]:
        connection.transport.abort()
