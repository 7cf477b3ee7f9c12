"""The pages of all apps in a browser."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plexus import App, load
from plexus.plugins.registry import registry
from plexus_apps.object_finder.examples import write_example_video
from plexus_apps.plugin import register_apps
from plexus_apps.risk_desk.table_model import TableModel

APPS = [entry.id for entry in register_apps()]
MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="module")
def address(tmp_path_factory, serve_pages):
    """The address of a `plexus open` of all apps, with the models that each page's examples fit first."""
    with serve_pages(tmp_path_factory.mktemp("pages")) as address:
        yield address


@pytest.fixture
def opened(open_page, address):
    """The function that opens an app's page."""

    def open_app(app, width=1280, scheme="light"):
        page = open_page(f"{address}/apps/{app}/" if app else address, width, scheme)
        page.wait_for_selector("h1")
        return page

    return open_app


def press(page, name):
    """Press a button by the keyboard."""
    press_key(page.get_by_role("button", name=name, exact=True).locator("visible=true"))


def show_tab(page, name):
    """Show a tab by the keyboard."""
    press_key(page.get_by_role("tab", name=name).locator("visible=true"))


def press_key(element):
    element.wait_for()
    assert element.evaluate("element => element.tabIndex >= 0"), "the Tab key reaches it"
    element.press("Enter")


def wait_for_plot(page, name):
    """Wait until a plot is shown; its texts have at least 12 pixels, and it may be wider than the page."""
    plot = page.locator(f".{name} .report-figures svg").first
    plot.wait_for(timeout=60_000)
    sizes = plot.locator("text").evaluate_all(
        """texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize)
        * text.ownerSVGElement.getBoundingClientRect().width / text.ownerSVGElement.viewBox.baseVal.width)"""
    )
    assert min(sizes) > 11.9, sizes


@pytest.mark.slow
def test_a_drawing_is_classified_at_once(opened):
    page = opened("image-recognition", 390)
    page.get_by_role("tab", name="Draw").click()
    pad = page.get_by_role("img", name="Drawing")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box["height"] == box["width"] == 280
    page.mouse.move(box["x"] + 140, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 230, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "[...document.querySelectorAll('[data-testid=label-output-value]')].some(e => e.innerText.trim() === '1')"
    )


@pytest.mark.slow
def test_a_file_that_is_not_an_image_is_reported(opened, tmp_path):
    (tmp_path / "bad.png").write_text("not an image")
    page = opened("image-recognition")
    show_tab(page, "Many images")
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "blank.png")
    page.locator("input[type=file][webkitdirectory]").set_input_files(tmp_path)
    page.locator(".file-preview").wait_for()
    press(page, "Classify all")
    page.get_by_role("cell", name="bad.png: its content is not an image").wait_for()


@pytest.mark.slow
def test_a_model_is_trained_on_the_page(opened, tmp_path):
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for kind, level in (("dark", 40), ("light", 200)):
            for number in range(40):
                Image.fromarray(generator.integers(level, level + 50, (16, 16), np.uint8)).save(tmp_path / "image.png")
                archive.write(tmp_path / "image.png", f"mine/{kind}/{number}.png")
    page = opened("image-recognition")
    show_tab(page, "Train on your images")
    press(page, "Train")
    page.get_by_text("select a zip file first").wait_for(timeout=20_000)
    page.locator("input[type=file]").last.set_input_files(tmp_path / "mine.zip")
    page.locator(".file-preview").wait_for()
    press(page, "Train")
    page.get_by_text("it is in the list of models of this page").wait_for(timeout=120_000)
    assert page.get_by_role("cell", name="Accuracy", exact=True).is_visible()
    assert page.get_by_role("alert").count() == 0
    assert "epoch 10/10" in page.get_by_label("Progress").input_value()
    pick(page, "Model", re.compile(r"vision\.classify\.\d{8}-\d{6}"))
    show_tab(page, "One image")
    page.locator("[role=tabpanel]:visible input[type=file]").first.set_input_files(tmp_path / "image.png")
    page.wait_for_function("document.querySelector('[data-testid=label-output-value]')?.innerText.trim() === 'light'")


def fill(page, field, value):
    page.get_by_label(field, exact=True).locator("visible=true").fill(value)


def pick(page, field, option):
    page.get_by_label(field, exact=True).locator("visible=true").click()
    page.get_by_role("option", name=option).locator("visible=true").click()


def has_error(page):
    return page.get_by_role("alert").filter(has_text=re.compile(r"\S")).locator("visible=true").count() > 0


