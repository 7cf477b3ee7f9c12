"""Reports of trainings and the page of the demos in a browser."""

import pytest

from plexus.report.gallery import write_gallery

TASKS = ["vision.classify", "clustering.deep", "tables.classify"]
OTHER_COLORS = """[...document.querySelectorAll('.report-figures svg')].filter(svg => ![...svg.querySelectorAll('text')]
  .some(text => getComputedStyle(text).fill === getComputedStyle(document.body).color)).length"""
"""Number of plots without a text in the color of the text of the page."""
SCROLL_BOXES = """[...document.querySelectorAll('.scroll-box')].filter(box => box.scrollWidth > box.clientWidth)
  .map(box => [box.tabIndex, box.getAttribute('role'), Boolean(box.ariaLabel)])"""
"""Of each box that scrolls: its place in the order of the Tab key, role, and whether it has a name."""
TEXTS = "document.querySelectorAll('.report-figures svg text').length"


def _in_process_of(plugin, parameter):
    """Return a parameter whose tests run in the process of a plugin's tests, which train the same trial."""
    return pytest.param(parameter, marks=pytest.mark.xdist_group(f"{plugin}/training"))


@pytest.fixture(
    scope="module",
    params=[*(_in_process_of(task.partition(".")[0], task) for task in TASKS), _in_process_of("vision", "demos")],
)
def page_file(request, trial, tmp_path_factory):
    """The report of a trial, and a page of demos with the figures of one."""
    if request.param != "demos":
        return trial(request.param) / "run/report.html"
    folder = trial("vision.classify") / "run/report"
    result = {
        "app": "image-recognition",
        "title": "Image recognition",
        "summary": "Classify images",
        "seconds": 2.0,
        "figures": {"Accuracy": 0.9, "Log loss (nats)": 0.3},
        "intervals": {"Accuracy": (0.8, 0.95)},
        "shown": [(str(file), file.stem) for file in sorted(folder.iterdir())],
    }
    file = tmp_path_factory.mktemp("demo") / "index.html"
    write_gallery([result], file)
    return file


@pytest.mark.slow
def test_all_texts_are_readable_and_the_page_is_as_wide_as_the_screen(page_file, open_page, faults_by_look):
    page = open_page(f"file://{page_file}")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.evaluate(TEXTS) > 20
    assert faults_by_look(page) == {}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plots_have_the_colors_of_the_page_and_scroll_by_the_keyboard(page_file, open_page, scheme):
    page = open_page(f"file://{page_file}", width=390, scheme=scheme)
    assert page.evaluate(OTHER_COLORS) == 0
    assert page.locator("img[src^='data:image/svg']").count() == 0
    boxes = page.evaluate(SCROLL_BOXES)
    assert len(boxes) >= 2
    assert boxes == [[0, "region", True]] * len(boxes)
    box = page.locator(".scroll-box").filter(has=page.locator("svg[data-curves]"))
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
