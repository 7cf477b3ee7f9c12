"""The data explorer: what it computes, and its pages without a browser."""

import gc
import io
import re
import time
import wave
import zipfile

import numpy as np
import polars as pl
import pytest
from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from plexus import Examples
from plexus.data.column_summary import summarize_column
from plexus.data.duplicate_examples import Place, equal_examples, near_duplicates
from plexus.data.example_view import ExampleView
from plexus.data.label_errors import find_label_errors
from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.serve.hosts import HostPolicy
from plexus.serve.keys import Keys
from plexus.serve.limits import ServerLimits
from plexus.serve.middleware import RequestMiddleware
from plexus.serve.models import Models
from plexus.studio import data_reader
from plexus.studio.data_examples import _polylines
from plexus.studio.data_reader import DataReader
from plexus.studio.data_record import DataRequest
from plexus.studio.exploration import Exploration
from plexus.studio.site import Site
from plexus.studio.studio import mount_studio

LIMITS = ServerLimits(max_bytes=32 << 20, max_requests=64, max_seconds=30, max_batch_size=64)
TRAVERSAL = "../outside.csv"
IMAGES = ["cifar10", "digits", "drawn_faces", "drawn_xrays", "fashion_mnist", "mnist", "pneumoniamnist", "usps"]
TABLES = ["banknote_authentication", "breast_cancer", "diabetes", "german_credit", "pima_diabetes", "wine"]


def explore(task_id, **values):
    """Read a dataset as the explorer does."""
    task = registry().task(task_id)
    options = task.options.parse(values or dict(task.trial_options))
    return Exploration(task, options, task.load_dataset(options))


def picture(folder, name, pixels):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, np.uint8)).save(file, "PNG")
    return file