def wait_for_text(page, part, text):
    page.locator(f".{part}:visible", has_text=text).first.wait_for(timeout=20_000)


def write_text(file, text):
    file.write_text(text)
    return file


def refuse_photo(page, keys, folder):
    keys.upload(write_text(folder / "bad.png", "not an image"))
    return "bad.png: its content is not an image"


def classify_photo(page, keys, folder):
    assert page.get_by_text("accuracy 0.9972").is_visible()
    keys.press("Try a photo of a digit")
    page.wait_for_function("document.querySelector('[data-testid=label-output-value]')?.innerText.trim() === '3'")
    wait_for_plot(page, "heatmap")


def refuse_recording(page, keys, folder):
    keys.press("Upload file")
    keys.upload(write_text(folder / "bad.wav", "no recording"))
    return "bad.wav"


def recognize_words(page, keys, folder):
    keys.press("Try a recording")
    page.wait_for_function(
        "[...document.querySelectorAll('textarea')].some(element => element.value === 'left stop yes')"
    )
    assert page.locator(".app-table td").first.inner_text() == "0.45 s"
    wait_for_plot(page, "words")


def refuse_transactions(page, keys, folder):
    keys.press("Other transactions", exact=False)
    keys.upload(write_text(folder / "other.csv", "shop,price\nOslo,3\n"))
    return "lacks the column"


def review_alert(page, keys, folder):
    keys.press("Start")
    why = page.get_by_role("button", name="Show why").first
    why.wait_for()
    keys.press("Pause")
    page.get_by_text("Paused").wait_for()
    page.wait_for_timeout(2000)
    keys.enter(why)
    wait_for_plot(page, "why")
    keys.press("It was fraud")
    page.get_by_text("1 of them fraud").wait_for(timeout=20_000)
    keys.type("number input for Cost of a missed fraud (0: its amount)", "500")
    page.keyboard.press("Enter")
    page.get_by_text("a probability above 1.0%").wait_for(timeout=20_000)
    page.get_by_role("cell", name="fraud", exact=True).wait_for()


FRAME_EXCESSES = """() => [...document.querySelectorAll('iframe.app-page')].filter(frame => frame.checkVisibility())
  .map(frame => [frame, frame.contentDocument.documentElement.getBoundingClientRect().height - frame.clientHeight])
  .filter(([frame, excess]) => Math.abs(excess) > 1).map(([frame, excess]) => `${frame.title}: ${excess} pixels`)"""
"""Function in JavaScript that returns the frames that are not as high as their content."""


def check_frames(page):
    """Check that explanations are as high as their content."""
    size = page.viewport_size
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(f"({FRAME_EXCESSES})().length === 0")  # the height follows the width
        assert page.locator("iframe.app-page").locator("visible=true").count() == 1
    page.set_viewport_size(size)


def refuse_empty_review(page, keys, folder):
    keys.press("Classify")
    return "write or paste a text first"


def classify_reviews(page, keys, folder):
    keys.press("Example review")
    page.wait_for_function("document.querySelector('textarea').value.length > 20")
    page.frame_locator("iframe").locator("mark", has_text="warm").first.wait_for(timeout=20_000)
    assert not has_error(page)
    keys.type("Text", "A wonderful, warm and pleasant film.")
    keys.press("Classify")
    page.frame_locator("iframe").locator("mark", has_text="pleasant").first.wait_for(timeout=20_000)
    check_frames(page)
    assert page.get_by_test_id("label-output-value").inner_text().strip() == "positive"
    keys.press("Table of texts", "tab")
    keys.press("Example table")
    page.locator(".file-preview").wait_for()
    wait_for_plot(page, "fractions")
    with page.expect_download() as download:
        keys.press("Download all as CSV")
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 241
    assert lines[0].startswith("date,shop,review,label,probability")


def refuse_no_data(page, keys, folder):
    keys.press("Find clusters")
    return "no data: select a table"


