"""A page reads no file of the server but those that were uploaded to it."""

import base64
import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from plexus.serve.pages import mount_pages

MODELS = Path(__file__).parents[2] / "models"
APPS = ["image-recognition", "voice-commands", "fraud-monitor", "sentiment-desk", "cluster-explorer", "game-room"]
TAKING = {"image-recognition", "voice-commands", "fraud-monitor", "sentiment-desk", "cluster-explorer"}
KEY = "sk-a-key-of-somebody-else"
SECRET = "a-secret-of-the-server"
SUFFIXES = {"image": ".png", "imageeditor": ".png", "audio": ".wav", "file": ".csv"}
REFUSAL = "takes only files that were uploaded"
SECONDS = 5


class Server:
    """A `plexus open` of all apps, and a client of it.

    Attributes:
        folder: in which it runs.
        uploads: Gradio's upload folder.
        client: sends the key.
    """

    def __init__(self, folder):
        self.folder, self.uploads = folder, folder / "uploads"
        self.uploads.mkdir()
        (folder / "keys").write_text(KEY)
        bundles = [str(file.parent) for file in sorted(MODELS.glob("*/*/bundle.json"))]
        command = [sys.executable, "-m", "plexus", "open", *bundles, "--no-browser", "--port", "0"]
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--api-key-file", "keys"],
                cwd=folder,
                env=os.environ | {"GRADIO_TEMP_DIR": str(self.uploads)},
                stderr=log,
                stdout=log,
            )
        self.client = httpx.Client(
            base_url=self._address(), headers={"Authorization": f"Bearer {KEY}"}, timeout=SECONDS
        )

    def _address(self):
        for _ in range(1200):
            if address := re.search(r"http://\S+", (self.folder / "log").read_text()):
                return address[0]
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)
        raise TimeoutError

    def inputs(self, app):
        """Each input of each event of a page: the event, the values of all its inputs, the place, and the component."""
        config = self.client.get(f"/apps/{app}/config").json()
        components = {one["id"]: one for one in config["components"]}
        for event in config["dependencies"]:
            values = [components[id]["props"].get("value") for id in event["inputs"]]
            for place, id in enumerate(event["inputs"]):
                yield event["id"], values, place, components[id]

    def file_inputs(self, app):
        """Those whose component takes a file."""
        return [one for one in self.inputs(app) if "FileData" in json.dumps(one[3].get("api_info_as_input"))]

    def examples(self, app):
        """The file that each button for an example fills in, with the component that it is for."""
        config = self.client.get(f"/apps/{app}/config").json()
        components = {one["id"]: one for one in config["components"]}
        for event in config["dependencies"]:
            if event["inputs"] == [] and [components[id]["type"] in SUFFIXES for id in event["outputs"]] == [True]:
                body = {"data": [], "fn_index": event["id"]}
                response = self.client.post(f"/apps/{app}/gradio_api/run/predict", json=body).json()
                yield response["data"][0], event["outputs"][0]

    def ask(self, app, event, data):
        """The responses to an event of a page, sent directly and through the queue, each within the time limit."""
        page = f"/apps/{app}/gradio_api"
        session = base64.b16encode(os.urandom(6)).decode()
        body = {"data": data, "fn_index": event, "session_hash": session}
        started = time.monotonic()
        direct = self.client.post(f"{page}/run/predict", json=body).text
        queued = self.client.post(f"{page}/queue/join", json=body).text + self._events(page, session)
        assert time.monotonic() - started < self.client.timeout.read
        return direct, queued

    def _events(self, page, session):
        with self.client.stream("GET", f"{page}/queue/data", params={"session_hash": session}) as stream:
            return "\n".join(stream.iter_lines())

    def upload(self, app, name, content):
        """The path of an uploaded file."""
        return self.client.post(f"/apps/{app}/gradio_api/upload", files={"files": (name, content)}).json()[0]

    def copies(self, text):
        """The files in the upload folder with a text in them."""
        files = [one for one in self.uploads.rglob("*") if one.is_file() and not one.is_symlink()]
        return [one for one in files if text.encode() in one.read_bytes()]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("files"))
    yield running
    running.process.terminate()
    try:
        running.process.wait(20)
    except subprocess.TimeoutExpired:  # it reads an endless file
        running.process.kill()


def payload(component, path):
    """A value of a component that names a file of the server."""
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    if component["type"] == "imageeditor":
        return {"background": file, "layers": [file], "composite": file}
    return [file] if component["props"].get("file_count") in {"multiple", "directory"} else file


def targets(server, component):
    """Paths of what is no upload, by what they are; with the suffix that the component takes."""
    suffix = SUFFIXES.get(component["type"], ".txt")
    secret, link, pipe = server.folder / f"secret{suffix}", server.uploads / f"link{suffix}", server.uploads / "pipe"
    secret.write_text(f"text,label\n{SECRET},1\n")
    if not link.is_symlink():
        link.symlink_to(secret)
    if not pipe.exists():
        os.mkfifo(pipe)
    return {
        "a file of the system": "/etc/passwd",
        "a file in the folder for temporary files": str(secret),
        "a relative path": secret.name,
        "the keys": str(server.folder / "keys"),
        "a device": "/dev/zero",
        "a path out of the upload folder": f"{server.uploads}/../{secret.name}",
        "a link": str(link),
        "a pipe": str(pipe),
        "all uploads": str(server.uploads),
        "another machine": f"{server.client.base_url}/v1/models",
        "the process": "/proc/self/environ",
    }


def test_every_page_with_an_input_of_files_is_asked(server):
    assert {app for app in APPS if server.file_inputs(app)} == TAKING