def sound(file, samples, rate=8000):
    with wave.open(str(file), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(rate)
        target.writeframes(samples.astype("<i2").tobytes())
    return file


def make_client(host="127.0.0.1"):
    """Return a client of a server with Studio alone."""
    app = FastAPI()
    app.add_middleware(RequestMiddleware, keys=Keys([]), hosts=HostPolicy("127.0.0.1", False), limits=LIMITS)
    models = Models(list, 64)
    mount_studio(app, Site(models, {}))
    return TestClient(app, base_url="http://127.0.0.1", client=(host, 50000))


@pytest.fixture
def client():
    with make_client() as client:
        yield client


def finished(client, url):
    """Load a page until it no longer refreshes itself."""
    for _ in range(600):
        page = client.get(url)
        if "http-equiv" not in page.text:
            return page
        time.sleep(0.05)
    raise AssertionError(f"{url} is still working")


def explored(client, task, files=(), **fields):
    """Send the form, and return the page of the data once they are read."""
    data = {"task": task, **fields}
    upload = [("files", file) for file in files]
    page = client.post("/data/sets", data=data, files=upload or None)
    return finished(client, page.url) if page.url.path != "/data/sets" else page


def error_of(page):
    return re.search(r'role="alert">(.*?)</div>', page.text, re.DOTALL)[1]


def zipped(*members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("raw_input", "kind"),
    [
        ("a text", "text"),
        ({"age": 3}, "row"),
        (np.zeros((4, 4), np.uint8), "image"),
        (np.zeros((4, 5, 3)), "image"),
        (np.zeros((20, 3)), "series"),
        (np.zeros(20), "series"),
        (3.5, "text"),
        (b"%PDF-1.7 something", "other"),
    ],
)
def test_a_raw_input_is_shown_by_its_type(raw_input, kind):
    assert ExampleView.of(raw_input).kind == kind


def test_files_are_shown_by_their_content(tmp_path):
    image = picture(tmp_path, "wrong-suffix.dat", np.arange(16).reshape(4, 4))
    recording = sound(tmp_path / "beep.wav", np.arange(-400, 400))
    view = ExampleView.of(image)
    assert (view.kind, view.name) == ("image", "wrong-suffix.dat")
    assert view.pixels().ravel().tolist() == list(range(16))
    samples, rate = ExampleView.of(recording).samples(0.05)
    assert ExampleView.of(recording).kind == "sound"
    assert rate == 8000
    assert samples[:2] * 32768 == pytest.approx([-400, -399])


def test_examples_with_equal_content_have_equal_digests(tmp_path):
    first, second = (picture(tmp_path, name, np.ones((3, 3))) for name in ("a.png", "b.png"))
    assert ExampleView.of(first).digest() == ExampleView.of(second).digest()
    zeros = [ExampleView.of(np.zeros(shape, np.uint8)).digest() for shape in ((2, 6), (3, 4))]
    assert zeros[0] != zeros[1]


def test_columns_are_summarized():
    ages = summarize_column(pl.Series("age", [*range(1, 11), None, float("nan")], strict=False).cast(float))
    assert (ages.type, ages.rows, ages.missing, ages.distinct) == ("number", 12, 2, 10)
    assert (ages.lowest, ages.middle, ages.highest, sum(ages.bins)) == ("1", "5.5", "10", 10)
    towns = summarize_column(pl.Series("town", ["Oslo", "Rome", "Oslo", " ", None]))
    assert (towns.type, towns.missing, towns.values) == ("text", 2, (("Oslo", 2), ("Rome", 1)))
    empty = summarize_column(pl.Series("nothing", [None, None], dtype=pl.Float64))
    assert (empty.missing, empty.distinct, empty.missing_share) == (2, 0, 1.0)


def test_a_label_is_suspicious_beyond_the_mean_probability_of_the_other_class():
    probabilities = np.array([[0.9, 0.1], [0.7, 0.3], [0.05, 0.95], [0.1, 0.9], [0.4, 0.6], [0.2, 0.8]])
    classes = np.array([0, 0, 0, 1, 1, 1])
    errors = find_label_errors(probabilities, classes)
    # The thresholds are (0.9 + 0.7 + 0.05) / 3 = 0.55 and (0.9 + 0.6 + 0.8) / 3 = 0.767.
    assert [(error.row, error.suggested) for error in errors] == [(2, 1)]
    assert (errors[0].label_probability, errors[0].suggested_probability) == (0.05, 0.95)


@pytest.mark.slow
def test_changed_labels_are_found_among_digits():
    exploration = explore("vision.classify", data="digits")
    train = exploration.splits["train"]
    changed = np.random.default_rng(0).permutation(len(train))[:70]
    for row in changed:
        train.targets[row] = str((int(train.targets[row]) + 1) % 10)
    errors, method, checked = exploration.find_label_errors()
    assert checked == 1797
    assert "gradient histograms" in method
    first = {place for place, _, _ in errors[:70]}
    hits = [row for row in changed if Place("train", int(row)) in first]
    assert len(hits) >= 60
    suggestions = {place: suggested for place, suggested, _ in errors}
    right = [str((int(train.targets[row]) - 1) % 10) == suggestions[Place("train", int(row))] for row in hits]
    assert np.mean(right) > 0.9


def test_a_column_that_holds_the_labels_is_not_used_to_check_them(tmp_path):
    generator = np.random.default_rng(0)
    rows = [f"{value:.3f},{int(value > 0)},{'yes' if value > 0 else 'no'}" for value in generator.normal(size=200)]
    rows[7] = "-2.5,1,yes"
    (tmp_path / "table.csv").write_text("x,copy,label\n" + "\n".join(rows))
    exploration = explore("tables.classify", data=str(tmp_path / "table.csv"), target="label")
    (place, suggested, _), *_ = exploration.find_label_errors()[0]
    assert exploration.view(place).content["x"] == -2.5
    assert suggested == "no"


def test_duplicates_with_different_labels_come_first():
    splits = {
        "train": Examples(["a", "b", "c", "c"], ["x", "x", "y", "y"]),
        "test": Examples(["d", "a", "b"], ["x", "y", "x"]),
    }
    groups = equal_examples({name: [text.encode() for text in e.inputs] for name, e in splits.items()}, splits)
    assert [group.places[0] for group in groups] == [Place("train", 0), Place("train", 1), Place("train", 2)]
    assert [group.has_conflict for group in groups] == [True, False, False]
    assert [group.crosses_splits for group in groups] == [True, True, False]


def test_near_duplicates_are_shown_with_their_partner():
    def find(examples, reference):
        letters = set("".join(reference.inputs).lower())
        return np.array([set(text.lower()) <= letters for text in examples.inputs], bool)

    train = Examples(["kl", "mn", "Ab", "xy"], ["1"] * 4)
    splits = {"train": train, "val": Examples(["aB", "zz", "km"], ["1"] * 3), "test": Examples(["XY"], ["2"])}
    count, pairs = near_duplicates(find, splits, [])
    assert count == 3  # "km" has its letters in two texts: it is no duplicate of either
    assert [pair.places for pair in pairs] == [
        (Place("val", 0), Place("train", 2)),
        (Place("test", 0), Place("train", 3)),
    ]
    assert [pair.has_conflict for pair in pairs] == [False, True]


def test_a_third_party_task_is_explored(parity, client):
    assert "logic.parity" in client.get("/data").text
    page = explored(client, "logic.parity", path="6", **{"option.seed": "3"})
    assert page.status_code == 200
    assert "A training could start" in page.text
    assert "seed 3" in page.text
    assert re.search(r"2,\d{3}</p>", page.text)  # rows of the training split
    examples = client.get(f"{page.url}/examples?split=test&label=odd").text
    assert re.search(r"<p>[01]{6}</p>", examples)
    assert 'class="target">even' not in examples
    duplicates = finished(client, f"{page.url}/duplicates").text
    assert "In two splits" in duplicates  # there are 64 different rows of 6 bits
    assert client.post(f"{page.url}/labels").status_code == 200
    assert "labels are suspicious" in finished(client, f"{page.url}/labels").text
    overview = client.get(page.url).text
    assert "repeated examples" in overview
    assert "labels are probably wrong</a>" in overview


@pytest.mark.slow
def test_a_third_party_task_of_series_is_explored(turbines_path, on_path):
    on_path(turbines_path)
    with make_client() as client:
        page = explored(client, "turbines.life", path="24")
        assert "Distribution of the target" in page.text
        assert "<polyline" in client.get(f"{page.url}/examples").text
        assert "has no class labels in this dataset" in client.get(f"{page.url}/labels").text


def test_a_gap_in_a_series_is_not_drawn():
    assert _polylines(np.array([[5.0], [6.0], [np.nan], [7.0], [6.5]])) == [
        "2.0,58.0 61.0,30.0",
        "179.0,2.0 238.0,16.0",  # scaled from 5 to 7, without 0
    ]
    assert _polylines(np.full(3, np.nan)) == []
    assert _polylines(np.ones(2)) == ["2.0,30.0 238.0,30.0"]


def test_rows_with_different_columns_are_shown_under_their_names(client, monkeypatch):
    rows = [{"size": 1, "color": "red"}, {"color": "green", "weight": 3}]
    monkeypatch.setattr(Exploration, "view", lambda self, place: ExampleView.of(rows[place.row % 2]))
    page = client.get(f"{explored(client, 'tables.classify', [('a.csv', table())]).url}/examples").text
    assert re.findall(r'<th scope="col">(\w+)</th>', page)[2:] == ["size", "color", "weight"]
    assert "<td>1</td><td>red</td><td></td></tr>" in page
    assert "<td></td><td>green</td><td>3</td></tr>" in page


@pytest.mark.slow
def test_images_are_served_as_thumbnails(client, tmp_path):
    generator = np.random.default_rng(0)
    for label in ("cat", "dog"):
        for number in range(12):
            picture(tmp_path, f"pets/{label}/{number}.png", generator.integers(0, 255, (300, 400, 3)))
    page = explored(client, "vision.classify", path=str(tmp_path / "pets"))
    examples = client.get(f"{page.url}/examples?label=dog")
    sources = re.findall(r'<img src="([^"]+)"', examples.text)
    content = client.get(sources[0])
    assert content.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(content.content)).size == (240, 180)
    assert Image.open(io.BytesIO(client.get(f"{sources[0]}?full=true").content)).size == (400, 300)
    assert str(tmp_path) not in page.text + examples.text
    for row in ("100000", "-1"):
        missing = client.get(sources[0].rsplit("/", 1)[0] + f"/{row}")
        assert missing.status_code == 404


