"""Home, search, runs, models and apps of Studio in a browser: wide and narrow, light and dark, by keyboard alone."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from plexus.plugins.registry import registry
from plexus.run import Run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DIGITS = Path(__file__).parents[2] / "models/vision.classify/digits"
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
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
    "/runs/one/nothing",
    "/data",
    "/train",
    "/train/vision.classify",
]
SERIOUS = {"serious", "critical"}


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
def address(folder):
    """The address of a `plexus open`."""
    command = [sys.executable, "-m", "plexus", "open", str(DIGITS), "--no-browser", "--port", "0"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stderr=log, stdout=log)
    for _ in range(1200):
        if match := re.search(r"http://\S+", (folder / "log").read_text()):
            break
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.1)
    yield match[0]
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, address):
    """Open a page of Studio. No request may go to another host, and no script may fail."""
    contexts, requested, errors = [], [], []

    def open_page(path, width=1280, scheme="light"):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.on("request", lambda request: requested.append(request.url) if request.url.startswith("http") else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}{path}")
        contexts.append(context)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in requested if not url.startswith(address)] == []
    assert errors == []


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pages_have_no_serious_fault_of_accessibility_and_fit(opened, address, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened("/", width, scheme)
    for path in PAGES:
        page.goto(f"{address}{path}")
        results = Axe().run(page).response
        faults = [
            (path, fault["id"], fault["nodes"][0]["html"][:200])
            for fault in results["violations"]
            if fault["impact"] in SERIOUS
        ]
        assert faults == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        sizes = page.evaluate(
            "[...document.querySelectorAll('svg.curves text')].map(text => text.getBoundingClientRect().height)"
        )
        assert all(size >= 12 for size in sizes), path


def test_an_image_is_tried_on_the_page_of_a_model(opened, tmp_path):
    Image.new("L", (8, 8), 30).save(tmp_path / "zero.png")
    (tmp_path / "bad.png").write_text("no image")
    page = opened("/models/vision.classify.digits", 390, "dark")
    page.get_by_label("File").first.set_input_files(tmp_path / "bad.png")
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("alert").get_by_text("is not an image").wait_for()
    page.get_by_label("File").first.set_input_files(tmp_path / "zero.png")
    page.get_by_label("Explain the prediction").check()
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("heading", name="Prediction for zero.png").wait_for()
    assert page.get_by_role("alert").count() == 0
    assert page.evaluate("document.querySelector('.result img').naturalWidth") > 50


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
    page.get_by_text("is back").wait_for()
    assert page.get_by_label("Select stopped").count() == 1


def test_the_search_leads_from_any_page_to_a_run(opened):
    page = opened("/models", 390)
    page.get_by_label("Search").fill("first")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="first", exact=True).click()
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