def find_clusters(page, keys, folder):
    keys.type("Clusters (0: estimate the number)", "3")
    keys.press("Try a table of wines")
    page.locator(".file-preview").wait_for()
    page.get_by_text("The model is").wait_for(timeout=120_000)
    assert page.get_by_text("it is in the list of models").count() == 0  # the list is of models of images
    heads = page.locator(".app-table", has_text="alcohol").locator("th").all_inner_texts()
    assert heads[:3] == ["cluster number", "membership", "outlier"]
    cells = page.locator(".app-table", has_text="alcohol").locator("tbody tr").first.locator("td").all_inner_texts()
    assert re.fullmatch(r"[0-2] \d+\.\d% (yes|no)", " ".join(cells[:3]))
    figure = page.get_by_role("img", name="Map of the inputs").locator("svg")
    figure.wait_for()
    assert figure.bounding_box()["width"] > 300
    assert figure.locator("text", has_text="178 inputs by cluster").count() == 1
    keys.press("Assign an image", "tab")
    keys.press("Try a digit")
    page.wait_for_function(
        "[...document.querySelectorAll('textarea')].some(element => element.value.startsWith('cluster'))"
    )
    keys.press("Your data", "tab")


def refuse_episode(page, keys, folder):
    keys.type("Episode", "-3")
    keys.press("Play")
    return "Episode must be 0 or more, not -3"


def play_game(page, keys, folder):
    keys.type("Episode", "0")
    keys.press("Play")
    page.wait_for_function("/Step [1-9]/.test(document.body.innerText)", timeout=30_000)
    keys.press("main engine")
    page.get_by_text("by you").wait_for(timeout=20_000)
    assert page.get_by_role("img", name="Current frame").bounding_box()["width"] > 300
    keys.press("Pause or resume")
    page.wait_for_timeout(500)
    status = page.get_by_text("by you").inner_text()
    page.wait_for_timeout(500)
    assert page.get_by_text("by you").inner_text() == status


def refuse_to_take_back(page, keys, folder):
    page.get_by_text("Your turn").wait_for()
    keys.press("Take back")
    return "There is no move of yours to take back"


def play_move(page, keys, folder):
    keys.enter(page.locator(".board-playable").first)
    page.locator(".board-status", has_text=re.compile("Plexus played .* Your turn")).wait_for()
    assert page.locator(".board-room").get_attribute("data-number") == "2"
    page.locator(".board-moves", has_text=re.compile(r"x0 o\d")).wait_for()


def refuse_no_picture(page, keys, folder):
    keys.press("Enrol", "tab")
    keys.press("Enrol")
    return "no picture: choose or take one first"


def verify_person(page, keys, folder):
    keys.press("Verify", "tab")
    keys.press("Try one person")
    wait_for_text(page, "faces-decision", re.compile("^Taken for one person"))


def draw_cells(file):
    image = np.full((240, 320, 3), (225, 210, 215), np.uint8)
    rows, columns = np.mgrid[:240, :320]
    for x, y in ((80, 80), (200, 70), (140, 170), (250, 180)):
        image[(columns - x) ** 2 + (rows - y) ** 2 < 35**2] = 190, 90, 100
    Image.fromarray(image).save(file)
    return image


def find_cells(page, keys, folder):
    draw_cells(folder / "cells.png")
    keys.press("Remove Image")
    keys.upload(folder / "cells.png")
    page.locator(".finder-image").wait_for(timeout=20_000)
    keys.reach(page.get_by_label("range slider for Or one minimum probability for all labels (%)"))
    page.keyboard.press("Home")
    wait_for_text(page, "finder-counts", "4 objects")
    assert page.locator(".finder-box").count() == 4


def refuse_no_table(page, keys, folder):
    keys.press("Table", "tab")
    keys.press("Predict all")
    return "no table: choose a file first"


def predict_risk(page, keys, folder):
    model = TableModel(load("tables.risk/german_credit"))
    row = {**model.typical, "duration_months": 72}
    keys.press("One row", "tab")
    keys.type("duration_months", "72")
    page.keyboard.press("Tab")
    wait_for_text(page, "answer", model.shown(model.number(dict(model.bundle.predict([row])[0]))))
    wait_for_text(page, "reasons", "duration_months: 72 (typical 18)")


def refuse_empty_text(page, keys, folder):
    keys.press("Translate")
    return "no text: write or paste a text first"


def translate_sentence(page, keys, folder):
    keys.press("Example text")
    page.frame_locator("#alignment iframe").locator(".target span").first.wait_for()
    assert "Zora" in page.locator("#translation textarea").input_value()
    assert not has_error(page)
    keys.type("Text", "The house is red.")
    keys.press("Translate")
    page.frame_locator("#alignment iframe").locator(".target span", has_text="rouge").first.wait_for()
    check_frames(page)
    assert page.locator("#translation textarea").input_value() == "La maison est rouge."
    keys.press("Text file", "tab")
    keys.press("Example file")
    page.wait_for_function("document.querySelector('#file-end textarea')?.value.includes('Zora')")
    keys.press("Text", "tab")