def test_files_that_are_gone_are_said_to_be(client, tmp_path):
    for label in ("cat", "dog"):
        for number in range(8):
            picture(tmp_path, f"pets/{label}/{number}.png", np.full((8, 8), 10 * number + len(label)))
    page = explored(client, "vision.classify", path=str(tmp_path / "pets"))
    finished(client, f"{page.url}/duplicates")
    for file in tmp_path.glob("pets/*/*"):
        file.unlink()
    source = re.search(r'<img src="([^"]+)"', client.get(f"{page.url}/examples").text)[1]
    answer = client.get(source)
    assert answer.status_code == 404
    assert str(tmp_path) not in answer.text


def table(rows=40):
    lines = [f"{number},{'green' if number % 3 else ''},{'yes' if number % 2 else 'no'}" for number in range(rows)]
    return ("size,colour,ripe\n" + "\n".join(lines) + "\n").encode()


def test_an_uploaded_table_is_explored(client):
    page = explored(client, "tables.classify", [("fruit.csv", table())], **{"option.target": "ripe"})
    assert page.status_code == 200
    assert "<h1>fruit.csv</h1>" in page.text
    assert "Missing values: 14 cells in 1 of 2 columns</a></li>" in page.text
    columns = client.get(f"{page.url}/columns").text
    assert "14 missing (35.0%)" in columns
    assert "Histogram of size" in columns
    assert "ripe" not in re.findall(r"<h2>(.*?)</h2>", columns)
    assert "fruit.csv" in client.get("/data").text


