"""Studio: its frame, runs, models, the search, and the pages of apps that are built when they are opened."""

import asyncio
import io
import json
import re
import shutil
import threading
import time
import xml.etree.ElementTree as ET
import zipfile
from contextlib import asynccontextmanager, contextmanager
from html import unescape
from pathlib import Path

import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

import plexus
from plexus import InputError
from plexus.catalogue.run_cache import RunCache
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.serve import build_lock
from plexus.serve.build_lock import BuildLock
from plexus.serve.hosts import HostPolicy
from plexus.serve.keys import Keys
from plexus.serve.lazy_page import LazyPage
from plexus.serve.limits import ServerLimits
from plexus.serve.middleware import RequestMiddleware
from plexus.serve.models import Models
from plexus.studio import command_jobs
from plexus.studio.command_jobs import CommandJob, CommandJobs
from plexus.studio.curve_plot import curve_plot
from plexus.studio.model_view import card_html
from plexus.studio.page import SECTIONS
from plexus.studio.run_rows import RunFilter
from plexus.studio.shown_prediction import shown_prediction
from plexus.studio.site import Site
from plexus.studio.studio import mount_studio

LIMITS = ServerLimits(max_bytes=32 << 20, max_requests=64, max_seconds=60, max_batch_size=64)
MODELS = Path(__file__).parents[2] / "models"
DIGITS, REVIEWS = MODELS / "vision.classify/digits", MODELS / "sentiment.classify/reviews"
KEY = "a key of the tests, long enough"
SVG = "{http://www.w3.org/2000/svg}"


@contextmanager
def studio(runs, *bundles, keys=(), host="127.0.0.1", apps=None):
    """A client of a server with Studio alone."""
    app = FastAPI()
    app.add_middleware(RequestMiddleware, keys=Keys(keys), hosts=HostPolicy("127.0.0.1", bool(keys)), limits=LIMITS)
    mount_studio(app, Site(Models(lambda: list(bundles), 64), apps or {}, runs))
    with TestClient(app, base_url="http://127.0.0.1", client=(host, 50000)) as client:
        yield client


def make_run(root, name, loss=0.5, finished=True, epochs=3, **options):
    """A run as a training writes it, with the digits' bundle if it is finished."""
    task = registry().task("vision.classify")
    folder = root / "vision.classify" / name
    Run.start("vision.classify", task.options.parse({"data": "digits", "epochs": epochs} | options), folder=folder)
    lines = [{"epoch": n, "loss": loss / (n + 1), "accuracy": 0.9, "seconds": 2.0} for n in range(epochs)]
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if finished:
        shutil.copytree(DIGITS, folder / "bundle")
    return folder


def image_bytes(size=(8, 8)):
    stream = io.BytesIO()
    Image.new("L", size, 30).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def runs(tmp_path):
    root = tmp_path / "runs"
    make_run(root, "first")
    make_run(root, "second", loss=0.4, epochs=4)
    make_run(root, "stopped", finished=False)
    return root


@pytest.fixture
def client(runs):
    with studio(runs, DIGITS, REVIEWS) as client:
        yield client


def test_each_section_has_a_page_that_says_where_it_is(client):
    for section, (label, address) in SECTIONS.items():
        response = client.get(address)
        assert response.status_code == 200, section
        assert f'<a href="{address}" aria-current="page">{label}</a>' in response.text
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", response.text)
    assert "studio.css" in client.get("/").text
    assert client.get("/static/studio.css").headers["content-type"].startswith("text/css")
    assert client.get("/static/../page.py").status_code == 404


def test_hosts_origins_and_keys_are_checked(runs):
    with studio(runs, DIGITS) as client:
        assert client.get("/runs", headers={"host": "evil.example"}).status_code == 421
        for origin in ("http://evil.example", "null"):
            for path in ("/runs/remove", "/runs/notes", "/models/vision.classify.digits/predict"):
                data = {"run": "vision.classify/first"}
                assert client.post(path, data=data, headers={"origin": origin}).status_code == 403
        assert (runs / "vision.classify/first").is_dir()
    with studio(runs, DIGITS, keys=[KEY]) as client:
        for path in ("/", "/runs", "/models/vision.classify.digits", "/static/studio.js"):
            assert client.get(path).status_code == 401
            assert client.get(path, headers={"authorization": f"Bearer {KEY}"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "line"),
    [
        ("/runs/one/no/such", 404, "there is no run &#39;no/such&#39;"),
        ("/runs/one/..%2F..%2Fetc", 404, "there is no run"),
        ("/runs/report/vision.classify/first", 404, "has no report"),
        ("/runs?sort=colour", 400, "sort: expected one of started, metric"),
        ("/runs?reverse=perhaps", 400, "reverse: "),
        ("/runs/compare?run=vision.classify/first", 400, "select 2 to 8 runs"),
        ("/models/nothing", 404, "there is no model &#39;nothing&#39;"),
        ("/models/jobs/x", 404, "not stored any more"),
    ],
)
def test_errors_are_pages_with_one_line_without_folders(client, runs, path, status, line):
    response = client.get(path)
    assert response.status_code == status
    assert '<div class="error" id="error" role="alert">' in response.text
    assert line in response.text
    assert str(runs) not in response.text


