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
    """The address of a `plexus open` of all apps."""
    bundles = [file.parent for file in sorted(MODELS.glob("*/*/bundle.json"))]
    with serve_pages(tmp_path_factory.mktemp("pages"), *bundles) as address:
        yield address


@pytest.fixture
def opened(open_page, address):
    """The function that opens an app's page."""

    def open_app(app, width=1200):
        page = open_page(f"{address}/apps/{app}/" if app else address, width)
        page.wait_for_selector("h1")
        return page

    return open_app


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def wait_for_image(page, id):
    """Wait until an image is shown."""
    page.wait_for_function(f"document.querySelector('#{id} img')?.naturalWidth > 300")


@pytest.mark.slow
def test_a_photo_is_classified_and_explained(opened):
    page = opened("image-recognition")
    assert page.get_by_text("accuracy 0.9972").is_visible()
    press(page, "Try a photo of a digit")
    page.wait_for_function("document.querySelector('[data-testid=label-output-value]')?.innerText.trim() === '3'")
    wait_for_image(page, "heat")


def test_a_file_that_is_not_an_image_is_reported(opened, tmp_path):
    (tmp_path / "bad.png").write_text("not an image")
    page = opened("image-recognition")
    page.get_by_role("tab", name="Many images").click()
    Image.fromarray(np.zeros((28, 28), np.uint8)).save(tmp_path / "blank.png")
    page.locator("input[type=file][webkitdirectory]").set_input_files(tmp_path)
    page.locator(".file-preview").wait_for()
    press(page, "Classify all")
    cells = "[...document.querySelectorAll('[data-testid^=cell-]')]"
    page.wait_for_function(
        f"{cells}.some(element => element.innerText.includes('bad.png: its content is not an image'))"
    )


@pytest.mark.slow
def test_a_model_is_trained_on_the_page(opened, tmp_path):
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for kind, level in (("dark", 40), ("light", 200)):
            for number in range(40):
                Image.fromarray(generator.integers(level, level + 50, (16, 16), np.uint8)).save(tmp_path / "image.png")
                archive.write(tmp_path / "image.png", f"mine/{kind}/{number}.png")
    page = opened("image-recognition")
    page.get_by_role("tab", name="Train on your images").click()
    press(page, "Train")
    page.get_by_text("select a zip file first").wait_for(timeout=20_000)
    page.locator("input[type=file]").last.set_input_files(tmp_path / "mine.zip")
    page.locator(".file-preview").wait_for()
    press(page, "Train")
    page.get_by_text("opens this page with it").wait_for(timeout=120_000)
    assert page.get_by_text("accuracy").first.is_visible()
    assert "epoch 10/10" in page.get_by_label("Progress").input_value()


def test_words_are_recognized_with_their_times(opened):
    page = opened("voice-commands")
    press(page, "Try a recording")
    page.wait_for_function(
        "[...document.querySelectorAll('textarea')].some(element => element.value === 'left stop yes')"
    )
    assert page.locator('[data-testid="cell-0-0"]').inner_text().strip() == "0.45 s"


@pytest.mark.slow
def test_alerts_have_reasons_and_costs_set_the_threshold(opened):
    page = opened("fraud-monitor")
    press(page, "Start")
    page.locator('[data-testid="cell-0-1"]').wait_for(timeout=60_000)
    press(page, "Pause")
    page.get_by_text("Paused").wait_for()
    page.wait_for_timeout(2000)
    page.locator('[data-testid="cell-0-1"]').click()
    wait_for_image(page, "why")
    press(page, "It was fraud")
    page.get_by_text("1 of them fraud").wait_for(timeout=20_000)
    missed = page.get_by_label("number input for Cost of a missed fraud (0: its amount)")
    missed.fill("500")
    missed.press("Enter")
    page.get_by_text("a probability above 1.0%").wait_for(timeout=20_000)


def test_a_text_and_a_table_are_classified(opened):
    page = opened("sentiment-desk")
    press(page, "Classify")
    page.get_by_text("write or paste a text first").wait_for(timeout=20_000)
    press(page, "Example review")
    page.wait_for_function("document.querySelector('textarea').value.length > 20")
    press(page, "Classify")
    page.frame_locator("iframe").locator("mark").first.wait_for(timeout=20_000)
    page.get_by_role("tab", name="Table of texts").click()
    press(page, "Example table")
    page.locator(".file-preview").wait_for()
    press(page, "Classify all")
    wait_for_image(page, "fractions")
    with page.expect_download() as download:
        press(page, "Download all as CSV")
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 241
    assert lines[0].startswith("date,shop,review,label,probability")


@pytest.mark.slow
def test_clusters_of_a_table_are_found(opened):
    page = opened("cluster-explorer")
    press(page, "Try a table of wines")
    page.locator(".file-preview").wait_for()
    page.get_by_label("Clusters (0: estimate the number)").fill("3")
    press(page, "Find clusters")
    page.get_by_text("The model is").wait_for(timeout=120_000)
    figure = page.get_by_role("img", name="Map of the inputs").locator("svg")
    figure.wait_for()
    assert figure.bounding_box()["width"] > 300
    assert figure.locator("text", has_text="178 inputs by cluster").count() == 1
    page.get_by_role("tab", name="Assign an image").click()
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
    press_visible(page, "Typical row")
    page.get_by_text("no column moves the prediction").locator("visible=true").wait_for()