def test_the_form_has_the_columns_of_a_table_and_marks_a_wrong_one(client):
    page = explored(client, "tables.classify", [("fruit.csv", table())], **{"option.target": "rype"})
    assert page.status_code == 422
    assert "ripe" in error_of(page)
    assert "<details open><summary>Other options of tables.classify</summary>" in page.text
    assert re.search(r'name="option.target" value="rype"', page.text)


def test_labels_that_a_split_lacks_are_named_unless_the_splits_are_meant_to_differ(client):
    rows = "".join(f"{number % 7},{'rare' if number < 1 else 'often'}\n" for number in range(60))
    rare = explored(
        client, "tables.classify", [("a.csv", f"size,label\n{rows}".encode())], **{"option.target": "label"}
    )
    assert re.search(r"The (val|test) split has no example of rare\.", rare.text)
    persons = explored(client, "faces.recognize", name="drawn_faces")
    assert persons.status_code == 200
    assert "on persons that training never saw" in persons.text
    assert "has no example of" not in persons.text


def test_targets_that_are_numbers_are_summarized_in_each_split(client):
    page = explored(client, "tables.regress", name="diabetes").text
    assert re.search(r'<tr><th scope="row">test</th><td class="number">66</td><td class="number">\d+', page)
    assert re.search(r"<p>missing values</p><p class=\"value\">0</p>", page)