def test_a_browser_gets_a_page_for_what_the_server_refuses(client, monkeypatch):
    html = {"accept": "text/html,application/xhtml+xml"}
    large = client.post("/data/sets", content=b"x" * (LIMITS.max_bytes + 1), headers=html)
    assert large.status_code == 413
    assert "a request may have at most 33,554,432 bytes" in error_of(large)
    assert (
        client.post("/data/sets", content=b"x" * (LIMITS.max_bytes + 1))
        .headers["content-type"]
        .startswith("application/problem+json")
    )
    monkeypatch.setattr(RunCache, "records", lambda self, removed=False: 1 / 0)
    failed = client.get("/runs")
    assert (failed.status_code, error_of(failed)) == (500, "the server failed; its log has the reason")


def error_of(page):
    return re.search(r'role="alert">(.*?)</div>', page.text, re.DOTALL)[1]


def test_a_run_that_is_a_link_out_of_the_folder_is_not_shown(client, runs, tmp_path):
    outside = make_run(tmp_path / "other", "secret")
    (runs / "link").symlink_to(outside)
    assert client.get("/runs/one/link").status_code == 404
    assert client.get("/runs/report/link").status_code == 404


def rows_of(page):
    return re.findall(r'name="run" value="vision\.classify/([\w-]+)"', page.text)


def test_runs_are_filtered_and_sorted(client):
    assert set(rows_of(client.get("/runs"))) == {"first", "second", "stopped"}
    assert rows_of(client.get("/runs?status=interrupted")) == ["stopped"]
    assert rows_of(client.get("/runs?task=other")) == []
    assert rows_of(client.get("/runs?q=epochs=4")) == ["second"]
    assert rows_of(client.get("/runs?sort=seconds"))[0] == "second"
    assert "<small>Epochs 4</small>" in client.get("/runs").text
    assert "Epochs 4" not in client.get("/runs?q=epochs=4").text  # one run does not differ
    assert rows_of(client.get("/runs?sort=seconds&reverse=true"))[-1] == "second"
    assert rows_of(client.get("/runs?sort=metric"))[-1] == "stopped"
    assert rows_of(client.get("/runs?sort=metric&reverse=true"))[-1] == "stopped"
    with pytest.raises(InputError, match="sort: expected"):
        RunFilter(sort="x").apply([])


def test_a_run_shows_options_curves_and_metrics(client, runs):
    page = client.get("/runs/one/vision.classify/second").text
    assert re.search(r'<th scope="row">Epochs<td>4', page)
    value = json.loads((DIGITS / "bundle.json").read_text())["scores"]["accuracy"]
    assert f"{value:.4g}" in page
    assert len(re.findall('<svg class="curves"', page)) == 2
    assert "0.1000" in page  # the loss of the last epoch
    assert 'href="/models/vision.classify.second"' in page
    assert 'action="/train/resume"' in client.get("/runs/one/vision.classify/stopped").text
    (runs / "vision.classify/second/report.html").write_text("<script>alert(1)</script>")
    report = client.get("/runs/report/vision.classify/second")
    assert report.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")


def test_notes_and_tags_are_saved_and_searched(client):
    first = "vision.classify/first"
    response = client.post("/runs/notes", data={"run": first, "text": "<b>good</b>", "tags": "paper, v 2 ,paper"})
    assert response.status_code == 200
    assert "&lt;b&gt;good&lt;/b&gt;" in response.text
    assert 'value="paper, v 2"' in response.text
    assert rows_of(client.get("/runs?q=paper good")) == ["first"]
    assert client.post("/runs/notes", data={"run": first, "tags": "x" * 51}).status_code == 400
    assert client.post("/runs/notes", data={"run": "../x"}).status_code == 404


