"""The pages of trainings in a browser."""

import re
from pathlib import Path

import pytest

BUNDLE = Path(__file__).parents[2] / "models/vision.classify/digits"
MAX_TABS = 60
MINUTES = 180_000
"""Time in milliseconds in which a training starts, saves a checkpoint or ends on a busy machine."""


@pytest.fixture(scope="module")
def address(tmp_path_factory, serve_pages):
    """The address of a `plexus open`."""
    with serve_pages(tmp_path_factory.mktemp("train_pages"), BUNDLE) as address:
        yield address


@pytest.fixture
def opened(open_page, address):
    """The function that opens a page of Studio."""
    return lambda path, *looks, **settings: open_page(f"{address}{path}", *looks, **settings)


def tab_to(page, selector):
    """Press the tab key until an element has the focus."""
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by the keyboard")


def path_of(page):
    return "/train" + page.url.split("/train")[1]


def check_looks(opened, page_faults, path):
    for width in (1280, 390):
        page = opened(path, width)
        for details in page.locator("details").all():
            details.evaluate("each => { each.open = true }")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page_faults(page) == [], f"{path} at {width} in {scheme} mode"


def check_sliders(opened, path):
    """Check that a curve fills its column, and that its slider is as wide as its axis."""
    for width in (1280, 390):
        page = opened(path, width)
        reader = page.locator("#train-curves curve-reader").first
        frame = page.locator("#train-curves figure").first.bounding_box()
        svg, slider = reader.locator("svg").bounding_box(), reader.locator("input").bounding_box()
        assert (svg["x"], svg["width"]) == pytest.approx((frame["x"], frame["width"]), abs=1)
        left, right = (svg["x"] + svg["width"] * units / 360 for units in (58, 348))  # the axis in the plot
        assert (slider["x"], slider["x"] + slider["width"]) == pytest.approx((left, right), abs=1)


@pytest.mark.slow
def test_the_forms_are_accessible_and_fit(opened, page_faults):
    for path in ("/train", "/train/games.play", "/train/clustering.deep"):
        check_looks(opened, page_faults, path)


@pytest.mark.slow
def test_a_wrong_value_is_shown_at_its_field(opened, page_faults):
    page = opened("/train/tables.classify", 390, "dark")
    page.get_by_text("Regularization", exact=True).click()
    page.get_by_label("Dropout", exact=True).fill("2")
    page.get_by_label("Epochs", exact=True).fill("3")
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_selector("[aria-invalid]")
    assert page.get_by_role("alert").inner_text() == "Correct the marked field: Dropout."
    assert page.locator(".wrong").all_inner_texts() == ["Dropout must be less than 1, not '2'"]
    dropout = page.get_by_label("Dropout", exact=True)
    assert dropout.is_visible()  # its group is open
    assert dropout.evaluate("each => each === document.activeElement")
    assert page.get_by_label("Epochs", exact=True).input_value() == "3"
    assert page_faults(page) == []
    page.get_by_label("Data", exact=True).fill("")
    page.set_input_files("#files", {"name": "rows.csv", "mimeType": "text/csv", "buffer": b"a,label\n1,x\n"})
    page.get_by_text("No estimate: an option is not valid.").wait_for()
    dropout.fill("0.1")
    page.keyboard.press("Tab")
    page.get_by_text("No estimate: uploaded data are read when the training starts.").wait_for()
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_url("**/train/runs/**")
    page.wait_for_selector(".status.failed", timeout=MINUTES)  # one row is no data to train on
    assert page.locator("#train-state .wrong").inner_text()
    assert page_faults(page) == []
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Undo").wait_for()
    assert page_faults(page) == []


@pytest.mark.slow
def test_a_training_by_the_keyboard_alone(opened, page_faults):
    page = opened("/train")
    tab_to(page, "a[href='/train/tables.classify']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/train/tables.classify")
    tab_to(page, "#option-epochs")
    page.keyboard.type("0")
    page.keyboard.press("Enter")
    page.wait_for_selector("#option-epochs[aria-invalid]:focus")
    assert page.locator(".wrong").all_inner_texts() == ["Epochs must be greater than or equal to 1, not '0'"]
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    page.wait_for_url("**/train/runs/**")
    path = path_of(page)
    page.wait_for_selector("#train-curves svg", timeout=MINUTES)  # live: the page was not loaded again
    assert re.search(r"Epoch \d+ of 30, about \d", page.inner_text("#train-numbers"))
    page.wait_for_selector("curve-reader input:not([max='0'])", timeout=MINUTES)
    tab_to(page, "curve-reader")
    page.keyboard.press("Home")
    reading = page.locator("curve-reader p").first.inner_text()
    assert reading.startswith("Epoch 1: ")
    last = page.locator("curve-reader input").first.get_attribute("max")
    page.locator(f"curve-reader input:not([max='{last}'])").first.wait_for(timeout=MINUTES)
    assert page.evaluate("document.activeElement.tagName") == "CURVE-READER"
    assert page.locator("curve-reader p").first.inner_text() == reading
    check_looks(opened, page_faults, path)
    tab_to(page, "#pause")
    page.keyboard.press("Enter")
    page.wait_for_selector("#resume", timeout=MINUTES)
    assert page.inner_text(".status") == "interrupted"
    check_looks(opened, page_faults, path)
    tab_to(page, "#resume")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Use the model").wait_for(timeout=MINUTES)
    assert page.inner_text(".status") == "finished"
    assert page.locator("#train-curves svg").count() == 2
    check_looks(opened, page_faults, path)
    check_sliders(opened, path)
    log = opened(path, 390).locator("#train-log pre")
    lines = log.inner_text().splitlines()
    row = log.evaluate("each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight)")
    assert log.evaluate("each => each.scrollWidth > each.clientWidth")  # it scrolls, and no line is wrapped
    assert row < len(lines) + 2
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
