"""The pages of the data explorer in a browser."""

import io
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plexus import Examples
from plexus.data.duplicate_examples import Place
from plexus.plugins.registry import registry
from plexus.studio.data_media import image_file, sound_file
from plexus.studio.exploration import Exploration

BUNDLE = Path(__file__).parents[2] / "models/vision.classify/digits"
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]

KINDS = {
    "clustering.deep": "image",
    "faces.recognize": "image",
    "fraud.detect": "row",
    "games.board": "",
    "games.play": "",
    "language.translate": "text",
    "medical.classify": "image",
    "sentiment.classify": "text",
    "speech.commands": "sound",
    "speech.transcribe": "sound",
    "tables.classify": "row",
    "tables.diagnose": "row",
    "tables.regress": "row",
    "tables.risk": "row",
    "vision.classify": "image",
    "vision.detect": "image",
    "vision.pretrain": "image",
}
"""The type of the examples of each task; empty for tasks that make their examples while they learn."""
WITHOUT_LABELS = {
    "games.board",
    "games.play",
    "language.translate",
    "speech.transcribe",
    "tables.regress",
    "vision.pretrain",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory, serve_pages):
    """The address of a `plexus open`."""
    with serve_pages(tmp_path_factory.mktemp("data_pages"), BUNDLE) as address:
        yield address


@pytest.fixture
def opened(open_page, address):
    """The function that opens a page of Studio."""
    return lambda path, *looks, **settings: open_page(f"{address}{path}", *looks, **settings)


def wait_until_read(page):
    """Wait until no page of progress is shown any more."""
    for _ in range(1200):
        page.wait_for_load_state("load")
        if page.locator("[data-refresh]").count() == 0:
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.content())


def explore(opened, task, name):
    """Read a named dataset, and return the path of its page."""
    page = opened(f"/data/new?task={task}")
    page.get_by_label("Data set").select_option(value=name)
    page.get_by_role("button", name="Explore the data").click()
    page.wait_for_url("**/data/sets/*")
    wait_until_read(page)
    return page.url.removeprefix(page.url.split("/data")[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "name", "sections"),
    [
        ("vision.classify", "digits", ["", "examples", "duplicates", "labels"]),
        ("speech.commands", "spoken", ["", "examples"]),
        ("sentiment.classify", "phrases", ["", "examples", "duplicates"]),
        ("tables.classify", "breast_cancer", ["", "examples", "columns", "labels"]),
        ("vision.detect", "drawn_shapes", ["", "examples", "labels"]),
        ("games.play", None, [""]),
    ],
)
def test_all_sections_are_accessible_and_fit(opened, task, name, sections, page_faults):
    if name is None:
        page = opened(f"/data/new?task={task}")
        page.get_by_label("Environment", exact=True).select_option("CartPole-v1")
        page.get_by_role("button", name="Explore the data").click()
        page.wait_for_url("**/data/sets/*")
        wait_until_read(page)
        path = page.url.removeprefix(page.url.split("/data")[0])
    else:
        path = explore(opened, task, name)
    if "labels" in sections and task != "vision.detect":
        page = opened(f"{path}/labels")
        page.get_by_role("button", name="Check the labels").click()
        wait_until_read(page)
        assert "labels are suspicious" in page.inner_text("main")
    for section in sections:
        for width in (1280, 390):
            page = opened(f"{path}/{section}".rstrip("/"), width)
            wait_until_read(page)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                assert page_faults(page) == [], f"{section} at {width} in {scheme} mode"


@pytest.mark.slow
def test_the_way_to_the_data_is_accessible(opened, page_faults):
    for path in ("/data", "/data/new?task=tables.classify"):
        for width, scheme in LOOKS:
            page = opened(path, width, scheme)
            for details in page.locator("details").all():
                details.locator("summary").click()
            assert page_faults(page) == [], f"{path} at {width} in {scheme} mode"


@pytest.mark.slow
def test_data_are_explored_by_keyboard_alone(opened):
    page = opened("/data")
    tab_to(page, "Assign one label to an image")
    page.keyboard.press("Enter")
    page.wait_for_url("**/data/new?task=vision.classify")
    tab_to_field(page, "path")
    page.keyboard.type("nowhere")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").inner_text().startswith("there is no data set 'nowhere': there are ")
    tab_to_field(page, "name")
    page.keyboard.type("digits")
    tab_to_field(page, "path")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    tab_to(page, "Explore the data")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="digits", exact=True, level=1).wait_for()
    wait_until_read(page)
    tab_to(page, "Examples")
    page.keyboard.press("Enter")
    page.wait_for_url("**/examples")
    assert page.locator("img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") == 8