def test_removed_runs_are_restored(client, runs):
    ids = ["vision.classify/first", "vision.classify/second"]
    page = client.post("/runs/remove", data={"run": ids})
    assert "2 runs removed." in page.text
    assert rows_of(client.get("/runs")) == ["stopped"]
    assert client.get("/runs/one/vision.classify/.removed/first").status_code == 200
    assert set(re.findall(r"removed/([\w-]+)\"", client.get("/runs?status=removed").text)) == {"first", "second"}
    assert "2 runs restored." in client.post("/runs/restore", data={"run": ids}).text
    assert set(rows_of(client.get("/runs"))) == {"first", "second", "stopped"}
    assert client.post("/runs/remove").status_code == 400
    assert client.post("/runs/restore", data={"run": ids}).status_code == 404


def test_runs_are_compared(client):
    page = client.get("/runs/compare?run=vision.classify/first&run=vision.classify/second").text
    assert re.search(r'<th scope="row">Epochs<td>3<td>4', page)
    assert "no significant difference" in page
    assert page.count('class="curves"') == 2
    assert '<th scope="row">Seed' not in page
    other = client.get("/runs/compare?run=vision.classify/first&run=vision.classify/stopped").text
    assert "stopped is not finished" in other
    assert other.count('class="curves"') == 2


def test_the_cache_notices_changes(runs):
    cache = RunCache(runs)
    first = cache.records()
    assert [a is b for a, b in zip(cache.records(), first, strict=True)].count(True) == 2  # those that are finished
    assert "codec" not in first[0].manifest
    (runs / "vision.classify/first/notes.json").write_text("{}")  # damaged: it is left out
    assert {record.folder.name for record in cache.records()} == {"second", "stopped"}
    assert RunCache(runs / "nowhere").records() == []


def test_models_of_runs_are_listed_with_their_metric(client):
    page = client.get("/models").text
    for name in ("vision.classify.digits", "sentiment.classify.reviews", "vision.classify.first"):
        assert f'href="/models/{name}"' in page
    assert "vision.classify.stopped" not in page
    assert "sentiment" not in re.sub(r"<select.*?</select>", "", client.get("/models?task=vision.classify").text)


@pytest.mark.slow
def test_an_image_is_classified_and_explained(client):
    for name in ("vision.classify.digits", "vision.classify.second"):
        files = {"file": ("zero.png", image_bytes())}
        page = client.post(f"/models/{name}/predict", files=files, data={"explain": "true"})
        assert page.status_code == 200
        assert "Prediction for zero.png" in page.text
        expected = plexus.load(DIGITS).predict([image_bytes()])[0]
        assert f"<dt>Label</dt><dd>{expected.label}" in page.text
        assert 'src="data:image/png;base64,' in page.text


def test_a_text_is_classified_and_explained(client):
    address = "/models/sentiment.classify.reviews/predict"
    page = client.post(address, data={"text": "a <good> film", "explain": "true"})
    assert page.status_code == 200
    assert "<dt>Label</dt><dd>positive" in page.text
    assert re.search("<dt>Unsure</dt><dd>(yes|no)", page.text)
    assert "<dd>[]" not in page.text
    assert "a &lt;good&gt; film" in page.text
    assert '<iframe sandbox="" srcdoc="' in page.text


@pytest.mark.parametrize(
    ("name", "sent", "line"),
    [
        ("vision.classify.digits", {}, "expected one input, got none"),
        ("vision.classify.digits", {"text": "a text"}, "expected the bytes of an image"),
        ("sentiment.classify.reviews", {"document": "{"}, "the value is not valid JSON"),
        ("sentiment.classify.reviews", {"document": "7"}, "expected"),
        ("sentiment.classify.reviews", {"text": "a", "document": '"a"'}, "expected one input, got 2"),
        ("sentiment.classify.reviews", {"document": "[" * 100_000}, "not valid JSON"),
    ],
)
def test_bad_input_is_reported_on_the_page_of_the_model(client, name, sent, line):
    page = client.post(f"/models/{name}/predict", data=sent)
    assert page.status_code == 400
    assert line in page.text
    assert 'id="try"' in page.text
    assert 'class="result"' not in page.text
    damaged = client.post("/models/vision.classify.digits/predict", files={"file": ("a.png", b"no image")})
    assert damaged.status_code == 400
    assert "is not an image" in damaged.text


