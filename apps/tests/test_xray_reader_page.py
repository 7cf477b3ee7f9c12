"""The page of the app xray-reader in a browser."""

import re
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

import plexus

PREVALENCE = "number input for Prevalence where the model is used (%)"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(trial):
    return plexus.load(trial("medical.classify") / "run/bundle")


@pytest.fixture(scope="module")
def uploads(tmp_path_factory):
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def address(tmp_path_factory, serve_pages, bundle, uploads):
    """The address of the page of the app."""
    folder = tmp_path_factory.mktemp("page")
    with serve_pages(folder, "xray-reader", bundle.folder, GRADIO_TEMP_DIR=str(uploads)) as address:
        yield f"{address}/apps/xray-reader/"
    assert "ada_byron" not in (folder / "log").read_text(), "the name of a file may be that of a patient"


@pytest.fixture
def opened(open_page, address):
    """The function that opens the page."""

    def open_app(width=1200):
        page = open_page(address, width)
        page.locator(".reader-tiles").wait_for()
        return page

    return open_app


@pytest.fixture
def dicom(tmp_path, bundle):
    """A DICOM file of an X-ray that the model answers, of a patient with a name and a number."""
    test = bundle.task.load_dataset(bundle.task.options.parse({"data": "drawn_xrays"}))["test"]
    pixels = next(
        image
        for image, prediction in zip(test.inputs, bundle.predict(test.inputs), strict=True)
        if not prediction.abstained
    )
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    file = FileDataset(str(tmp_path / "ada_byron.dcm"), {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    file.PatientName, file.PatientID, file.PatientBirthDate = "Byron^Ada", "4711-0815", "18151210"
    file.Rows, file.Columns = pixels.shape
    file.SamplesPerPixel, file.PhotometricInterpretation, file.PixelRepresentation = 1, "MONOCHROME2", 0
    file.BitsAllocated, file.BitsStored, file.HighBit = 8, 8, 7
    file.PixelData = np.ascontiguousarray(pixels).tobytes()
    file.save_as(file.filename, enforce_file_format=True)
    return Path(file.filename)


def set_prevalence(page, percent):
    field = page.get_by_label(PREVALENCE)
    field.fill(percent)
    field.press("Enter")
    page.locator(".reader-decision-curve", has_text=f"at a prevalence of {float(percent):.1f}%").wait_for()
    return float(page.locator(".reader-ppv .reader-number").inner_text().rstrip("%"))


def test_a_dicom_file_is_answered_and_not_stored(opened, dicom, uploads):
    page = opened()
    page.locator("input[type=file]").first.set_input_files(dicom)
    page.locator(".reader-card.answered", has_text="Counts as").wait_for()
    page.locator(".reader-check", has_text="Deletion check").wait_for()
    assert page.locator(".reader-pair img").count() == 2
    page.locator(".reader-corrected", has_text="Before the correction").wait_for()
    content = re.sub(r"\b[0-9a-f]{64}\b", "", page.content())  # digests in the addresses of files may hold any digits
    for secret in ("Byron", "ada_byron", "4711-0815", "18151210", "1815"):
        assert secret not in content
    files = [file for file in uploads.rglob("*") if file.is_file() and not file.name.startswith("example_")]
    assert files == []


def test_a_photo_is_not_answered(opened):
    page = opened()
    page.locator(".reader-examples button").nth(6).click()
    page.locator(".reader-card.abstained", has_text="No answer").wait_for()
    assert "out of distribution" in page.locator(".reader-card.abstained").inner_text()
    assert page.locator(".reader-card.answered").count() == 0
    page.locator(".reader-corrected", has_text="There is no prediction for this image").wait_for()


def test_the_last_of_several_quick_selections_is_shown(opened):
    page = opened()
    page.locator(".reader-examples button").nth(6).wait_for()
    page.evaluate(
        """async () => { for (const n of [1, 2, 6]) {
        document.querySelectorAll('.reader-examples button')[n].click();
        await new Promise(resolve => setTimeout(resolve, 100)); } }"""
    )
    page.locator(".reader-corrected", has_text="There is no prediction for this image").wait_for()
    page.wait_for_timeout(3000)
    assert "out of distribution" in page.locator(".reader-card.abstained").inner_text()
    assert page.locator(".reader-card.answered").count() == 0
    assert page.locator(".toast-body").count() == 0


def test_the_prevalence_changes_the_predictive_values(opened):
    page = opened()
    rare, common = set_prevalence(page, "1"), set_prevalence(page, "60")
    assert rare < common
    page.get_by_label("range slider for Prevalence where the model is used (%)").press("ArrowRight")  # the keyboard
    page.locator(".reader-decision-curve", has_text="at a prevalence of 60.1%").wait_for()


def test_the_page_fits_a_phone_and_the_notice_stays_at_the_top(opened, faults_by_look):
    page = opened(390)
    page.locator(".reader-examples button").nth(1).click()
    page.locator(".reader-card.answered, .reader-card.abstained").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    notice, heading = page.locator(".reader-notice"), page.locator("h1")
    box = notice.bounding_box()
    assert "Not for clinical use." in notice.inner_text()
    assert box["y"] == 0
    assert box["y"] + box["height"] <= heading.bounding_box()["y"]
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(300)
    assert page.evaluate("window.scrollY") > 500
    assert notice.bounding_box() == box
    unnamed = """[...document.querySelectorAll('button')].filter(b => b.offsetParent && !b.innerText.trim()
        && !b.ariaLabel && !b.title && !b.querySelector('[aria-label], title, img[alt]')).length"""
    assert page.evaluate(unnamed) == 0, "every button has a name for screen readers"
    assert faults_by_look(page) == {}