def test_a_zip_and_several_files_are_explored(client, tmp_path):
    files = [
        (
            f"{label}/{number}.png",
            picture(tmp_path, f"{label}{number}.png", np.full((6, 6), shade + number)).read_bytes(),
        )
        for label, shade in (("dark", 0), ("light", 200))
        for number in range(10)
    ]
    for upload, title in (
        ([("shades.zip", zipped(*files))], "shades.zip"),
        ([(f"shades/{name}", content) for name, content in files], "shades"),
    ):
        page = explored(client, "vision.classify", upload)
        assert page.status_code == 200, error_of(page)
        assert f"<h1>{title}</h1>" in page.text
        assert re.search(r"dark</a></th><td class=\"number\">10<", page.text)
    csv = explored(client, "tables.classify", [("fruit.zip", zipped(("fruit.csv", table())))])
    assert csv.status_code == 200, error_of(csv)


@pytest.mark.parametrize(
    ("task", "files", "fields", "message"),
    [
        ("vision.classify", [], {}, "choose a name, a path or an upload"),
        ("vision.classify", [], {"name": "digits", "path": "/tmp"}, "expected one of them, got 2"),
        ("vision.classify", [], {"name": "digits", "option.seed": "-1"}, "Seed must be greater than or equal to 0"),
        ("vision.classify", [], {"name": "digits", "option.nonsense": "1"}, "nonsense"),
        ("vision.classify", [], {"path": "/nowhere/pets"}, "pets: there is no such file or folder"),
        ("vision.classify", [], {"path": "mnits"}, "mnist"),
        ("vision.classify", [("a.zip", b"PK\3\4 broken")], {}, "a.zip cannot be unpacked: it is damaged"),
        ("vision.classify", [("a.zip", zipped((TRAVERSAL, "1")))], {}, "which leads out of the folder"),
        ("vision.classify", [("a.zip", zipped())], {}, "a.zip has no files"),
        ("tables.classify", [(TRAVERSAL, b"a,b\n1,2\n")], {}, "expected a plain name of a file"),
        ("tables.classify", [("a.csv", b"a\n1\n"), ("a.csv", b"a\n1\n")], {}, "two uploaded files have the same name"),
        ("tables.classify", [("empty.csv", b"")], {}, "empty.csv"),
        ("tables.classify", [("header.csv", b"a,b,label\n")], {}, "header.csv"),
    ],
)
def test_what_is_wrong_with_the_data_is_said_on_the_form(client, tmp_path, task, files, fields, message):
    page = explored(client, task, files, **fields)
    assert page.status_code == 422
    line = error_of(page) + "".join(re.findall(r'<strong class="wrong">(.*?)</strong>', page.text))
    assert message in line
    assert "\n" not in line
    assert "plexus-process" not in page.text
    assert "uploads" not in line
    for name in ("path", "option.seed"):
        if name in fields:
            assert f'value="{fields[name]}"' in page.text
    if "name" in fields:
        assert f'<option value="{fields["name"]}" selected>' in page.text


def test_each_wrong_option_is_reported_at_its_field(client):
    fields = {"name": "digits", "option.seed": "-1", "option.augment": "much"}
    page = explored(client, "vision.classify", **fields)
    assert error_of(page) == "Correct the marked fields: Seed, Augment."
    seed, augment = (
        re.search(rf'id="option-{name}-help"><strong class="wrong">(.*?)</strong>', page.text)[1]
        for name in ("seed", "augment")
    )
    assert seed == "Seed must be greater than or equal to 0, not &#39;-1&#39;"
    assert augment.startswith("Augment must be ")
    assert page.text.count('aria-invalid="true"') == 2


@pytest.mark.parametrize(
    ("task", "names"),
    [
        (
            "clustering.deep",
            sorted([*IMAGES, "breast_cancer", "clustering_benchmark", "diabetes", "drawn_shapes", "wine"]),
        ),
        ("games.board", ["connect_four"]),
        ("games.play", ["CartPole-v1"]),
        ("logic.parity", ["6"]),
        ("speech.transcribe", ["spoken-strings"]),
        ("tables.classify", TABLES),
        ("tables.regress", TABLES),
        ("vision.classify", IMAGES),
        ("vision.detect", ["bccd", "drawn_shapes"]),
        ("vision.pretrain", sorted([*IMAGES, "drawn_shapes"])),
    ],
)
def test_a_task_is_offered_the_data_that_it_reads(parity, client, task, names):
    page = client.get(f"/data/new?task={task}").text
    select = re.search(r'<select id="name".*?</select>', page, re.DOTALL)[0]
    assert re.findall(r'<option value="([^"]+)"', select) == names
    datalist = re.search(r"<datalist.*?</datalist>", client.get(f"/train/{task}").text)[0]
    assert re.findall(r'<option value="([^"]+)"', datalist) == names