def refuse_xray(page, keys, folder):
    keys.upload(write_text(folder / "bad.png", "not an image"))
    return "its content is neither DICOM nor an image"


def read_photo(page, keys, folder):
    keys.enter(page.locator(".reader-examples button", has_text="photo"))
    page.locator(".reader-card.abstained", has_text="out of distribution").wait_for()
    page.locator(".reader-corrected", has_text="There is no prediction for this image").wait_for()


JOBS = {
    "board-room": (refuse_to_take_back, play_move),
    "cluster-explorer": (refuse_no_data, find_clusters),
    "face-desk": (refuse_no_picture, verify_person),
    "fraud-monitor": (refuse_transactions, review_alert),
    "game-room": (refuse_episode, play_game),
    "image-recognition": (refuse_photo, classify_photo),
    "object-finder": (refuse_photo, find_cells),
    "risk-desk": (refuse_no_table, predict_risk),
    "sentiment-desk": (refuse_empty_review, classify_reviews),
    "translator": (refuse_empty_text, translate_sentence),
    "voice-commands": (refuse_recording, recognize_words),
    "xray-reader": (refuse_xray, read_photo),
}
"""By app: gives the page a bad input and returns a part of the message; does the main job and checks the result."""
ERROR_LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
SLOW = {"cluster-explorer", "fraud-monitor"}
UNNAMED = """[...document.querySelectorAll('button')].filter(b => b.offsetParent && !b.innerText.trim()
    && !b.ariaLabel && !b.title && !b.querySelector('[aria-label], title, img[alt]')).length"""


def check_first_look(page, faults_by_look):
    assert faults_by_look(page, [(390, "dark"), (1280, "light")]) == {}
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate(UNNAMED) == 0, "every button has a name for screen readers"


def test_every_app_has_a_job():
    assert sorted(JOBS) == sorted(APPS)


def test_the_home_page_is_accessible_and_fits(opened, faults_by_look):
    check_first_look(opened("", 390, "dark"), faults_by_look)


@pytest.mark.parametrize("app", [pytest.param(app, marks=[pytest.mark.slow] * (app in SLOW)) for app in JOBS])
def test_the_main_job_by_keyboard_alone(opened, keyboard, faults_by_look, tmp_path, app):
    """Bad input on a wide page, good input on a phone in dark mode; the message and the result in all looks."""
    refuse, work = JOBS[app]
    page = opened(app, 390, "dark")
    page.wait_for_timeout(500)
    check_first_look(page, faults_by_look)
    keys = keyboard(page)
    message = refuse(page, keys, tmp_path)
    error = page.get_by_role("alert").filter(has_text=message)
    error.wait_for()
    assert "\n" not in error.inner_text().strip()
    assert faults_by_look(page, ERROR_LOOKS) == {}
    work(page, keys, tmp_path)
    assert faults_by_look(page) == {}
    if app != "fraud-monitor":  # its error is about a file, which the job does not replace
        assert not has_error(page)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("app", "opener", "file", "action", "message"),
    [
        ("image-recognition", "tab: One image", "bad.txt", "", "bad.txt: its content is not an image"),
        ("image-recognition", "tab: Train on your images", "bad.txt", "Train", "bad.txt: expected one of .zip"),
        ("voice-commands", "button: Upload file", "bad.txt", "", "bad.txt"),
        ("sentiment-desk", "tab: Table of texts", "bad.txt", "Classify all", "bad.txt: expected one of .csv, .tsv"),
        ("risk-desk", "tab: Table", "bad.txt", "Predict all", "bad.txt: expected one of .csv, .tsv, .parquet"),
        ("cluster-explorer", "tab: Your data", "bad.png", "Find clusters", "bad.png: expected one of .csv, .tsv"),
        ("object-finder", "tab: Video", "bad.txt", "Track objects", "bad.txt: expected one of .3gp, .avi"),
        ("fraud-monitor", "button: Other transactions", "bad.txt", "", "bad.txt: expected one of .csv, .tsv"),
    ],
)
def test_a_file_of_another_type_is_an_error_of_the_page(opened, tmp_path, app, opener, file, action, message):
    """Not a notice of Gradio over the page, which stays there when the next result is shown."""
    page = opened(app)
    role, name = opener.split(": ")
    page.get_by_role(role, name=name).locator("visible=true").first.click()
    panels = page.locator("[role=tabpanel]:visible")
    field = (panels if panels.count() else page).locator("input[type=file]").first
    field.set_input_files(write_text(tmp_path / file, "no data"))
    if action:
        page.locator(".file-preview:visible").wait_for()
        press(page, action)
    error = page.get_by_role("alert").filter(has_text=message)
    error.wait_for()
    assert "\n" not in error.inner_text().strip()
    assert page.locator(".toast-body").count() == 0


