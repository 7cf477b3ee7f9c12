"""Home, search, runs, models and apps of Studio in a browser: wide and narrow, light and dark, by keyboard alone."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from plexus.plugins.registry import registry
from plexus.run import Run

MODELS = Path(__file__).parents[2] / "models"
DIGITS, SPOKEN_DIGITS = MODELS / "vision.classify/digits", MODELS / "speech.commands/digits"
TONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext(), tone = context.createOscillator();
  const stream = context.createMediaStreamDestination();
  tone.connect(stream);
  tone.start();
  return stream.stream;
};
"""
"""A microphone for a browser that has none."""
WIDTHS, SCHEMES = (1280, 390), ("light", "dark")
PAGES = [
    "/",
    "/apps",
    "/search?q=digits",
    "/runs",
    "/runs/one/vision.classify/first",
    "/runs/one/vision.classify/stopped",
    "/runs/compare?run=vision.classify/first&run=vision.classify/second",
    "/models",
    "/models/vision.classify.digits",
    "/models/speech.commands.digits",
    "/runs/one/nothing",
    "/data",
    "/train",
    "/train/vision.classify",
]


def write_run(folder, finished=True, epochs=3):
    """Write a run as a training does."""
    task = registry().task("vision.classify")
    Run.start("vision.classify", task.options.parse({"data": "digits", "epochs": epochs}), folder=folder)
    lines = [{"epoch": n, "loss": 1 / (n + 1), "accuracy": 0.9 + n / 100, "seconds": 2.0} for n in range(epochs)]
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if finished:
        shutil.copytree(DIGITS, folder / "bundle")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio_pages")
    for name, finished, epochs in (("first", True, 3), ("second", True, 4), ("stopped", False, 2)):
        write_run(folder / "runs/vision.classify" / name, finished, epochs)
    return folder


@pytest.fixture(scope="module")
def address(folder, serve_pages):
    """The address of a `plexus open`."""
    with serve_pages(folder, DIGITS, SPOKEN_DIGITS) as address:
        yield address


@pytest.fixture
def opened(open_page, address):
    """The function that opens a page of Studio."""
    return lambda path, *looks, **settings: open_page(f"{address}{path}", *looks, **settings)


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_have_no_serious_fault_of_accessibility_and_fit(opened, page_faults, address, width):
    page = opened("/", width)
    for path in PAGES:
        page.goto(f"{address}{path}")
        for details in page.locator("details").all():
            details.evaluate("each => { each.open = true }")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert page_faults(page) == [], f"{path} in {scheme} mode"
        sizes = page.evaluate(
            "[...document.querySelectorAll('svg.curves text')].map(text => text.getBoundingClientRect().height)"
        )
        assert all(size >= 12 for size in sizes), path


def test_an_image_is_tried_on_the_page_of_a_model_by_keyboard_alone(opened, keyboard, faults_by_look, tmp_path):
    Image.new("L", (8, 8), 30).save(tmp_path / "zero.png")
    (tmp_path / "bad.png").write_text("no image")
    page = opened("/models/vision.classify.digits", 390, "dark")
    keys = keyboard(page)
    keys.upload(tmp_path / "bad.png", page.get_by_label("File").first)
    keys.press("Predict")
    page.get_by_role("alert").get_by_text("is not an image").wait_for()
    keys.upload(tmp_path / "zero.png", page.get_by_label("File").first)
    keys.reach(page.get_by_label("Explain the prediction"))
    page.keyboard.press("Space")
    keys.press("Predict")
    page.get_by_role("heading", name="Prediction for zero.png").wait_for()
    assert page.get_by_role("alert").count() == 0
    assert faults_by_look(page) == {}
    assert page.evaluate("document.querySelector('.result img').naturalWidth") > 50


@pytest.mark.slow
def test_a_drawing_is_tried_on_the_page_of_a_model(opened):
    page = opened("/models/vision.classify.digits", 390)
    page.get_by_text("Draw an image").click()
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 40, steps=5)
    page.mouse.up()
    page.get_by_text("The drawing is the file.").wait_for()
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("heading", name="Prediction for drawing.png").wait_for()
    assert page.locator(".result dd").first.inner_text() == "1"


@pytest.mark.slow
def test_a_recording_is_tried_on_the_page_of_a_model(opened):
    page = opened("/models/speech.commands.digits")
    page.evaluate(TONE)
    page.get_by_role("button", name="Record").click()
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Recorded.").wait_for()
    assert page.locator("audio").evaluate(
        "sound => new Promise(done => { sound.onloadedmetadata = () => done(sound.duration); sound.load() })"
    ) == pytest.approx(0.7, abs=0.5)
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("heading", name="Prediction for recording.wav").wait_for()


@pytest.mark.slow
def test_a_model_is_exported_on_its_page(opened, page_faults):
    page = opened("/models/vision.classify.digits")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("link", name="Download the file").wait_for()  # the page loads itself again
    assert page_faults(page) == []


@pytest.mark.slow
def test_runs_are_compared_and_removed_and_restored_by_keyboard_alone(opened):
    page = opened("/runs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to content"
    for name in ("first", "second"):
        page.get_by_label(f"Select {name}").focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Compare").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Options that differ").wait_for()
    assert page.locator("svg.curves").count() == 2
    page.go_back()
    page.get_by_label("Select stopped").focus()
    page.keyboard.press("Space")
    for name in ("first", "second"):
        page.get_by_label(f"Select {name}").uncheck()
    page.get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 run removed.").wait_for()
    assert page.get_by_label("Select stopped").count() == 0
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.get_by_text("restored.").wait_for()
    assert page.get_by_label("Select stopped").count() == 1


def test_the_search_leads_from_any_page_to_a_run_by_keyboard_alone(opened, keyboard):
    page = opened("/models", 390)
    keys = keyboard(page)
    keys.type("Search", "first")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search**")
    keys.press("first", "link")
    page.get_by_role("heading", name="first", exact=True).wait_for()


@pytest.mark.slow
def test_an_app_leads_back_to_studio_and_offers_a_model_that_was_trained_meanwhile(opened, address, folder):
    page = opened("/")
    page.get_by_role("link", name="Image recognition").click()
    page.wait_for_selector("h1", timeout=60_000)
    write_run(folder / "runs/vision.classify/later")
    page.goto(f"{address}/apps/image-recognition/")
    page.get_by_label("Model").first.click(timeout=60_000)
    page.get_by_role("option", name="vision.classify.later").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("navigation", name="Plexus Studio").get_by_role("link", name="Runs").click()
    page.get_by_role("link", name="later", exact=True).wait_for()
    shutil.rmtree(folder / "runs/vision.classify/later")