def test_the_search_offers_data_for_the_tasks_that_read_them(client):
    page = client.get("/search", params={"q": "digits part of scikit-learn"}).text
    tasks = ["clustering.deep", "vision.classify", "vision.pretrain"]
    assert re.findall(r'href="/data/new\?task=([^&]+)&amp;name=digits"', page) == tasks


def test_data_that_are_no_files_have_a_label_of_their_own(client):
    page = client.get("/data/new?task=games.play").text
    assert re.findall(r'<label for="(?:name|path)">(.*?)</label>', page) == ["Environment", "Other environment"]
    assert "Environment: the id of a registered one" in re.search(r'<small id="path-help">(.*?)</small>', page)[1]
    form = client.get("/train/games.play").text
    assert '<label for="option-data">Environment</label>' in form
    assert 'type="file"' not in page + form
    assert '<label for="option-data">Data</label>' in client.get("/train/vision.classify").text


def test_a_name_that_is_no_data_set_of_the_task_can_be_chosen_anywhere(parity):
    with make_client("192.0.2.7") as client:
        page = explored(client, "logic.parity", name="6")
        assert page.status_code == 200
        assert "Train a model on these data" in page.text


def test_data_of_one_class_are_shown_with_what_is_wrong(client, tmp_path):
    for number in range(12):
        picture(tmp_path, f"pets/cat/{number}.png", np.full((8, 8), number))
    page = explored(client, "vision.classify", path=str(tmp_path / "pets"))
    assert page.status_code == 422
    assert "cat" in error_of(page)
    assert str(tmp_path) not in error_of(page)
    lines = "size,label\n" + "\n".join(f"{number},good" for number in range(30))
    one = explored(client, "tables.classify", [("one.csv", lines.encode())], **{"option.target": "label"})
    assert "There is one label only" in one.text
    assert "No training could start: one.csv" in one.text


def test_a_task_without_examples_says_so(client):
    page = explored(client, "games.board", path="tic_tac_toe")
    assert page.status_code == 200, error_of(page)
    assert "This task shows no examples" in page.text
    assert client.get(f"{page.url}/examples", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/data/new?task=vision.nothing", 404),
        ("/data/new", 400),
        ("/data/sets/0000", 404),
        ("/data/sets/0000/files/train/0", 404),
        ("/data/sets/0000/examples?page=x", 400),
    ],
)
def test_addresses_of_nothing_are_pages_of_errors(client, address, status):
    assert client.get(address).status_code == status


def test_other_machines_name_no_path(tmp_path):
    with make_client("192.0.2.7") as client:
        assert 'name="path"' not in client.get("/data/new?task=vision.classify").text
        page = explored(client, "vision.classify", path=str(tmp_path))
        assert page.status_code == 422
        assert "only its own browser" in error_of(page)
        unlabelled = {"name": "digits", "option.unlabelled": str(tmp_path)}
        assert "only its own browser" in error_of(explored(client, "vision.classify", **unlabelled))
        page = explored(client, "vision.classify", name=str(tmp_path))
        assert "there is no data set" in error_of(page)
        assert explored(client, "vision.classify", name="digits").status_code == 200