def test_html_in_a_card_is_escaped(tmp_path):
    (tmp_path / "README.md").write_text(
        "# Title\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![i](http://evil.example/a.png)\n\n|a|\n|---|\n|1|\n"
    )
    html = card_html(tmp_path)
    assert "<script>" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "<h2>Title</h2>" in html
    assert "<td>1</td>" in html


def test_a_model_is_downloaded_whole(client, tmp_path):
    response = client.get("/models/vision.classify.digits/download")
    assert response.headers["content-disposition"] == 'attachment; filename="vision.classify.digits.zip"'
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        archive.extractall(tmp_path / "unpacked")
    bundle = plexus.load(tmp_path / "unpacked/vision.classify.digits")
    assert bundle.metrics == plexus.load(DIGITS).metrics


def finished_job(client, response):
    """Wait for the job whose page a response is; return its address."""
    for _ in range(1200):
        if "data-refresh" not in response.text:
            return response
        time.sleep(0.1)
        response = client.get(response.url.path)
    raise TimeoutError


@pytest.mark.slow
def test_a_model_is_evaluated_and_exported_in_a_process(client):
    page = finished_job(client, client.post("/models/vision.classify.digits/evaluate", data={"data": ""}))
    accuracy = plexus.load(DIGITS).metrics["accuracy"]
    assert f"{accuracy:.4g}" in page.text
    failed = finished_job(client, client.post("/models/vision.classify.digits/evaluate", data={"data": "no/such"}))
    assert "there is no such file or folder" in failed.text
    exported = finished_job(client, client.post("/models/vision.classify.digits/export", data={"format": "onnx"}))
    file = client.get(re.search(r"/models/jobs/[\w-]+/file", exported.text)[0])
    assert file.content == (DIGITS / "network.onnx").read_bytes()
    assert client.post("/models/vision.classify.digits/export", data={"format": "exe"}).status_code == 400


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("10.0.0.7", {}),
        ("127.0.0.1", {"x-forwarded-for": "10.0.0.7"}),  # by a proxy on the machine of the server
        ("127.0.0.1", {"forwarded": "for=10.0.0.7"}),
    ],
)
def test_other_machines_name_no_files(runs, host, headers):
    with studio(runs, DIGITS, host=host) as client:
        address = "/models/vision.classify.digits/evaluate"
        response = client.post(address, data={"data": "/etc"}, headers=headers)
        assert response.status_code == 400
        assert "expected the name of a data set" in response.text
        assert 'id="path"' not in client.get("/data/new?task=vision.classify", headers=headers).text
        assert 'id="path"' in client.get("/data/new?task=vision.classify").text or host != "127.0.0.1"


def test_the_upload_of_a_job_is_removed_when_it_has_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(CommandJob, "run", lambda job, arguments: wait.wait(5))
    monkeypatch.setattr(command_jobs, "MAX_WAITING", 1)
    wait, jobs = threading.Event(), CommandJobs()
    uploads = [tmp_path / "first", tmp_path / "second"]
    for upload in uploads:
        upload.mkdir()
    jobs.start("Evaluation", "a model", lambda _: [], uploads[0])
    with pytest.raises(HTTPException, match="wait: try again later"):
        jobs.start("Evaluation", "a model", lambda _: [], uploads[1])
    assert [upload.exists() for upload in uploads] == [True, False]
    wait.set()
    for _ in range(100):
        time.sleep(0.01 * uploads[0].exists())
    assert not uploads[0].exists()


@pytest.mark.slow
def test_a_bundle_is_named_by_what_the_command_line_takes(runs, monkeypatch):
    monkeypatch.chdir(runs.parent)
    shutil.copytree(DIGITS, "copy")
    names = ["vision.classify.digits", "vision.classify.copy", "vision.classify.first"]
    with studio(Path("runs"), DIGITS, Path("copy")) as client:
        pages = [unescape(client.get(f"/models/{name}").text) for name in names]
    commands = [re.search(r"plexus serve ([^<]+)<", page)[1] for page in pages]
    assert commands == ["vision.classify/digits", "copy", "runs/vision.classify/first/bundle"]
    assert [plexus.load(name).task.id for name in commands] == ["vision.classify"] * 3
    monkeypatch.chdir(runs)
    with studio(runs, runs.parent / "copy") as client:  # outside the working folder: its path is not shown
        page = unescape(client.get("/models/vision.classify.copy").text)
    assert "python -m zipfile -e vision.classify.copy.zip .\nplexus serve vision.classify.copy<" in page
    assert str(runs.parent) not in page