@pytest.mark.parametrize("app", sorted(TAKING))
def test_no_file_of_the_server_is_read(server, app):
    for event, values, place, component in server.file_inputs(app):
        for what, path in targets(server, component).items():
            for response in server.ask(app, event, [*values[:place], payload(component, path), *values[place + 1 :]]):
                assert REFUSAL in response, (component["type"], what, response)
                assert not re.search(r"/(tmp|etc|dev|proc|home|root|work|usr)\b", response), (what, response)
                assert str(server.folder) not in response
    for text in (SECRET, KEY, "root:x:0:0"):
        assert server.copies(text) == []


@pytest.mark.parametrize("app", APPS)
def test_an_input_of_anything_else_takes_no_file(server, app):
    for event, values, place, component in server.inputs(app):
        for response in server.ask(
            app, event, [*values[:place], payload(component, "/etc/passwd"), *values[place + 1 :]]
        ):
            assert REFUSAL in response, component["type"]
    assert server.copies("root:x:0:0") == []


@pytest.mark.parametrize("app", APPS)
def test_no_file_of_the_server_is_sent(server, app):
    secret = server.folder / "secret.txt"
    secret.write_text(SECRET)
    link = server.uploads / "link.txt"
    if not link.is_symlink():
        link.symlink_to(secret)
    for path in ("/etc/passwd", "/dev/zero", secret, link, server.folder / "keys", f"{server.uploads}/../keys"):
        for way in ("file=", "file/", "stream/", "proxy="):
            response = server.client.get(f"/apps/{app}/gradio_api/{way}{path}")
            assert response.status_code in {400, 403, 404}, (way, path, response.text)


@pytest.mark.parametrize("app", APPS)
def test_nothing_is_fetched_from_another_machine(server, app):
    for way in ("file=", "file/"):
        response = server.client.get(f"/apps/{app}/gradio_api/{way}http://127.0.0.1/")
        assert REFUSAL in response.text


@pytest.mark.parametrize("app", ["image-recognition", "cluster-explorer"])
def test_what_is_uploaded_is_read(server, app, monkeypatch):
    content = io.BytesIO()
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(content, "PNG")
    path = server.upload(app, "blank.png", content.getvalue())
    pictures = [one for one in server.file_inputs(app) if one[3]["type"] == "image"]
    assert pictures
    monkeypatch.setattr(server.client, "timeout", httpx.Timeout(60))  # a network answers
    for event, values, place, component in pictures:
        for response in server.ask(app, event, [*values[:place], payload(component, path), *values[place + 1 :]]):
            assert '"error"' not in response


@pytest.mark.parametrize(
    ("app", "kind"),
    [
        ("image-recognition", "image"),
        ("voice-commands", "audio"),
        ("sentiment-desk", "file"),
        ("cluster-explorer", "image"),
    ],
)
def test_an_example_is_read_and_what_is_answered_is_sent(server, app, kind, monkeypatch):
    monkeypatch.setattr(server.client, "timeout", httpx.Timeout(120))  # a network answers
    answers = 0
    for file, id in server.examples(app):
        assert server.client.get(f"/apps/{app}/gradio_api/file={file['path']}").content
        for event, values, place, component in server.file_inputs(app):
            if component["id"] == id and component["type"] == kind:
                responses = server.ask(app, event, [*values[:place], file, *values[place + 1 :]])
                assert [one for one in responses if '"error"' in one] == []
                for path in re.findall(r'"path":\s*"([^"]+)"', responses[0]):
                    assert server.client.get(f"/apps/{app}/gradio_api/file={path}").content
                    answers += 1
    assert answers > 0


def test_an_error_names_an_upload_without_its_folder(server):
    path = server.upload("voice-commands", "bad.wav", b"no recording")
    event, values, place, component = server.file_inputs("voice-commands")[0]
    for response in server.ask(
        "voice-commands", event, [*values[:place], payload(component, path), *values[place + 1 :]]
    ):
        assert "bad.wav" in response
        assert str(server.uploads) not in response


@pytest.mark.parametrize("guard", ["of Gradio", "of Plexus"])
def test_each_guard_alone_is_enough(tmp_path, monkeypatch, guard):
    """An upgrade of Gradio that turns either off is noticed, though the other is left."""
    import gradio as gr

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    with gr.Blocks() as page:
        file, text = gr.File(), gr.Textbox()
        file.change(lambda path: Path(path).read_text(), file, text, queue=False)
    server = FastAPI()
    mount_pages(server, {"reader": (SimpleNamespace(tasks=[], page=lambda *_: page), None)}, {})
    if guard == "of Gradio":
        monkeypatch.setattr("plexus.serve.page_files._is_upload", lambda path: True)
    else:
        monkeypatch.setattr(page, "has_launched", False)
    client = TestClient(server, raise_server_exceptions=False)
    upload = client.post("/apps/reader/gradio_api/upload", files={"files": ("own.txt", "my own")}).json()[0]
    (tmp_path / "secret.txt").write_text(SECRET)
    texts = {}
    for path in (upload, str(tmp_path / "secret.txt")):
        body = {"data": [payload({"type": "file", "props": {}}, path)], "fn_index": 0}
        texts[path] = client.post("/apps/reader/gradio_api/run/predict", json=body).text
    assert "my own" in texts.pop(upload)
    assert [text for text in texts.values() if SECRET in text or str(tmp_path) in text] == []
    assert not [one for one in tmp_path.glob("uploads/**/*") if one.is_file() and SECRET in one.read_text()]