def test_pages_of_other_sites_start_nothing(client):
    data = {"task": "vision.classify", "name": "digits"}
    answer = client.post("/data/sets", data=data, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


def request_of(folder, name, seed="0"):
    return DataRequest("tables.classify", name, {"seed": seed}, None, str(folder / name))


def test_data_are_read_once_until_they_change(tmp_path):
    (tmp_path / "a.csv").write_bytes(table())
    reader = DataReader(registry())
    first = ready(reader, request_of(tmp_path, "a.csv"))
    assert reader.start(request_of(tmp_path, "a.csv")) is first
    assert reader.start(request_of(tmp_path, "a.csv", "1")) is not first
    (tmp_path / "a.csv").write_bytes(table(50))
    changed = ready(reader, request_of(tmp_path, "a.csv"))
    assert changed is not first
    assert sum(changed.exploration.counts.values()) == 50


def test_few_datasets_stay_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(data_reader, "MAX_IN_MEMORY", 2)
    reader = DataReader(registry())
    records = []
    for number in range(4):
        (tmp_path / f"{number}.csv").write_bytes(table(40 + number))
        records.append(ready(reader, request_of(tmp_path, f"{number}.csv")))
    assert [record.exploration is not None for record in records] == [False, False, True, True]
    assert records[0].state == "dropped"
    assert ready(reader, records[0].request).exploration is not None


def test_an_error_of_a_plugin_is_not_shown_but_logged(tmp_path, monkeypatch, caplog):
    (tmp_path / "a.csv").write_bytes(table())
    task = type(registry().task("tables.classify"))
    monkeypatch.setattr(task, "load_dataset", lambda self, options: 1 / 0)
    reader = DataReader(registry())
    record = reader.start(request_of(tmp_path, "a.csv"))
    while record.state in {"queued", "working"}:
        time.sleep(0.01)
    assert record.state == "failed"
    assert "division" not in record.error
    assert "ZeroDivisionError" in caplog.text


def ready(reader, request):
    """Read data to the end."""
    record = reader.start(request)
    for _ in range(1000):
        if record.state == "failed" or (record.state == "ready" and record.duplicates_state in {"ready", "failed"}):
            assert record.state == "ready", record.error
            return record
        time.sleep(0.02)
    raise AssertionError(record.state)


def test_labels_that_cannot_be_checked_are_refused():
    with pytest.raises(InputError, match="has no class labels in this dataset"):
        explore("tables.regress").find_label_errors()


@pytest.fixture
def frozen_objects():
    """Keep the garbage collector away from the objects of the tests before: it would stop the server for a second."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.slow
@pytest.mark.usefixtures("frozen_objects")
def test_pages_of_50000_images_take_less_than_a_second(client, tmp_path):
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 10, 50_000).astype(np.uint8)
    images = (generator.integers(0, 60, (50_000, 28, 28)) + 19 * labels[:, None, None]).astype(np.uint8)
    folder = tmp_path / "many"
    folder.mkdir()
    header = bytes([0, 0, 8, 3]) + np.array(images.shape, ">i4").tobytes()
    (folder / "train-images-idx3-ubyte").write_bytes(header + images.tobytes())
    header = bytes([0, 0, 8, 1]) + np.array(labels.shape, ">i4").tobytes()
    (folder / "train-labels-idx1-ubyte").write_bytes(header + labels.tobytes())
    page = explored(client, "vision.classify", path=str(folder))
    assert page.status_code == 200, error_of(page)
    sections = ["", "/examples", "/examples?split=train&label=3&page=150", "/duplicates", "/labels"]
    addresses = [*(f"{page.url}{section}" for section in sections), f"{page.url}/files/train/0?full=true", "/data"]
    while_searching = [seconds_of(client, address) for address in addresses]
    finished(client, f"{page.url}/duplicates")
    afterwards = [seconds_of(client, address) for address in addresses]
    print(f"{while_searching=} {afterwards=}")
    assert max(while_searching + afterwards) < 1


def seconds_of(client, address):
    """Return the time of a request."""
    start = time.perf_counter()
    assert client.get(address).status_code == 200
    return time.perf_counter() - start
