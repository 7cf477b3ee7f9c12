"""The pages of trainings in a browser."""

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BUNDLE = Path(__file__).parents[2] / "models/vision.classify/digits"
SERIOUS = {"serious", "critical"}
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
MAX_TABS = 60
MINUTES = 180_000
"""Time in milliseconds in which a training starts, saves a checkpoint or ends on a busy machine."""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a `plexus open`."""
    folder = tmp_path_factory.mktemp("train_pages")
    command = [sys.executable, "-m", "plexus", "open", str(BUNDLE), "--no-browser", "--port", "0"]
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

    def open_page(path, width=1280, scheme="light", script=True):
        viewport = {"width": width, "height": 900}
        context = chromium.new_context(viewport=viewport, color_scheme=scheme, java_script_enabled=script)
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


def problems(page):
    """Return what axe-core finds that is serious, and whether the page is wider than the window."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    violations = axe.run(page).response["violations"]
    found = [f"{each['id']}: {each['nodes'][0]['html']}" for each in violations if each["impact"] in SERIOUS]
    excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{excess} pixels too wide"] if excess > 0 else [])


def tab_to(page, selector):
    """Press the tab key until an element has the focus."""
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by the keyboard")


def path_of(page):
    return "/train" + page.url.split("/train")[1]


def check_looks(opened, path):
    for width, scheme in LOOKS:
        page = opened(path, width, scheme)
        for details in page.locator("details").all():
            details.evaluate("each => { each.open = true }")
        assert problems(page) == [], f"{path} at {width} in {scheme} mode"


@pytest.mark.slow
def test_the_forms_are_accessible_and_fit(opened):
    for path in ("/train", "/train/games.play", "/train/clustering.deep"):
        check_looks(opened, path)


@pytest.mark.slow
def test_a_wrong_value_is_shown_at_its_field(opened):
    page = opened("/train/tables.classify", 390, "dark")
    page.get_by_text("Regularization", exact=True).click()
    page.get_by_label("Dropout", exact=True).fill("2")
    page.get_by_label("Epochs", exact=True).fill("3")
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_selector("[aria-invalid]")
    assert page.get_by_role("alert").inner_text() == "Dropout must be less than 1, not '2'"
    dropout = page.get_by_label("Dropout", exact=True)
    assert dropout.is_visible()  # its group is open
    assert dropout.evaluate("each => each === document.activeElement")
    assert page.get_by_label("Epochs", exact=True).input_value() == "3"
    assert problems(page) == []
    page.get_by_label("Data", exact=True).fill("")
    page.set_input_files("#files", {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"a,label\n1,x\n"})
    dropout.fill("0.1")
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_url("**/train/runs/**")
    page.wait_for_selector(".status.failed", timeout=MINUTES)  # one row is no data to train on
    assert page.locator("#train-state .wrong").inner_text()
    assert problems(page) == []
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Undo").wait_for()
    assert problems(page) == []


@pytest.mark.slow
def test_a_training_by_the_keyboard_alone(opened):
    page = opened("/train")
    tab_to(page, "a[href='/train/tables.classify']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/train/tables.classify")
    tab_to(page, "#option-epochs")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    page.wait_for_url("**/train/runs/**")
    path = path_of(page)
    page.wait_for_selector("#train-curves svg", timeout=MINUTES)  # live: the page was not loaded again
    assert re.search(r"Epoch \d+ of 30, about \d", page.inner_text("#train-numbers"))
    check_looks(opened, path)
    tab_to(page, "#pause")
    page.keyboard.press("Enter")
    page.wait_for_selector("#resume", timeout=MINUTES)
    assert page.inner_text(".status") == "interrupted"
    check_looks(opened, path)
    tab_to(page, "#resume")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Use the model").wait_for(timeout=MINUTES)
    assert page.inner_text(".status") == "finished"
    assert page.locator("#train-curves svg").count() == 2
    check_looks(opened, path)
    assert "in the last training with these data and options" in opened("/train/tables.classify").inner_text(
        "#estimate"
    )


@pytest.mark.slow
def test_a_training_goes_on_without_a_script_and_a_page(opened):
    page = opened("/train/tables.classify", 390, script=False)
    page.locator("#option-epochs").fill("2")
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_url("**/train/runs/**")
    path = path_of(page)
    page.get_by_role("link", name="Use the model").wait_for(timeout=MINUTES)  # the page loads itself again
    assert "Epoch 2 of 2" in opened(path).inner_text("#train-numbers")