@pytest.mark.slow
def test_a_dropped_file_of_another_type_is_an_error_of_the_page(opened):
    page = opened("image-recognition")
    dropped = page.evaluate_handle(
        """() => { const dropped = new DataTransfer();
        dropped.items.add(new File(['no data'], 'bad.txt', {type: 'text/plain'})); return dropped; }"""
    )
    field = page.locator("button:visible", has=page.locator("input[type=file]")).first
    field.dispatch_event("drop", {"dataTransfer": dropped})
    page.get_by_role("alert").filter(has_text="bad.txt: its content is not an image").wait_for()
    assert page.locator(".toast-body").count() == 0
    press(page, "Try a photo of a digit")
    page.get_by_role("alert").wait_for(state="hidden")


@pytest.mark.slow
def test_screen_readers_are_sent_texts_and_no_keys_of_translations(opened):
    page = opened("sentiment-desk")
    page.evaluate(
        """() => { window.announced = []; new MutationObserver(() => announced.push(...document.body.textContent
        .match(/\\bcommon\\.\\w+|\\bComplete\\b/g) || [])).observe(
        document.body, {subtree: true, childList: true, characterData: true}); }"""
    )
    press(page, "Example review")
    page.wait_for_function("announced.length > 0")
    assert set(page.evaluate("announced")) == {"Complete"}


@pytest.mark.slow
def test_an_error_is_cleared_when_an_input_changes(opened):
    page = opened("sentiment-desk")
    press(page, "Classify")
    page.get_by_role("alert").filter(has_text="write or paste a text first").wait_for()
    fill(page, "Text", "A")
    page.get_by_role("alert").wait_for(state="hidden")
    fill(page, "Text", "")
    press(page, "Classify")
    page.get_by_role("alert").filter(has_text="write or paste a text first").wait_for()


@pytest.mark.slow
def test_a_row_is_answered_with_reasons_and_other_values_are_tried(opened):
    page = opened("risk-desk")
    wait_for_text(page, "answer", "Probability of bad")
    page.get_by_text("no column moves the prediction").locator("visible=true").wait_for()
    fill(page, "duration_months", "72")
    pick(page, "checking_status", "A11")
    wait_for_text(page, "answer", "Warning: duration_months 72 is outside the training range 4\N{EN DASH}60")
    wait_for_text(page, "reasons", "checking_status: A11 (typical A14)")
    pick(page, "Column", "duration_months")
    wait_for_text(page, "dependence", "Probability of bad (%) by duration_months")
    page.get_by_label("range slider for Value of duration_months").locator("visible=true").fill("12")
    wait_for_text(page, "change", re.compile(r"duration_months: 72 → 12.*\(-\d+\.\d points\)", re.DOTALL))
    pick(page, "Column", "checking_status")
    pick(page, "Value of checking_status", "A14")
    wait_for_text(page, "change", "checking_status: A11 → A14")
    press(page, "Typical row")
    page.get_by_text("no column moves the prediction").locator("visible=true").wait_for()


@pytest.mark.slow
def test_the_answer_is_above_the_form_on_a_phone_and_beside_it_elsewhere(opened):
    for width in (390, 640, 1280):
        page = opened("risk-desk", width)
        wait_for_text(page, "answer", "Probability of bad")
        answer, form, reasons = (
            page.locator(place).locator("visible=true").first.bounding_box()
            for place in (".answer", ".fields", "text=no column moves the prediction")
        )
        if width == 1280:
            assert answer["x"] > form["x"] + form["width"] - 1
            assert answer["y"] < form["y"] + 50
        else:
            assert answer["y"] + answer["height"] <= form["y"]
            assert reasons["y"] >= form["y"] + form["height"]


