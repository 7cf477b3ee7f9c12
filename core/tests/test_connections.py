"""The number of connections that a server holds open."""

import os
import resource
import time
from pathlib import Path

import pytest

from plexus.serve.connections import MIN_CONNECTIONS, RESERVED_FILES, Connection, connection_limit, limit_connections

FILES = Path("/proc/self/fd")
pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="the open files are known on Linux alone")


class Transport:
    """A transport that is closed at once."""

    is_closed = False

    def is_closing(self):
        return self.is_closed

    def abort(self):
        self.is_closed = True


def make_connection(seconds):
    """Return a connection that waits for a request since some seconds."""
    connection = Connection.__new__(Connection)
    connection.transport, connection.cycle, connection.active_at = Transport(), None, time.monotonic() - seconds
    return connection


@pytest.fixture
def few_files(monkeypatch):
    """A function that limits the files that may be open; the limits are restored."""
    monkeypatch.setattr(Connection, "limit", Connection.limit)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield lambda files: resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def count_files():
    """Return the number of open files."""
    return len(list(FILES.iterdir())) - 1  # one is that of the list


def open_all_files(opened):
    """Open files until none is left."""
    while True:
        opened.append(os.open(os.devnull, os.O_RDONLY))


def test_the_limit_follows_the_open_files(few_files):
    few_files(count_files() + RESERVED_FILES + 51)
    assert connection_limit() == 50
    with open(os.devnull) as _:  # noqa: PTH123
        assert connection_limit() == 49
        assert connection_limit(20) == 69


def test_a_server_without_a_free_file_closes_connections(few_files):
    few_files(max(int(file.name) for file in FILES.iterdir()) + 2)
    opened = []
    try:
        with pytest.raises(OSError, match="Too many open files"):
            open_all_files(opened)
        assert connection_limit(RESERVED_FILES + 100) == 100
        assert connection_limit(3) == MIN_CONNECTIONS
    finally:
        for file in opened:
            os.close(file)


def test_only_the_excess_is_closed(few_files):
    connections = [make_connection(seconds) for seconds in range(60)]
    few_files(count_files() + 1 - len(connections) + RESERVED_FILES + 40)  # 40 fit
    for connection in connections[:10]:
        connection.transport.abort()
    limit_connections(connections)
    assert Connection.limit == 40
    assert [each.transport.is_closing() for each in connections] == [True] * 10 + [False] * 40 + [True] * 10