def test_the_search_finds_each_kind(runs):
    apps = {id: (registry().app(id), None) for id in registry().entries("apps")}
    with studio(runs, DIGITS, apps=apps) as client:
        page = client.get("/search?q=digits").text
        assert [kind for kind in ("Data sets", "Models", "Runs") if f"<h2>{kind}</h2>" in page] == [
            "Data sets", "Models", "Runs",
        ]  # fmt: skip
        assert 'href="/runs/one/vision.classify/first"' in page
        assert 'href="/apps/image-recognition/"' in client.get("/search?q=image").text
        assert "No result contains all of these words" in client.get("/search?q=zzzz").text
        assert "&lt;script&gt;" in client.get("/search?q=<script>").text


@pytest.mark.slow
def test_two_hundred_runs_and_fifty_models_take_less_than_a_second(tmp_path):
    root = tmp_path / "runs"
    first = make_run(root, "run-000")
    for number in range(1, 200):
        shutil.copytree(first, first.with_name(f"run-{number:03}"), copy_function=_link)
    bundles = []
    for number in range(50):
        bundles.append(tmp_path / f"models/digits{number}")
        shutil.copytree(DIGITS, bundles[-1], copy_function=_link)
    with studio(root, *bundles) as client:
        for path in (
            "/runs",
            "/models",
            "/",
            "/search?q=digits",
            "/runs?sort=metric",
            "/train",
            "/train/vision.classify",
            "/models/vision.classify.run-007",
        ):
            client.get(path)  # the first request also compiles the template
            started = time.perf_counter()
            assert client.get(path).status_code == 200
            assert time.perf_counter() - started < 1, path


def _link(source, target):
    Path(target).hardlink_to(source)


def test_curves_are_plotted_with_a_description():
    svg = curve_plot(
        {"a & b": [(1, 2.0), (2, 1.0), (3, float("nan")), (4, 0.5)], "c": []}, x_label="epoch", y_label="loss"
    )
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{root[0].get('id')} {root[1].get('id')}"
    assert root[0].text == "loss"
    assert root[1].text == "a & b: 2 at epoch 1, 0.5000 at epoch 4, lowest 0.5000, highest 2; c: no values"
    path = root.find("path" if root.find("path") is not None else f"{SVG}path").get("d")
    assert [part[0] for part in re.findall(r"[ML][\d. ]+", path)] == ["M", "L", "M"]
    (left, top), (_, _), (right, bottom) = [tuple(map(float, p.split())) for p in re.findall(r"[ML]([\d. ]+)", path)]
    assert left < right
    assert top < bottom  # a larger value is higher
    assert float(root.get("font-size")) >= 12
    assert "no curves" in curve_plot({}, x_label="epoch", y_label="loss")
    one = ET.fromstring(curve_plot({"one": [(1, 1.0)]}, x_label="epoch", y_label="loss"))
    assert [text.text for text in one.iter() if text.tag.endswith("text")] == [
        "0.6",
        "0.8",
        "1",
        "1.2",
        "1.4",
        "1",
        "epoch",
    ]