@pytest.mark.slow
def test_a_table_is_answered_and_an_error_is_cleared(opened, tmp_path):
    page = opened("risk-desk")
    wait_for_text(page, "answer", "Probability of bad")
    assert not page.get_by_text("Not for clinical use").is_visible()
    pick(page, "Model", "tables.diagnose.pima_diabetes")
    page.get_by_text("Not for clinical use").wait_for()
    show_tab(page, "Table")
    (tmp_path / "patients.csv").write_text("glucose,age\n150,40\n")
    page.locator("[role=tabpanel]:visible input[type=file]").first.set_input_files(tmp_path / "patients.csv")
    page.locator(".file-preview:visible").wait_for()
    press(page, "Predict all")
    error = page.get_by_text("patients.csv lacks the columns")
    error.wait_for(timeout=20_000)
    press(page, "Example table")
    page.locator(".file-preview:visible", has_text="rows").wait_for()
    page.get_by_text("40 rows").locator("visible=true").wait_for(timeout=20_000)
    error.wait_for(state="hidden")
    with page.expect_download() as download:
        press(page, "Download all as CSV")
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 41
    assert lines[0].startswith("pregnancies,glucose,")
    assert "risk,low,high,positive" in lines[0]


@pytest.mark.slow
def test_faces_are_verified_enrolled_named_and_forgotten(opened):
    page = opened("face-desk")
    page.get_by_text("Use only with consent").wait_for()
    press(page, "Try two persons")
    wait_for_text(page, "faces-decision", "Not taken for one person")
    press(page, "Try one person")
    wait_for_text(page, "faces-decision", re.compile("^Taken for one person"))
    show_tab(page, "Identify")
    press(page, "Try a group photo")
    wait_for_text(page, "faces-table", "unknown B")
    show_tab(page, "Enrol")
    press(page, "Enrol three drawn persons")
    wait_for_text(page, "faces-table", "person_07")
    show_tab(page, "Identify")
    press(page, "Identify")
    wait_for_text(page, "faces-table", "unknown A")
    page.get_by_label("Name", exact=True).locator("visible=true").fill("Ada")
    press(page, "Enrol under this name")
    wait_for_text(page, "faces-table", "Ada")
    show_tab(page, "Enrol")
    wait_for_text(page, "faces-table", "Ada")
    pick(page, "Person", "Ada")
    page.wait_for_function("[...document.querySelectorAll('input')].some(input => input.value === 'Ada')")
    press(page, "Forget this person")
    page.get_by_text("Ada is forgotten").wait_for(timeout=20_000)
    assert not page.locator(".faces-table:visible", has_text="Ada").count()
    press(page, "Enrol")
    page.get_by_text("no picture: choose or take one first").wait_for(timeout=20_000)
    show_tab(page, "Threshold")
    wait_for_text(page, "faces-card", "False non-match rate")


@pytest.mark.slow
def test_objects_are_boxed_counted_and_tracked(opened, tmp_path):
    page = opened("object-finder", width=390)
    image = draw_cells(tmp_path / "cells.png")
    page.locator("[role=tabpanel]:visible input[type=file]").first.set_input_files(tmp_path / "cells.png")
    page.locator(".finder-image").wait_for(timeout=20_000)
    wait_for_text(page, "finder-counts", "object")
    page.get_by_label("range slider for Or one minimum probability for all labels (%)").fill("5")
    page.wait_for_function("!document.querySelector('input[type=checkbox]').checked")
    page.wait_for_function("document.querySelectorAll('.finder-box').length > 0")
    with page.expect_download() as download:
        page.get_by_text("Download as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "image,label,probability,left,top,right,bottom"
    assert len(lines) > 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    show_tab(page, "Video")
    press(page, "Track objects")
    page.get_by_text("no video: choose one first").wait_for(timeout=20_000)
    clip = write_example_video(image, tmp_path / "clip.webm")
    page.locator("[role=tabpanel]:visible input[type=file]").first.set_input_files(clip)
    page.locator(".file-preview:visible").wait_for()
    press(page, "Track objects")
    page.wait_for_function("document.querySelector('video')?.videoWidth === 720", timeout=60_000)
    page.get_by_text("each counted once").wait_for()


def test_every_app_has_an_icon_of_its_own():
    icons = [registry().app(id).icon for id in APPS]
    assert len(set(icons)) == len(APPS)
    assert all(re.fullmatch(r"M[MLHVCAZmlhvcaz\d .-]+", icon) for icon in icons)
    assert App.icon not in icons


@pytest.mark.slow
def test_the_http_interface_is_documented_on_a_page(chromium, address):
    page = chromium.new_page()
    page.goto(f"{address}/docs")
    page.get_by_text("/v1/models/{name}/predict").first.wait_for(timeout=30_000)
    page.close()


@pytest.mark.slow
def test_an_app_without_a_bundle_names_the_training_command(refused):
    line = refused("open", "game-room", MODELS / "vision.classify/digits")
    assert "plexus train games.play" in line
    assert "there is no app 'game': did you mean 'game-room'" in refused("open", "game")
