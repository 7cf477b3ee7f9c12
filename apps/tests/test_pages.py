"""The pages of all apps in a browser."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plexus import App
from plexus.plugins.registry import registry
from plexus_apps.object_finder.examples import write_example_video
from plexus_apps.plugin import register_apps

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
def test_a_photo_is_classified_and_explained(opened, page_faults, tmp_path):
    (tmp_path / "bad.png").write_text("not an image")
    page = opened("image-recognition", 390, "dark")
    assert page.get_by_text("accuracy 0.9972").is_visible()
    page.locator("input[type=file]").first.set_input_files(tmp_path / "bad.png")
    page.get_by_role("alert").get_by_text("bad.png: its content is not an image").wait_for()
    press(page, "Try a photo of a digit")
    page.wait_for_function("document.querySelector('[data-testid=label-output-value]')?.innerText.trim() === '3'")
    wait_for_plot(page, "heatmap")
    assert page.get_by_role("alert").count() == 0
    assert page_faults(page) == []


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
    page.get_by_text("this page offers it when it is opened again").wait_for(timeout=120_000)
    assert page.get_by_role("cell", name="Accuracy", exact=True).is_visible()
    assert page.get_by_role("alert").count() == 0
    assert "epoch 10/10" in page.get_by_label("Progress").input_value()


def test_words_are_recognized_with_their_times(opened, tmp_path):
    (tmp_path / "bad.wav").write_text("no recording")
    page = opened("voice-commands", 390, "dark")
    press(page, "Upload file")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "bad.wav")
    page.get_by_role("alert").get_by_text("bad.wav").wait_for()
    press(page, "Try a recording")
    page.wait_for_function(
        "[...document.querySelectorAll('textarea')].some(element => element.value === 'left stop yes')"
    )
    assert page.locator(".app-table td").first.inner_text() == "0.45 s"
    wait_for_plot(page, "words")
    assert page.get_by_role("alert").count() == 0


@pytest.mark.slow
def test_alerts_have_reasons_and_costs_set_the_threshold(opened, page_faults, tmp_path):
    (tmp_path / "other.csv").write_text("shop,price\nOslo,3\n")
    page = opened("fraud-monitor", 390, "dark")
    press_key(page.get_by_role("button", name="Other transactions"))
    page.locator("input[type=file]").last.set_input_files(tmp_path / "other.csv")
    page.get_by_role("alert").get_by_text("lacks the column").wait_for()
    press(page, "Start")
    why = page.get_by_role("button", name="Show why").first
    why.wait_for(timeout=60_000)
    press(page, "Pause")
    page.get_by_text("Paused").wait_for()
    page.wait_for_timeout(2000)
    press_key(why)
    wait_for_plot(page, "why")
    press(page, "It was fraud")
    page.get_by_text("1 of them fraud").wait_for(timeout=20_000)
    missed = page.get_by_label("number input for Cost of a missed fraud (0: its amount)")
    missed.fill("500")
    missed.press("Enter")
    page.get_by_text("a probability above 1.0%").wait_for(timeout=20_000)
    page.get_by_role("cell", name="fraud", exact=True).wait_for()
    assert page_faults(page) == []


def test_a_text_and_a_table_are_classified(opened, page_faults):
    page = opened("sentiment-desk", 390, "dark")
    press(page, "Classify")
    page.get_by_text("write or paste a text first").wait_for(timeout=20_000)
    press(page, "Example review")
    page.wait_for_function("document.querySelector('textarea').value.length > 20")
    press(page, "Classify")
    page.frame_locator("iframe").locator("mark").first.wait_for(timeout=20_000)
    assert page.get_by_role("alert").count() == 0
    show_tab(page, "Table of texts")
    press(page, "Example table")
    page.locator(".file-preview").wait_for()
    press(page, "Classify all")
    wait_for_plot(page, "fractions")
    assert page_faults(page) == []
    with page.expect_download() as download:
        press(page, "Download all as CSV")
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 241
    assert lines[0].startswith("date,shop,review,label,probability")


@pytest.mark.slow
def test_clusters_of_a_table_are_found(opened):
    page = opened("cluster-explorer", 390, "dark")
    press(page, "Find clusters")
    page.get_by_role("alert").get_by_text("no data: select a table").wait_for()
    press(page, "Try a table of wines")
    page.locator(".file-preview").wait_for()
    page.get_by_label("Clusters (0: estimate the number)").fill("3")
    press(page, "Find clusters")
    page.get_by_text("The model is").wait_for(timeout=120_000)
    figure = page.get_by_role("img", name="Map of the inputs").locator("svg")
    figure.wait_for()
    assert figure.bounding_box()["width"] > 300
    assert figure.locator("text", has_text="178 inputs by cluster").count() == 1
    assert page.get_by_role("alert").count() == 0
    show_tab(page, "Assign an image")
    press(page, "Try a digit")
    page.wait_for_function(
        "[...document.querySelectorAll('textarea')].some(element => element.value.startsWith('cluster'))"
    )


def test_a_user_watches_a_game_and_takes_the_controls(opened):
    page = opened("game-room")
    press(page, "Play")
    page.wait_for_function("/Step [1-9]/.test(document.body.innerText)", timeout=30_000)
    press(page, "main engine")
    page.get_by_text("by you").wait_for(timeout=20_000)
    press(page, "Pause or resume")


def fill(page, field, value):
    page.get_by_label(field, exact=True).locator("visible=true").fill(value)


def pick(page, field, option):
    page.get_by_label(field, exact=True).locator("visible=true").click()
    page.get_by_role("option", name=option).locator("visible=true").click()


def wait_for_text(page, part, text):
    page.locator(f".{part}:visible", has_text=text).first.wait_for(timeout=20_000)


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
    press(page, "Predict all")
    page.get_by_text("40 rows").locator("visible=true").wait_for(timeout=20_000)
    error.wait_for(state="hidden")
    with page.expect_download() as download:
        press(page, "Download all as CSV")
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 41
    assert lines[0].startswith("pregnancies,glucose,")
    assert "risk,low,high,positive" in lines[0]


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


def test_objects_are_boxed_counted_and_tracked(opened, tmp_path):
    page = opened("object-finder", width=390)
    image = np.full((240, 320, 3), (225, 210, 215), np.uint8)
    rows, columns = np.mgrid[:240, :320]
    for x, y in ((80, 80), (200, 70), (140, 170), (250, 180)):
        image[(columns - x) ** 2 + (rows - y) ** 2 < 35**2] = 190, 90, 100
    Image.fromarray(image).save(tmp_path / "cells.png")
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


@pytest.mark.parametrize("app", ["", *APPS])
def test_pages_fit_a_phone_and_have_no_serious_fault_of_accessibility(opened, page_faults, app):
    page = opened(app, 390, "dark")
    page.wait_for_timeout(500)
    assert page_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.lang") == "en"
    unnamed = """[...document.querySelectorAll('button')].filter(b => b.offsetParent && !b.innerText.trim()
        && !b.ariaLabel && !b.title && !b.querySelector('[aria-label], title, img[alt]')).length"""
    assert page.evaluate(unnamed) == 0, "every button has a name for screen readers"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.wait_for_function("getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'")
    page.wait_for_timeout(500)  # colors change gradually
    assert page_faults(page) == []


def test_the_http_interface_is_documented_on_a_page(chromium, address):
    page = chromium.new_page()
    page.goto(f"{address}/docs")
    page.get_by_text("/v1/models/{name}/predict").first.wait_for(timeout=30_000)
    page.close()


def test_an_app_without_a_bundle_names_the_training_command(refused):
    line = refused("open", "game-room", MODELS / "vision.classify/digits")
    assert "plexus train games.play" in line
    assert "there is no app 'game': did you mean 'game-room'" in refused("open", "game")
