"""The pages read and send no files of the server except uploads."""

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
import polars as pl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

import plexus
from plexus.serve.pages import mount_pages
from plexus_apps.image_recognition.page import make_page
from plexus_apps.plugin import register_apps

MODELS = Path(__file__).parents[2] / "models"
APPS = [entry.id for entry in register_apps()]
APPS_WITH_FILES = set(APPS) - {"board-room", "game-room"}
KEY = "sk-an-api-key-of-the-server"
SECRET = "a-secret-of-the-server"
SUFFIXES = {"image": ".png", "audio": ".wav", "file": ".csv"}
REFUSAL = "takes only files that were uploaded"
SECONDS = 5


class Server:
    """A process of `plexus open` with all apps, and an HTTP client.

    Attributes:
        folder: Working folder of the process.
        uploads: Gradio's upload folder.
        client: Client that sends the API key.
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
        """Yield each input of each event of a page: event, values of all its inputs, index of the input, component."""
        config = self.client.get(f"/apps/{app}/config").json()
        components = {component["id"]: component for component in config["components"]}
        for event in config["dependencies"]:
            values = [components[id]["props"].get("value") for id in event["inputs"]]
            for index, id in enumerate(event["inputs"]):
                yield event["id"], values, index, components[id]

    def file_inputs(self, app):
        """Return the inputs whose component takes a file."""
        return [entry for entry in self.inputs(app) if "FileData" in json.dumps(entry[3].get("api_info_as_input"))]

    def examples(self, app):
        """Yield the example file of each button and the id of the component that the button fills."""
        config = self.client.get(f"/apps/{app}/config").json()
        components = {component["id"]: component for component in config["components"]}
        for event in config["dependencies"]:
            if event["inputs"] == [] and [components[id]["type"] in SUFFIXES for id in event["outputs"]] == [True]:
                body = {"data": [], "fn_index": event["id"]}
                response = self.client.post(f"/apps/{app}/gradio_api/run/predict", json=body).json()
                yield response["data"][0], event["outputs"][0]

    def form_of_last_model(self, app):
        """Choose the last model of a page; return the configuration of the form made for it, and the session."""
        config = self.client.get(f"/apps/{app}/config").json()
        (model,) = (each for each in config["components"] if each["props"].get("label") == "Model")
        *_, (_, name) = model["props"]["choices"]
        session = base64.b16encode(os.urandom(6)).decode()
        for event in config["dependencies"]:
            if event["inputs"] == [model["id"]]:
                body = {"data": [name], "fn_index": event["id"], "session_hash": session}
                response = self.client.post(f"/apps/{app}/gradio_api/run/predict", json=body).json()
                if response.get("render_config"):
                    return response["render_config"], session
        raise LookupError(name)

    def trigger(self, app, event, data, session=""):
        """Return the responses to an event of a page, sent directly and through the queue, within the time limit."""
        page = f"/apps/{app}/gradio_api"
        session = session or base64.b16encode(os.urandom(6)).decode()
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
        """Upload a file; return its path on the server."""
        return self.client.post(f"/apps/{app}/gradio_api/upload", files={"files": (name, content)}).json()[0]

    def copies(self, text):
        """Return the files in the upload folder that contain a text."""
        files = [file for file in self.uploads.rglob("*") if file.is_file() and not file.is_symlink()]
        return [file for file in files if text.encode() in file.read_bytes()]


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
    """Return a value of a component that names a file of the server."""
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    return [file] if component["props"].get("file_count") in {"multiple", "directory"} else file


def targets(server, component):
    """Return paths that are not uploads by description, with the suffix that the component takes."""
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


@pytest.mark.slow
def test_all_pages_with_file_inputs_are_covered(server):
    assert {app for app in APPS if server.file_inputs(app)} == APPS_WITH_FILES


def test_the_model_that_was_named_first_is_chosen(server):
    components = server.client.get("/apps/image-recognition/config").json()["components"]
    (model,) = (component["props"] for component in components if component["props"].get("label") == "Model")
    assert model["value"] == "vision.classify.digits"
    assert [name for name, _ in model["choices"]] == [
        f"vision.classify.{name}" for name in ("digits", "fashion_mnist", "mnist")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("app", sorted(APPS_WITH_FILES))
def test_no_file_of_the_server_is_read(server, app):
    for event, values, index, component in server.file_inputs(app):
        for description, path in targets(server, component).items():
            for response in server.trigger(
                app, event, [*values[:index], payload(component, path), *values[index + 1 :]]
            ):
                assert REFUSAL in response, (component["type"], description, response)
                assert not re.search(r"/(tmp|etc|dev|proc|home|root|work|usr)\b", response), (description, response)
                assert str(server.folder) not in response
    for text in (SECRET, KEY, "root:x:0:0"):
        assert server.copies(text) == []


@pytest.mark.slow
@pytest.mark.parametrize("app", APPS)
def test_no_input_accepts_a_file_that_is_not_an_upload(server, app):
    for event, values, index, component in server.inputs(app):
        for response in server.trigger(
            app, event, [*values[:index], payload(component, "/etc/passwd"), *values[index + 1 :]]
        ):
            assert REFUSAL in response, component["type"]
    assert server.copies("root:x:0:0") == []


@pytest.mark.slow
def test_no_file_of_the_server_is_read_by_the_form_of_another_model(server, monkeypatch):
    """The form of a model that is not the first is made when it is chosen: its inputs are not in the configuration."""
    monkeypatch.setattr(server.client, "timeout", httpx.Timeout(60))  # a form is made
    form, session = server.form_of_last_model("risk-desk")
    components = {component["id"]: component for component in form["components"]}
    responses = []
    for event in form["dependencies"]:
        for index, id in enumerate(event["inputs"]):
            if components.get(id, {}).get("type") != "file":
                continue
            for path in targets(server, components[id]).values():
                data = [None] * len(event["inputs"])
                data[index] = payload(components[id], path)
                responses += server.trigger("risk-desk", event["id"], data, session)
    assert responses
    assert [response for response in responses if REFUSAL not in response] == []
    assert server.copies(SECRET) == []


@pytest.mark.parametrize("app", APPS)
def test_no_file_of_the_server_is_sent(server, app):
    secret = server.folder / "secret.txt"
    secret.write_text(SECRET)
    link = server.uploads / "link.txt"
    if not link.is_symlink():
        link.symlink_to(secret)
    for path in ("/etc/passwd", "/dev/zero", secret, link, server.folder / "keys", f"{server.uploads}/../keys"):
        for route in ("file=", "file/", "stream/", "proxy="):
            response = server.client.get(f"/apps/{app}/gradio_api/{route}{path}")
            assert response.status_code in {400, 403, 404}, (route, path, response.text)


@pytest.mark.parametrize("app", APPS)
def test_nothing_is_fetched_from_another_machine(server, app):
    for route in ("file=", "file/"):
        response = server.client.get(f"/apps/{app}/gradio_api/{route}http://127.0.0.1/")
        assert REFUSAL in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example, localhost"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"X-Gradio-Server": "http://evil.example"},
    ],
)
def test_a_request_does_not_name_the_address_of_a_page(server, headers):
    for path in ("/apps/sentiment-desk/config", "/apps/sentiment-desk/"):
        response = server.client.get(path, headers=headers)
        assert response.status_code == 200
        assert "evil" not in response.text
    proxied = server.client.get("/apps/sentiment-desk/config", headers={"X-Forwarded-Host": "localhost:7"})
    assert proxied.json()["root"].startswith("http://localhost:7")


@pytest.mark.slow
@pytest.mark.parametrize("app", ["image-recognition", "cluster-explorer", "face-desk", "object-finder"])
def test_uploads_are_read(server, app, monkeypatch):
    content = io.BytesIO()
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(content, "PNG")
    path = server.upload(app, "blank.png", content.getvalue())
    image_inputs = [entry for entry in server.file_inputs(app) if entry[3]["type"] == "image"]
    assert image_inputs
    monkeypatch.setattr(server.client, "timeout", httpx.Timeout(60))  # a model predicts
    for event, values, index, component in image_inputs:
        for response in server.trigger(app, event, [*values[:index], payload(component, path), *values[index + 1 :]]):
            assert '"error"' not in response


@pytest.mark.slow
@pytest.mark.parametrize(
    ("app", "kind"),
    [
        ("image-recognition", "image"),
        ("voice-commands", "audio"),
        ("sentiment-desk", "file"),
        ("cluster-explorer", "image"),
        ("risk-desk", "file"),
    ],
)
def test_examples_are_read_and_results_are_sent(server, app, kind, monkeypatch):
    monkeypatch.setattr(server.client, "timeout", httpx.Timeout(120))  # a model predicts
    results = 0
    for file, id in server.examples(app):
        assert server.client.get(f"/apps/{app}/gradio_api/file={file['path']}").content
        for event, values, index, component in server.file_inputs(app):
            if component["id"] == id and component["type"] == kind:
                responses = server.trigger(app, event, [*values[:index], file, *values[index + 1 :]])
                assert [response for response in responses if '"error"' in response] == []
                results += "<svg" in responses[0]
                for path in re.findall(r'"path":\s*"([^"]+)"', responses[0]):
                    assert server.client.get(f"/apps/{app}/gradio_api/file={path}").content
                    results += 1
    assert results > 0


def test_an_error_names_an_upload_without_its_folder(server):
    path = server.upload("voice-commands", "bad.wav", b"no recording")
    event, values, index, component = server.file_inputs("voice-commands")[0]
    for response in server.trigger(
        "voice-commands", event, [*values[:index], payload(component, path), *values[index + 1 :]]
    ):
        assert "bad.wav" in response
        assert str(server.uploads) not in response


@pytest.mark.slow
@pytest.mark.parametrize("guard", ["of Gradio", "of Plexus"])
def test_each_guard_is_sufficient(tmp_path, monkeypatch, guard):
    """An upgrade of Gradio that disables one of both guards is detected, although the other one remains."""
    import gradio as gr

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    with gr.Blocks() as page:
        file, text = gr.File(), gr.Textbox()
        file.change(lambda path: Path(path).read_text(), file, text, queue=False)
    server = FastAPI()
    apps = {"reader": (SimpleNamespace(tasks=[], page=lambda *_: page), None)}
    mount_pages(server, apps, lambda tasks: {}, lambda tasks: None, build_now=True)
    if guard == "of Gradio":
        monkeypatch.setattr("plexus.serve.page_files._is_upload", lambda path: True)
    else:
        monkeypatch.setattr(page, "has_launched", False)
    client = TestClient(server, raise_server_exceptions=False)
    upload = client.post("/apps/reader/gradio_api/upload", files={"files": ("upload.txt", "my upload")}).json()[0]
    (tmp_path / "secret.txt").write_text(SECRET)
    texts = {}
    for path in (upload, str(tmp_path / "secret.txt")):
        body = {"data": [payload({"type": "file", "props": {}}, path)], "fn_index": 0}
        texts[path] = client.post("/apps/reader/gradio_api/run/predict", json=body).text
    assert "my upload" in texts.pop(upload)
    assert [text for text in texts.values() if SECRET in text or str(tmp_path) in text] == []
    assert not [file for file in tmp_path.glob("uploads/**/*") if file.is_file() and SECRET in file.read_text()]


def test_the_table_of_a_folder_of_images_holds_no_formula(tmp_path):
    for name in ("=1+1.png", "@x.png", "a.png"):
        (tmp_path / name).write_bytes(b"damaged")
    Image.new("L", (28, 28)).save(tmp_path / "-2.png")
    page = make_page({"digits": plexus.load("vision.classify/digits")})
    predict = next(block.fn for block in page.fns.values() if block.name == "predict_all")
    *_, html, download = predict("digits", [str(file) for file in sorted(tmp_path.iterdir())])
    assert re.findall(r"<tr><td>([^<]*)</td>", html) == ["-2.png", "=1+1.png", "@x.png", "a.png"]
    table = pl.read_csv(download.value["path"], infer_schema=False)
    assert table.columns == ["image", "label", "probability", "error"]
    assert table["image"].to_list() == ["'-2.png", "'=1+1.png", "'@x.png", "a.png"]
    assert table["error"][0] in (None, "")
    assert table["error"][1].startswith("'=1+1.png: its content is not an image")


@pytest.mark.slow
def test_the_files_of_a_page_are_removed_when_the_process_ends(tmp_path):
    code = "from plexus_apps.pages import temporary_folder; print((temporary_folder() / 'a.csv').write_text('a'))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, check=True
    )
    assert done.stdout.strip() == b"1"
    assert list(tmp_path.glob("plexus-*")) == []