@pytest.mark.slow
def test_a_model_of_rows_has_a_field_for_each_column(tmp_path):
    with studio(tmp_path, MODELS / "tables.risk/german_credit") as client:
        page = unescape(client.get("/models/tables.risk.german_credit").text)
        texts = re.findall(r'<input id="[\w-]+" name="(column\.\w+)" value="([\d.]+)" inputmode="decimal"', page)
        lists = re.findall(r'<select id="[\w-]+" name="(column\.\w+)">\n.*<option value="([^"]+)" selected>', page)
        assert (len(texts), len(lists)) == (7, 13)
        assert re.search(r'<label for="try-column-\d+">age</label>', page)
        assert re.search(r'curl [^\n]*"age": \d', page)
        address = "/models/tables.risk.german_credit/predict"
        predicted = client.post(address, data=dict(texts + lists) | {"explain": "true"}).text
        assert "<h3>Prediction</h3>" in predicted
        assert 'alt="Explanation of the prediction"' in predicted
        refused = client.post(address, data=dict(texts + lists) | {"column.age": "old"})
        assert refused.status_code == 400
        assert re.search(r"age: expected a number such as \d+, got 'old'", unescape(refused.text))
        assert 'name="column.age" value="old"' in refused.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("vision.classify/digits", ["file", "draw"]),
        ("clustering.deep/mnist", ["file", "draw"]),
        ("medical.classify/pneumoniamnist", ["file"]),  # nobody draws an X-ray
        ("faces.recognize/orl", ["file"]),
        ("vision.detect/bccd", ["file"]),
        ("speech.commands/digits", ["file", "record"]),
        ("sentiment.classify/reviews", ["text"]),
        ("fraud.detect/simulated", ["column", "json"]),
    ],
)
def test_a_model_is_tried_with_what_its_task_takes(name, parts, tmp_path):
    """Recordings, drawings and rows have fields because of the task's request description and columns alone."""
    marks = {"file": 'name="file"', "draw": "data-draw=", "record": "data-record=", "text": 'name="text"'}
    marks |= {"column": 'name="column.', "json": 'name="document"'}
    with studio(tmp_path, MODELS / name) as client:
        page = client.get(f"/models/{name.replace('/', '.')}").text
        assert [part for part, mark in marks.items() if mark in page] == parts
        if "column" in parts:
            fields = dict(re.findall(r'name="column\.(\w+)" value="([^"]*)"', page))
            assert list(fields) == ["time", "customer", "terminal", "amount"]
            assert [name for name, value in fields.items() if not value] == ["customer", "terminal"]  # no account
            fields = {f"column.{name}": value or "new" for name, value in fields.items()}
            predicted = client.post(f"/models/{name.replace('/', '.')}/predict", data=fields)
            assert "<dt>Probability</dt>" in predicted.text


def test_a_prediction_is_shown_in_words_and_tables():
    answer = {
        "objects": [{"label": "cat", "box": (1.5, 2.0)}, {"label": "dog", "probability": 0.25}],
        "alternatives": {"cat": 0.75, "dog": 0.25},
        "counts": {"cat": 1, "dog": 0},
        "embedding": [0.1] * 13,
        "is_proven": False,
        "distance": 0.5,
        "note": "",
    }
    shown = shown_prediction({"answer": answer, "lines": ["2 objects", "", "cat\nat 1.5"]})
    assert shown["lines"] == ["2 objects", "cat\\nat 1.5"]
    objects, alternatives, counts, *others = shown["fields"]
    assert objects["header"] == ["Label", "Box", "Probability"]
    assert objects["rows"] == [["cat", "1.500, 2", ""], ["dog", "", "0.2500"]]
    assert [(bar["label"], bar["share"]) for bar in alternatives["bars"]] == [("cat", 0.75), ("dog", 0.25)]
    assert (counts["text"], counts["bars"]) == ("cat: 1, dog: 0", [])
    assert [(field["label"], field["text"], field["bars"]) for field in others] == [
        ("Embedding", "13 numbers", []), ("Is proven", "no", []), ("Distance", "0.5000", []),
    ]  # fmt: skip
    many = shown_prediction({"answer": {"rows": [{"x": number} for number in range(51)]}, "lines": []})["fields"][0]
    assert (len(many["rows"]), many["text"]) == (50, "the first 50 of 51")


@pytest.mark.slow
def test_a_model_of_sentences_shows_the_line_of_the_command_line_and_a_table(tmp_path):
    text = "The plot is thin. I loved the acting."
    with studio(tmp_path, REVIEWS) as client:
        page = unescape(client.post("/models/sentiment.classify.reviews/predict", data={"text": text}).text)
    (prediction,) = plexus.load(REVIEWS).predict([text])
    assert f'<p class="value">{prediction}</p>' in page
    assert page.count("<td>I loved the acting.</td>") == 1


class Page:
    """A lazy page of a fake app: counts how often it is built."""

    def __init__(self):
        self.built, self.version, self.error = 0, 1, None
        self.lazy = LazyPage(self.build, lambda: self.version, lambda error: PlainTextResponse(str(error), 400))
        self.server = FastAPI()
        self.server.mount("/apps/x", self.lazy)

    def build(self):
        if self.error:
            raise self.error
        self.built += 1
        server = FastAPI()
        server.mount("/apps/x", PlainTextResponse(f"page {self.built}"))
        return server


