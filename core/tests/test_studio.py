"""Pages of Studio without a browser: home, search, runs and models of every task."""

import io
import re
import time
import zipfile
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import plexus
from plexus.serve.hosts import HostPolicy
from plexus.serve.keys import Keys
from plexus.serve.limits import ServerLimits
from plexus.serve.middleware import RequestMiddleware
from plexus.serve.models import Models
from plexus.studio.site import Site
from plexus.studio.studio import mount_studio

LIMITS = ServerLimits(max_bytes=32 << 20, max_requests=64, max_seconds=30, max_batch_size=64)
MODEL = "vision.classify.digits"
DIGIT = Path(__file__).parents[2] / "docs/three.png"


@pytest.fixture(scope="module")
def client(shipped):
    app = FastAPI()
    app.add_middleware(RequestMiddleware, keys=Keys([]), hosts=HostPolicy("127.0.0.1", False), limits=LIMITS)
    models = Models(lambda: [shipped("vision.classify/digits"), shipped("tables.risk/german_credit")], 64)
    mount_studio(app, Site(models, {}))
    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000)) as client:
        yield client


@pytest.fixture(scope="module")
def shipped():
    return lambda name: plexus.load(name).folder


def test_the_first_page_shows_models_and_tasks(client):
    page = client.get("/").text
    assert f'href="/models/{MODEL}"' in page
    assert 'href="/train/vision.classify"' in page
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("digits", f"/models/{MODEL}"),
        ("credit GERMAN", "/models/tables.risk.german_credit"),
        ("vision detect", "/train/vision.detect"),
    ],
)
def test_the_search_has_models_and_tasks(client, words, address):
    page = client.get("/search", params={"q": words}).text
    assert f'href="{address}"' in page


def test_the_search_escapes_its_words(client):
    page = client.get("/search", params={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page
    assert "No result contains all of these words." in page


def test_models_are_listed_and_filtered(client):
    assert f'href="/models/{MODEL}"' in client.get("/models").text
    assert f'href="/models/{MODEL}"' not in client.get("/models", params={"task": "tables.risk"}).text


def test_a_model_has_metrics_snippets_and_its_card(client):
    page = client.get(f"/models/{MODEL}").text
    assert "plexus serve vision.classify/digits" in page
    assert "Accuracy of the most frequent label" in page
    assert "Model card" in page
    assert client.get("/models/none").status_code == 404


def test_a_model_predicts_for_a_file(client):
    done = client.post(f"/models/{MODEL}/predict", files={"file": (DIGIT.name, DIGIT.read_bytes())})
    assert done.status_code == 200
    assert re.search(r"<dt>Label</dt>\s*<dd>3\s*<", done.text)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "expected one input, got none"),
        ({"text": "a", "document": "1"}, "expected one input, got 2"),
        ({"document": "{"}, "the value is not valid JSON"),
    ],
)
def test_a_wrong_input_is_an_error_on_the_page(client, sent, message):
    done = client.post("/models/tables.risk.german_credit/predict", data=sent)
    assert done.status_code == 400
    assert message in done.text
    assert "Traceback" not in done.text


def test_a_file_that_is_no_image_is_an_error_without_folders(client):
    done = client.post(f"/models/{MODEL}/predict", files={"file": ("a.png", b"no image")})
    assert done.status_code == 400
    assert "/tmp" not in done.text


def test_a_bundle_is_downloaded_whole(client, shipped):
    content = client.get(f"/models/{MODEL}/download").content
    names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    files = plexus.load("vision.classify/digits").manifest["files"]
    assert names == {f"{MODEL}/{name}" for name in ("bundle.json", *files)}


def test_another_page_cannot_send_a_form(client):
    done = client.post(f"/models/{MODEL}/export", data={"format": "onnx"}, headers={"Origin": "http://example.com"})
    assert done.status_code == 403


@pytest.mark.slow
def test_a_model_is_exported(client):
    page = client.post(f"/models/{MODEL}/export", data={"format": "onnx"})
    for _ in range(600):
        page = client.get(page.url)
        if "data-refresh" not in page.text:
            break
        time.sleep(0.2)
    address = re.search(r'href="(/models/jobs/[^"]*/file)"', page.text)[1]
    assert client.get(address).content[:2] != b"<!"


@pytest.mark.slow
def test_a_model_is_evaluated(client):
    page = client.post(f"/models/{MODEL}/evaluate", data={"data": "digits"})
    for _ in range(600):
        page = client.get(page.url)
        if "data-refresh" not in page.text:
            break
        time.sleep(0.2)
    assert "Accuracy" in page.text
    assert re.search(r"On <strong>digits</strong>: \d+ examples", page.text)
