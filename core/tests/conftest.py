"""Fixtures of the core's tests: `plexus serve` in another process, and a file server."""

import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

MODELS = Path(__file__).parents[2] / "models"
MODULE = "import runpy, sys; _, module, *sys.argv[1:] = sys.argv[1:]; runpy.run_module(module, run_name='__main__')"
"""A program that runs the module of the arguments `-m MODULE ARGUMENT…`."""


class Server:
    """A `plexus serve` in another process.

    Args:
        arguments: Arguments of the command.
        program: Arguments of Python that run the command line.
        options: Options of `subprocess.Popen`.
    """

    def __init__(self, *arguments, program=("-m", "plexus"), **options):
        command = [sys.executable, *program, "serve", *map(str, arguments), "--port", "0"]
        # Not a pipe: nobody reads it during a test, and the server would block once it is full.
        self.log = tempfile.NamedTemporaryFile("w+")  # noqa: SIM115 - as long as the server
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, **options)
        while "http" not in self.read_log():
            assert self.process.poll() is None, self.read_log()
            time.sleep(0.05)
        self.address = re.search(r"http://\S+", self.read_log())[0]

    def read_log(self):
        """Return the log so far."""
        return Path(self.log.name).read_text()

    def get(self, path, **options):
        return requests.get(self.address + path, timeout=20, **options)

    def predict(self, model, *inputs, **options):
        return requests.post(
            f"{self.address}/v1/models/{model}/predict", json={"inputs": inputs}, timeout=240, **options
        )

    def stop(self):
        """Stop the server with SIGTERM, and return what it printed."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=60)[0]


@pytest.fixture(scope="module")
def server():
    """A server of all shipped models."""
    running = Server("--max-megabytes", 2)
    yield running
    running.stop()


@pytest.fixture
def started():
    """A function that starts a server, which is stopped after the test."""
    running = []

    def start(*arguments, **options):
        running.append(Server(*arguments, **options))
        return running[-1]

    yield start
    for server in running:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def forked_python(fork, tmp_path_factory):
    """A program like `python`, for `-m MODULE ARGUMENT…`, in a copy of a process that has imported TensorFlow.

    As `sys.executable` of a training on another backend, it exports the network without another import of TensorFlow.
    """
    python = tmp_path_factory.mktemp("forked") / "python"
    python.write_text(f"""#!/bin/sh\nexec {shlex.join(fork)} '' {shlex.quote(MODULE)} "$@"\n""")
    python.chmod(0o755)
    return python


@pytest.fixture
def is_problem():
    """A function that asserts that a response is a problem document, and returns its line."""
    return _is_problem


def _is_problem(response, status):
    """Assert that a response is an error of its protocol without a path or a traceback; return its line."""
    assert response.status_code == status, response.text
    content = response.json()
    if "/v2" in response.url:
        assert response.headers["content-type"] == "application/json"
        assert list(content) == ["error"]
        line = content["error"]
    else:
        assert response.headers["content-type"] == "application/problem+json"
        assert content["status"] == status
        line = content["detail"]
    assert "Traceback" not in response.text
    assert str(MODELS) not in response.text
    assert "\n" not in line
    assert len(line) <= 400
    return line


class Web:
    """A file server on this machine, and an empty data folder.

    Args:
        root: A folder; its subfolder `served` is served, `data` is the data folder.
    """

    def __init__(self, root):
        self.folder, self.data = root / "served", root / "data"
        self.folder.mkdir()
        self.requests = requests = []

        class Handler(SimpleHTTPRequestHandler):
            def log_request(self, code="-", size="-"):
                requests.append((self.path, int(code)))

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=self.folder))
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def url(self, path, user=""):
        return f"http://{user}127.0.0.1:{self.server.server_port}/{path}"

    def stop(self):
        if self.thread.is_alive():
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()


@pytest.fixture
def web(tmp_path, monkeypatch):
    serving = Web(tmp_path)
    monkeypatch.setenv("PLEXUS_DATA", str(serving.data))
    yield serving
    serving.stop()
