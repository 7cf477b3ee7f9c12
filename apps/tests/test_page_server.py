"""Pages of a real server: other sites, open tabs, and errors."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[2] / "models"
REVIEWS = MODELS / "sentiment.classify/reviews"


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (110, 110))


@contextmanager
def run_page(preexec_fn=None):
    """Run a `plexus open` of one page; yield its process, a client of it, and its log."""
    with tempfile.NamedTemporaryFile("w+") as log:
        command = [
            sys.executable,
            "-m",
            "plexus",
            "open",
            "sentiment-desk",
            str(REVIEWS),
            "--no-browser",
            "--port",
            "0",
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=preexec_fn)
        for _ in range(1200):
            if address := re.search(r"http://\S+", Path(log.name).read_text()):
                break
            assert process.poll() is None, Path(log.name).read_text()
            time.sleep(0.1)
        with httpx.Client(base_url=address[0], timeout=60) as client:
            yield process, client, log
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def client():
    """A client of a `plexus open` of one page."""
    with run_page() as (_, client, _):
        yield client


@pytest.fixture
def page(request):
    """A `plexus open` of one page for one test: its process, a client of it, and its log."""
    with run_page(getattr(request, "param", None)) as server:
        yield server


def test_an_open_tab_does_not_keep_the_server_from_stopping(page):
    process, client, log = page
    path = "/apps/sentiment-desk/gradio_api"
    assert client.get("/apps/sentiment-desk/").status_code == 200
    with (
        client.stream("GET", f"{path}/heartbeat/abc") as heartbeat,
        socket.create_connection((client.base_url.host, client.base_url.port)) as idle,
    ):
        assert heartbeat.status_code == 200
        next(heartbeat.iter_lines())
        idle.sendall(b"GET / HTTP/1.1\r\nhost: ")
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert time.monotonic() - started < 8
    assert process.returncode == 0
    assert "Traceback" not in Path(log.name).read_text()


def test_another_site_cannot_use_a_page(client):
    path = "/apps/sentiment-desk/gradio_api"
    body = {"data": ["a good film"], "fn_index": 0, "session_hash": "abc"}
    for origin in ("http://evil.example", "null"):
        for host in (client.base_url.netloc.decode(), "evil.example"):
            headers = {"origin": origin, "host": host}
            for method, address in (("POST", f"{path}/run/predict"), ("POST", f"{path}/upload"), ("OPTIONS", path)):
                response = client.request(method, address, json=body, headers=headers)
                assert response.status_code in {403, 421}, (method, address, host)
                assert not [name for name in response.headers if name.startswith("access-control")]
    same_origin = {"origin": str(client.base_url).rstrip("/")}
    response = client.post(f"{path}/upload", files={"files": ("a.csv", b"text\ngood\n")}, headers=same_origin)
    assert response.status_code == 200
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_an_error_of_a_page_has_no_folders(client):
    path = "/apps/sentiment-desk/gradio_api"
    upload = client.post(f"{path}/upload", files={"files": ("a b.csv", b"no column\n")}).json()[0]
    config = client.get("/apps/sentiment-desk/config").json()
    components = {component["id"]: component for component in config["components"]}
    for event in config["dependencies"]:
        for place, id in enumerate(event["inputs"]):
            if components[id]["type"] == "file":
                data = [components[id]["props"].get("value") for id in event["inputs"]]
                data[place] = {"path": upload, "meta": {"_type": "gradio.FileData"}}
                text = client.post(f"{path}/run/predict", json={"data": data, "fn_index": event["id"]}).text
                assert os.path.dirname(upload) not in text  # noqa: PTH120
                assert str(Path.cwd()) not in text
                assert tempfile.gettempdir() + os.sep not in text


@pytest.mark.parametrize("page", [few_files], indirect=True)
def test_many_open_tabs_keep_nobody_out(page):
    _, client, _ = page
    address = (client.base_url.host, client.base_url.port)
    tabs = []
    for number in range(130):
        tab = socket.create_connection(address, timeout=20)
        path = f"/apps/sentiment-desk/gradio_api/heartbeat/{number}"
        tab.sendall(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
        tabs.append(tab)
    for _ in range(5):
        with httpx.Client(base_url=client.base_url, timeout=20) as other:
            assert other.get("/v2/health/live").status_code == 200
    for tab in tabs:
        tab.close()


def test_memory_of_studio_with_all_apps(tmp_path, serve_pages):
    with serve_pages(tmp_path) as address, httpx.Client(base_url=address, timeout=60) as client:
        pages = set(re.findall(r"/apps/[a-z-]+/", client.get("/apps").text))
        for page in (*sorted(pages), "/", "/data", "/train", "/runs", "/models"):
            assert client.get(page).status_code == 200
        server = next(child for child in psutil.Process().children() if _listens(child, httpx.URL(address).port))
        assert len(pages) == len(list((Path(__file__).parents[1] / "src").glob("*/*/app.py")))
        assert server.memory_info().rss <= 400 * 2**20


def _listens(process, port):
    return any(each.laddr.port == port for each in process.net_connections())
