"""The app translator: glossary, files, the model behind the page, and the page in a browser."""

import html
import re
from itertools import product
from pathlib import Path

import pytest

import plexus
from plexus import InputError
from plexus_apps.translator.model import TranslationModel, read_file
from plexus_apps.translator.page import EXAMPLE, make_page
from plexus_apps.translator.terms import parse_terms

pytestmark = pytest.mark.slow

TEXT = "two hundred and forty-one\n\n  - Zorblax"


@pytest.fixture(scope="module")
def folder(trial):
    """The folder of a bundle of numbers in words, which knows little."""
    return trial("language.translate") / "run/bundle"


@pytest.fixture(scope="module")
def model(folder):
    return TranslationModel(plexus.load(folder))


def test_terms_of_a_glossary():
    assert parse_terms("house = maison\n\n  train station=gare \n") == {"house": "maison", "train station": "gare"}
    for text in ("house", "= maison", "a = b\nhouse ="):
        with pytest.raises(InputError, match=r"glossary, line [12]: expected a term and its translation"):
            parse_terms(text)


def test_files(tmp_path):
    (tmp_path / "a.txt").write_text("\ufeffCafé\r\n", encoding="utf-8", newline="")
    assert read_file(str(tmp_path / "a.txt")) == "Café\r\n"
    (tmp_path / "b.txt").write_bytes("Café".encode("latin-1"))
    with pytest.raises(InputError, match=r"^b\.txt is not a text in UTF-8"):
        read_file(str(tmp_path / "b.txt"))
    (tmp_path / "c.txt").write_bytes(b" " * 2_000_001)
    with pytest.raises(InputError, match=r"^c\.txt has 2,000,001 bytes"):
        read_file(str(tmp_path / "c.txt"))
    with pytest.raises(InputError, match=r"no file: choose a text file first$"):
        read_file(None)


def test_the_page_shows_what_the_bundle_predicts(model):
    request = model.request(TEXT, model.directions[0], alternatives=2)
    prediction = model.bundle.predict([request])[0]
    assert "".join(model.stream(request)) == prediction.translation
    assert prediction.translation.endswith("\n\n  - Zorblax")
    assert prediction.notes == ("no known word: copied",)
    assert [len(each.alternatives) for each in prediction.sentences] == [2, 0]
    frame = model.explain(request)
    page = html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])
    assert page.count("<section>") == 2
    assert f"or: {prediction.sentences[0].alternatives[0].translation}" in html.unescape(page)


def test_every_direction_can_be_chosen(model):
    arrow = " \N{RIGHTWARDS ARROW} "
    pairs = [direction.split(arrow) for direction in model.directions]
    assert pairs[0] == list(model.bundle.task.directions(model.bundle.codec)[0])
    for direction, (_, target) in zip(model.directions, pairs, strict=True):
        assert model.bundle.predict([model.request("one", direction)])[0].to == target


def test_bad_input(model):
    with pytest.raises(InputError, match="no text: write or paste a text first"):
        model.request(" \n", model.directions[0])
    with pytest.raises(InputError, match="--beam must be"):
        model.request("one", model.directions[0], beam=99)


def test_the_page_has_every_model(model):
    page = make_page({"a": model.bundle, "b": model.bundle})
    (dropdown,) = (block for block in page.blocks.values() if getattr(block, "label", "") == "Model")
    assert [name for name, _ in dropdown.choices] == ["a", "b"]


@pytest.fixture(scope="module")
def address(folder, tmp_path_factory, serve_pages):
    """The address of the page of the app."""
    with serve_pages(tmp_path_factory.mktemp("translator"), folder) as address:
        yield f"{address}/apps/translator/"


@pytest.fixture
def opened(open_page, address):
    """The function that opens the page."""

    def open_app(width=1280, scheme="light"):
        page = open_page(address, width, scheme)
        page.wait_for_selector("h1")
        return page

    return open_app


def press(page, name):
    page.get_by_role("button", name=name, exact=True).locator("visible=true").click()


def translated(page, text):
    page.get_by_label("Text", exact=True).locator("visible=true").fill(text)
    press(page, "Translate")
    page.frame_locator("#alignment iframe").locator(".target span").first.wait_for(timeout=60_000)
    return page.locator("#translation textarea").input_value()


def test_a_text_is_translated_and_its_words_are_aligned(opened, model):
    page = opened()
    assert translated(page, TEXT) == model.bundle.predict([TEXT])[0].translation
    frame = page.frame_locator("#alignment iframe")
    word, sources = frame.locator(".target span").first, frame.locator("section").first.locator(".source span")
    weights = list(map(float, word.get_attribute("data-weights").split()))
    for width, scheme in product((1280, 390), ("light", "dark")):
        page.mouse.move(0, 0)
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        word.hover()
        marked = [bool(sources.nth(i).evaluate("word => word.style.background")) for i in range(sources.count())]
        assert marked == [weight >= 0.05 for weight in weights]
        assert frame.get_by_text("no known word: copied").is_visible()
        text, page_color = (
            frame.locator("body").evaluate(f"body => getComputedStyle(body).{name}") for name in ("color", "background")
        )
        brightness = [sum(map(int, re.findall(r"\d+", value)[:3])) for value in (text, page_color)]
        assert (brightness[0] > brightness[1]) == (scheme == "dark")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_file_is_translated_with_a_glossary_and_errors_are_shown(opened, model, tmp_path):
    page = opened()
    page.get_by_text("Glossary and search").click()
    press(page, "Translate")
    page.get_by_text("no text: write or paste a text first").wait_for(timeout=20_000)
    page.get_by_label("Glossary: a term and its translation per line").fill("Zorblax = Xalbroz")
    page.get_by_role("tab", name="Text file").click()
    (tmp_path / "numbers.txt").write_text(TEXT + "\r\n", encoding="utf-8", newline="")
    page.locator("input[type=file]").set_input_files(tmp_path / "numbers.txt")
    page.locator(".file-preview").wait_for()
    press(page, "Translate file")
    page.wait_for_function("document.querySelector('#file-end textarea')?.value.includes('Xalbroz')", timeout=60_000)
    page.locator("a[download]", has_text="Download the translation").or_(
        page.get_by_role("button", name="Download the translation")
    ).first.wait_for()
    with page.expect_download() as download:
        press(page, "Download the translation")
    content = Path(download.value.path()).read_bytes().decode()
    assert download.value.suggested_filename == "numbers.translated.txt"
    request = model.request(TEXT + "\r\n", model.directions[0], glossary={"Zorblax": "Xalbroz"})
    assert content == model.bundle.predict([request])[0].translation
    assert content.endswith("\n\n  - Xalbroz\r\n")


def test_the_example_has_markup_and_an_address():
    assert "<b>" in EXAMPLE
    assert "@" in EXAMPLE