def test_the_answer_is_above_the_form_on_a_phone_and_beside_it_elsewhere(opened):
    for width in (390, 640, 1200):
        page = opened("risk-desk", width)
        wait_for_text(page, "answer", "Probability of bad")
        answer, form, reasons = (
            page.locator(place).locator("visible=true").first.bounding_box()
            for place in (".answer", ".fields", "text=no column moves the prediction")
        )
        if width == 1200:
            assert answer["x"] > form["x"] + form["width"] - 1
            assert answer["y"] < form["y"] + 50
        else:
            assert answer["y"] + answer["height"] <= form["y"]
            assert reasons["y"] >= form["y"] + form["height"]


def press_visible(page, name):
    page.get_by_role("button", name=name, exact=True).locator("visible=true").click()


def test_a_table_is_answered_and_an_error_is_cleared(opened, tmp_path):
    page = opened("risk-desk")
    wait_for_text(page, "answer", "Probability of bad")
    assert not page.get_by_text("Not for clinical use").is_visible()
    pick(page, "Model", "tables.diagnose.pima_diabetes")
    page.get_by_text("Not for clinical use").wait_for()
    page.get_by_role("tab", name="Table").locator("visible=true").click()
    (tmp_path / "patients.csv").write_text("glucose,age\n150,40\n")
    page.locator("[role=tabpanel]:visible input[type=file]").first.set_input_files(tmp_path / "patients.csv")
    page.locator(".file-preview:visible").wait_for()
    press_visible(page, "Predict all")
    error = page.get_by_text("patients.csv lacks the columns")
    error.wait_for(timeout=20_000)
    press_visible(page, "Example table")
    page.locator(".file-preview:visible", has_text="rows").wait_for()
    press_visible(page, "Predict all")
    page.get_by_text("40 rows").locator("visible=true").wait_for(timeout=20_000)
    error.wait_for(state="hidden")
    with page.expect_download() as download:
        press_visible(page, "Download all as CSV")
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 41
    assert lines[0].startswith("pregnancies,glucose,")
    assert "risk,low,high,positive" in lines[0]


def test_faces_are_verified_enrolled_named_and_forgotten(opened):
    page = opened("face-desk")
    page.get_by_text("Use only with consent").wait_for()
    press_visible(page, "Try two persons")
    wait_for_text(page, "faces-decision", "Not taken for one person")
    press_visible(page, "Try one person")
    wait_for_text(page, "faces-decision", re.compile("^Taken for one person"))
    page.get_by_role("tab", name="Identify").click()
    press_visible(page, "Try a group photo")
    wait_for_text(page, "faces-table", "unknown B")
    page.get_by_role("tab", name="Enrol").click()
    press_visible(page, "Enrol three drawn persons")
    wait_for_text(page, "faces-table", "person_07")
    page.get_by_role("tab", name="Identify").click()
    press_visible(page, "Identify")
    wait_for_text(page, "faces-table", "unknown A")
    page.get_by_label("Name", exact=True).locator("visible=true").fill("Ada")
    press_visible(page, "Enrol under this name")
    wait_for_text(page, "faces-table", "Ada")
    page.get_by_role("tab", name="Enrol").click()
    wait_for_text(page, "faces-table", "Ada")
    pick(page, "Person", "Ada")
    page.wait_for_function("[...document.querySelectorAll('input')].some(input => input.value === 'Ada')")
    press_visible(page, "Forget this person")
    page.get_by_text("Ada is forgotten").wait_for(timeout=20_000)
    assert not page.locator(".faces-table:visible", has_text="Ada").count()
    press_visible(page, "Enrol")
    page.get_by_text("no picture: choose or take one first").wait_for(timeout=20_000)
    page.get_by_role("tab", name="Threshold").click()
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
    page.get_by_role("tab", name="Video").click()
    press_visible(page, "Track objects")
    page.get_by_text("no video: choose one first").wait_for(timeout=20_000)
    clip = write_example_video(image, tmp_path / "clip.webm")
    page.locator("[role=tabpanel]:visible input[type=file]").first.set_input_files(clip)
    page.locator(".file-preview:visible").wait_for()
    press_visible(page, "Track objects")
    page.wait_for_function("document.querySelector('video')?.videoWidth === 720", timeout=60_000)
    page.get_by_text("each counted once").wait_for()


def test_every_app_has_an_icon_of_its_own():
    icons = [registry().app(id).icon for id in APPS]
    assert len(set(icons)) == len(APPS)
    assert all(re.fullmatch(r"M[MLHVCAZmlhvcaz\d .-]+", icon) for icon in icons)
    assert App.icon not in icons


@pytest.mark.parametrize("app", ["", *APPS])
def test_pages_fit_a_phone(opened, app):
    page = opened(app, width=390)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.lang") == "en"
    unnamed = """[...document.querySelectorAll('button')].filter(b => b.offsetParent && !b.innerText.trim()
        && !b.ariaLabel && !b.title && !b.querySelector('[aria-label], title, img[alt]')).length"""
    assert page.evaluate(unnamed) == 0, "every button has a name for screen readers"


def test_the_http_interface_is_documented_on_a_page(chromium, address):
    page = chromium.new_page()
    page.goto(f"{address}/docs")
    page.get_by_text("/v1/models/{name}/predict").first.wait_for(timeout=30_000)
    page.close()


def test_an_app_without_a_bundle_names_the_training_command(refused):
    line = refused("open", "game-room", MODELS / "vision.classify/digits")
    assert "plexus train games.play" in line
    assert "there is no app 'game': did you mean 'game-room'" in refused("open", "game")