def tab_to(page, text):
    """Press Tab until the element with a text has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == text:
            return
    raise AssertionError(f"Tab does not reach {text} on {page.url}: {page.inner_text('main')}")


def tab_to_field(page, id):
    """Press Tab until a field has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == id:
            return
    raise AssertionError(f"Tab does not reach {id}")


@pytest.mark.slow
def test_sounds_can_be_played(opened):
    page = opened(f"{explore(opened, 'speech.commands', 'spoken')}/examples")
    sound = page.locator("audio").first
    assert sound.get_attribute("preload") == "none"
    length = sound.evaluate(
        "audio => new Promise(resolve => { audio.onloadedmetadata = () => resolve(audio.duration); audio.load(); "
        "audio.preload = 'metadata' })"
    )
    assert 0.05 < length < 2.5


@pytest.mark.slow
def test_a_bad_upload_is_said_and_a_good_one_is_shown(opened, tmp_path, page_faults):
    (tmp_path / "broken.zip").write_bytes(b"PK\3\4 no archive")
    with zipfile.ZipFile(tmp_path / "shades.zip", "w") as archive:
        for label, shade in (("dark", 0), ("light", 200)):
            for number in range(10):
                Image.fromarray(np.full((8, 8), shade + number, np.uint8)).save(tmp_path / "shade.png")
                archive.write(tmp_path / "shade.png", f"{label}/{number}.png")
    page = opened("/data/new?task=vision.classify", width=390)
    page.get_by_text("Options of reading and splitting").click()
    page.get_by_label("Seed", exact=True).fill("7")
    page.get_by_label("Upload", exact=True).set_input_files(tmp_path / "broken.zip")
    page.get_by_role("button", name="Explore the data").click()
    page.get_by_role("alert").wait_for()
    assert "broken.zip cannot be unpacked" in page.get_by_role("alert").inner_text()
    assert str(tmp_path) not in page.content()
    assert page.get_by_label("Seed", exact=True).input_value() == "7"
    assert page_faults(page) == []
    page.get_by_label("Upload", exact=True).set_input_files(tmp_path / "shades.zip")
    page.get_by_role("button", name="Explore the data").click()
    page.get_by_role("heading", name="shades.zip").wait_for()
    wait_until_read(page)
    assert not page.get_by_role("alert").is_visible()
    assert "seed 7" in page.inner_text("main")


@pytest.mark.slow
@pytest.mark.parametrize("id", registry().entries("tasks"))
def test_the_data_of_every_task_are_explored(id):
    exploration = explored_trial(id)
    assert exploration.kind == KINDS[id]
    assert sum(exploration.counts.values()) > 0
    for place in [Place(split, len(examples) - 1) for split, examples in exploration.splits.items()]:
        view = exploration.view(place)
        if view.kind == "image":
            assert Image.open(io.BytesIO(image_file(view))).width > 0
        if view.kind == "sound":
            with wave.open(io.BytesIO(sound_file(view))) as file:
                assert file.getnframes() > 0.05 * file.getframerate()
    assert bool(exploration.columns) == (exploration.kind == "row")
    has_labels = bool(exploration.class_counts)
    assert has_labels != (id in WITHOUT_LABELS)


def test_names_of_medical_files_are_not_shown(tmp_path):
    task = registry().task("medical.classify")
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(tmp_path / "ada_byron.png")
    view = task.show_example(Examples([tmp_path / "ada_byron.png"], ["normal"]), 0)
    assert (view.kind, view.name, view.pixels().shape) == ("image", "", (32, 32, 1))


def test_annotated_boxes_are_drawn_and_their_labels_are_counted():
    exploration = explored_trial("vision.detect")
    place = Place("train", 0)
    view = exploration.view(place)
    assert not np.array_equal(view.draw()[:128, :128], view.pixels())
    target = exploration.splits["train"].targets[0]
    assert exploration.labels(target) == target.labels
    assert sum(exploration.class_counts["train"].values()) > exploration.counts["train"]
    assert "exactly one label" in exploration.label_problem


def explored_trial(id):
    """Read the data of the trial of a task."""
    task = registry().task(id)
    options = task.options.parse(dict(task.trial_options))
    return Exploration(task, options, task.load_dataset(options))