def test_a_page_is_built_when_it_is_opened_and_again_when_its_models_changed():
    page = Page()
    with TestClient(page.server) as client:
        assert page.built == 0
        assert client.get("/apps/x/").text == client.get("/apps/x/").text == "page 1"
        page.version = 2
        assert client.get("/apps/x/file").text == "page 1"  # only a page that is opened is built again
        assert client.get("/apps/x/").text == "page 2"
        page.version, page.error = 3, InputError("no model")
        assert client.get("/apps/x/").text == "page 2"


def test_a_page_that_cannot_be_built_says_why_until_it_can():
    page = Page()
    page.error = InputError("no model")
    with TestClient(page.server) as client:
        assert (client.get("/apps/x/").status_code, client.get("/apps/x/").text) == (400, "no model")
        page.error = None
        assert client.get("/apps/x/").text == "page 1"


def test_requests_wait_for_the_startup_of_a_page():
    """Two requests at once: the second one is not served before the page has started; a failed start is repeated."""
    events, page = [], Page()

    @asynccontextmanager
    async def lifespan(server):
        await asyncio.sleep(0.1)
        if len(events) == 0:
            events.append("failed")
            raise OSError("no port")
        events.append("started")
        yield

    def build():
        server = FastAPI(lifespan=lifespan)
        server.mount("/apps/x", PlainTextResponse("page"))
        return server

    page.lazy = LazyPage(build, lambda: 1, lambda error: PlainTextResponse(str(error), 400))

    async def request():
        messages = []

        async def send(message):
            messages.append(message)

        await page.lazy({"type": "http", "path": "/apps/x/", "root_path": "/apps/x"}, None, send)
        return b"".join(message.get("body", b"") for message in messages), list(events)

    async def run():
        failures = await asyncio.gather(request(), request(), return_exceptions=True)
        return failures, await asyncio.gather(request(), request())

    failures, answers = asyncio.run(run())
    assert [str(error) for error in failures] == ["no port", "no port"]
    assert answers == [(b"page", ["failed", "started"])] * 2


def test_no_event_is_processed_while_a_page_is_built():
    lock, order = BuildLock(), []

    async def event():
        async with lock.event():
            order.append("event")

    with lock.building():
        waiting = threading.Thread(target=asyncio.run, args=(event(),))
        waiting.start()
        time.sleep(0.1)
        order.append("built")
    waiting.join(5)
    assert order == ["built", "event"]


def test_a_page_that_does_not_wait_for_an_event_any_longer_is_logged(monkeypatch, caplog):
    monkeypatch.setattr(build_lock, "EVENT_SECONDS", 0.01)
    lock = BuildLock()

    async def build_during_an_event():
        async with lock.event():
            with lock.building():
                pass

    asyncio.run(build_during_an_event())
    assert "although events of other pages have not ended within 0.01 s: 1" in caplog.text


@pytest.mark.slow
def test_every_page_works_for_a_plugin_of_somebody_else(parity, tmp_path):
    runs = tmp_path / "runs"
    for name, epochs in (("short", 1), ("long", 3)):
        plexus.train("logic.parity", run=runs / "logic.parity" / name, data="6", epochs=epochs)
    with studio(runs) as client:
        for path in (
            "/",
            "/runs",
            "/runs/one/logic.parity/long",
            "/models",
            "/search?q=parity",
            "/data",
            "/train/logic.parity",
        ):
            page = client.get(path)
            assert page.status_code == 200, path
            assert "parity" in page.text, path
        ids = "run=logic.parity/short&run=logic.parity/long"
        assert re.search(r'<th scope="row">Epochs<td>1<td>3', client.get(f"/runs/compare?{ids}").text)
        assert client.get("/runs/report/logic.parity/long").status_code == 200
        assert "Try it" in client.get("/models/logic.parity.long").text
        predicted = client.post("/models/logic.parity.long/predict", data={"text": "101101"})
        assert re.search(r"<dt>label</dt><dd>(even|odd)", predicted.text, re.IGNORECASE)
        refused = client.post("/models/logic.parity.long/predict", data={"text": "1011"})
        assert refused.status_code == 400
        assert "expected a row of 6 bits, like 010101, got &#39;1011&#39;" in refused.text
        exported = finished_job(client, client.post("/models/logic.parity.long/export", data={"format": "onnx"}))
        assert "Download the file" in exported.text
        evaluated = finished_job(client, client.post("/models/logic.parity.long/evaluate", data={"data": "6"}))
        assert "primary metric" in evaluated.text
