"""Boxes, labels and images that are wrong: each is repaired, or dropped, and counted."""

import base64

import numpy as np
import pytest
from PIL import Image

from plexus import InputError
from plexus.data.images import read_image

GOOD = ("cat", 0, 2, 10, 12)
HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAaFtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAABxQABAAAAAAAAACkAAgAAAAAB7gABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA4GlwcnAAAADAaXBjbwAAAHhodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoDCBBZbq"
    "SSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABgAAAAQAAAABBw"
    "aXhpAAAAAAMICAgAAAAJaXJvdAMAAAAYaXBtYQAAAAAAAAABAAEFgQIDBIUAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAFVt"
    "ZGF0AAAAJSgBrxmA/UxWn+t9s+cwFMM2Kc274l9v+mTPFzLjyIhyk+OlploAAAAGRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYA"
    "AAAAAAA="
)
"""A black image of 96 x 64 pixels with a white rectangle, and the Exif orientation 6."""
FILLER = {"y": [GOOD], "z": [GOOD]}
"""Two more images: three splits need three. A box from 0 keeps the coordinates from being counted from 1."""


@pytest.mark.parametrize(
    ("box", "expected", "line"),
    [
        (
            ("cat", 20, 25, 10, 5), [("cat", [10, 5, 20, 25])],
            "1 box has swapped corners and was repaired: x.xml: cat 20, 25, 10, 5",
        ),
        (
            ("cat", -5, 20, 10, 40), [("cat", [0, 20, 10, 30])],
            "1 box lies partly outside its image and was clipped: x.xml: cat -5, 20, 10, 40",
        ),
        (("cat", 5, 5, 5, 9), [], "1 box has zero area and was dropped: x.xml: cat 5, 5, 5, 9"),
        (("cat", 5, 5, 5, 5), [], "1 box has zero area and was dropped: x.xml: cat 5, 5, 5, 5"),
        (("cat", 40, 5, 50, 9), [], "1 box lies outside its image and was dropped: x.xml: cat 40, 5, 50, 9"),
        (
            ("cat", "left", 5, 50, 9), [],
            "1 box has a coordinate that is no number and was dropped: x.xml: cat nan, 5, 50, 9",
        ),
        (
            ("cat", "1e400", 5, 50, 9), [],
            "1 box has a coordinate that is no number and was dropped: x.xml: cat inf, 5, 50, 9",
        ),
        ((" ", 5, 5, 9, 9), [], "1 box has no label and was dropped: x.xml:  5, 5, 9, 9"),
        (GOOD, [], "1 box is an exact duplicate and was dropped: x.xml: cat 0, 2, 10, 12"),
        (
            ("CAT", 5, 5, 9, 9), [("cat", [5, 5, 9, 9])],
            "1 image has a label in a spelling that is unusual in the data, which was merged: "
            "x.xml: 'CAT' to 'cat'",
        ),
    ],
)  # fmt: skip
def test_a_bad_box(tmp_path, box, expected, line, load, write_voc, by_name):
    write_voc(tmp_path, {"x": [GOOD, box], **FILLER})
    dataset = load(tmp_path)
    assert by_name(dataset)["x.png"] == [("cat", [0, 2, 10, 12]), *expected]
    assert dataset.findings.lines() == [line]
    with pytest.raises(InputError, match=r"x\.xml: .* \(--strict\)$"):
        load(tmp_path, strict=True)


def test_rounding_beyond_the_edge_is_no_finding(tmp_path, load, write_voc, by_name):
    write_voc(tmp_path, {"x": [("cat", 0, -0.4, 40.2, 30.4)], **FILLER})
    dataset = load(tmp_path, strict=True)
    assert by_name(dataset)["x.png"] == [("cat", [0, 0, 40, 30])]


def test_an_annotation_without_objects_is_an_image_without_boxes(tmp_path, load, write_voc, by_name):
    write_voc(tmp_path, {"x": [], **FILLER})
    dataset = load(tmp_path, strict=True)
    assert by_name(dataset)["x.png"] == []


def test_no_boxes_at_all(tmp_path, load, write_voc):
    write_voc(tmp_path, {"x": [], "y": [], "z": [("cat", 5, 5, 5, 5)]})
    with pytest.raises(InputError, match=r"the 3 images of the train split have no boxes; .*; 1 box has zero area"):
        load(tmp_path)


def test_ten_thousand_boxes(tmp_path, load, voc_xml, write_voc, by_name):
    rows, columns = np.mgrid[0:100, 0:100].reshape(2, -1).tolist()
    boxes = [("dot", left, top, left + 2, top + 2) for left, top in zip(columns, rows, strict=True)]
    write_voc(tmp_path, {"x": voc_xml(*boxes, size=(120, 110)), "y": [], "z": []}, width=120, height=110)
    (tmp_path / "y.xml").write_text(voc_xml(size=(120, 110)))
    (tmp_path / "z.xml").write_text(voc_xml(size=(120, 110)))
    dataset = load(tmp_path)
    assert len(by_name(dataset)["x.png"]) == 10_000


def test_a_missing_and_a_damaged_image(tmp_path, load, write_voc, by_name):
    write_voc(tmp_path, {"w": [GOOD], "x": [GOOD], "v": [GOOD], **FILLER})
    (tmp_path / "x.png").unlink()
    content = (tmp_path / "w.png").read_bytes()
    (tmp_path / "w.png").write_bytes(content[: len(content) // 2])
    dataset = load(tmp_path)
    assert set(by_name(dataset)) == {"v.png", "y.png", "z.png"}
    (line,) = dataset.findings.lines()
    assert line.startswith("2 images are missing or could not be read and were dropped: ")
    assert "w.png is damaged" in line
    assert "x: there is no such file" in line


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<annotation><object>", "is no XML"),
        ("", "is no XML"),
        ('<!DOCTYPE a [<!ENTITY a "aaaa">]><annotation>&a;</annotation>', "document type"),
        ('<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><annotation/>', "document type"),
    ],
)
def test_an_xml_that_cannot_be_read(tmp_path, text, reason, load, write_voc, by_name):
    write_voc(tmp_path, {"w": [GOOD], "x": text, **FILLER})
    dataset = load(tmp_path)
    assert set(by_name(dataset)) == {"w.png", "y.png", "z.png"}
    line, left_out = dataset.findings.lines()
    assert line.startswith("1 annotation could not be read and was dropped: x.xml")
    assert reason in line
    assert left_out.endswith("left out: x.png")


def test_an_expanding_utf_16_document_is_refused(tmp_path, load, write_voc):
    write_voc(tmp_path, {"w": [GOOD], "x": "", **FILLER})
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY a "a">]><annotation>&a;</annotation>'
    (tmp_path / "x.xml").write_bytes(text.encode("utf-16"))
    assert "document type" in load(tmp_path).findings.lines()[0]


def test_an_image_of_half_the_annotated_size(tmp_path, load, voc_xml, write_voc, by_name):
    write_voc(tmp_path, {"x": voc_xml(("cat", 0, 20, 40, 60), size=(80, 60)), **FILLER})
    dataset = load(tmp_path)
    assert by_name(dataset)["x.png"] == [("cat", [0, 10, 20, 30])]
    assert dataset.findings.lines() == [
        "1 image is a scaled copy of the annotated one; its boxes were scaled: x.xml: 80 x 60 stated, 40 x 30 read"
    ]


def test_an_image_of_another_shape_is_dropped(tmp_path, load, voc_xml, write_voc, by_name):
    write_voc(tmp_path, {"w": [GOOD], "x": voc_xml(GOOD, size=(80, 80)), **FILLER})
    dataset = load(tmp_path)
    assert set(by_name(dataset)) == {"w.png", "y.png", "z.png"}
    assert dataset.findings.lines() == [
        "1 image has another aspect ratio than its annotation states and was dropped: x.xml: 80 x 80 stated, "
        "40 x 30 read"
    ]


def test_an_unknown_size(tmp_path, load, voc_xml, write_voc, by_name):
    write_voc(tmp_path, {"x": voc_xml(("cat", 0, 2, 10, 12), size=(0, 0)), **FILLER})
    assert by_name(load(tmp_path, strict=True))["x.png"] == [("cat", [0, 2, 10, 12])]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("stated", ["stored", "displayed"])
def test_exif_orientation(tmp_path, orientation, stated, load, voc_xml, write_voc, by_name):
    """A box that was annotated in the file without its orientation, or as displayed, covers the same pixels."""
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[4:12, 6:20] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    write_voc(tmp_path, {"x": "", **FILLER})
    Image.fromarray(pixels).save(tmp_path / "x.png", exif=exif)
    upright = read_image(tmp_path / "x.png")
    rows, columns = np.nonzero(upright[..., 0])
    box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    is_turned = stated == "stored" and orientation >= 5
    size = (40, 30) if is_turned else upright.shape[1::-1]
    (tmp_path / "x.xml").write_text(voc_xml(("cat", *((6, 4, 20, 12) if is_turned else box)), size=size))
    dataset = load(tmp_path)
    assert by_name(dataset)["x.png"] == [("cat", box)]
    assert [line.split(":")[0] for line in dataset.findings.lines()] == is_turned * [
        "1 image was annotated without its Exif orientation; its boxes were turned"
    ]


def test_a_heic_image_that_was_annotated_without_its_orientation(tmp_path, load, voc_xml, write_voc, by_name):
    """Libheif turns the image: its Exif does not say so afterwards."""
    pytest.importorskip("pi_heif")
    write_voc(tmp_path, FILLER)
    (tmp_path / "x.heic").write_bytes(base64.b64decode(HEIC))
    (tmp_path / "x.xml").write_text(voc_xml(("cat", 12, 8, 40, 24), size=(96, 64)))
    dataset = load(tmp_path)
    rows, columns = np.nonzero(read_image(tmp_path / "x.heic")[..., 0] > 128)
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (40, 12, 56, 40)
    assert by_name(dataset)["x.heic"] == [("cat", [40.0, 12.0, 56.0, 40.0])]
    assert dataset.findings.lines() == [
        "1 image was annotated without its Exif orientation; its boxes were turned: x.xml: 96 x 64 stated, 64 x 96 read"
    ]


@pytest.mark.parametrize("factor", [1, 1.4])
def test_fractions_instead_of_pixels(tmp_path, factor, load, voc_xml, write_voc, by_name):
    """A corner beyond 1 by a wrong box does not make the others pixels."""
    box = ("cat", 0.25, 0.2, 0.75, 0.6)
    write_voc(tmp_path, {name: voc_xml(box) for name in "xyz"})
    (tmp_path / "w.xml").write_text(voc_xml(("cat", 0.25, 0.2, factor, 0.6), size=(0, 0)))
    (tmp_path / "x.png").rename(tmp_path / "w.png")
    (tmp_path / "x.xml").unlink()
    dataset = load(tmp_path)
    boxes = by_name(dataset)
    assert boxes["y.png"] == [("cat", [10.0, 6.0, 30.0, 18.0])]
    assert boxes["w.png"] == [("cat", [10.0, 6.0, 40.0, 18.0])]
    assert dataset.findings.count() == (factor > 1)
    assert dataset.findings.lines()[-1] == (
        "1 annotation file has fractions of the image's sides instead of pixels: w.xml"
    )


@pytest.mark.parametrize(
    ("label", "expected"), [("red\n  cell", "red cell"), ("re\u0301d", "r\u00e9d"), (" red cell\t", "red cell")]
)
def test_labels_are_one_line_of_composed_letters(tmp_path, label, expected, load, write_voc, by_name):
    boxes = by_name(load(write_voc(tmp_path, {"x": [(label, 0, 2, 10, 12)], **FILLER})))
    assert boxes["x.png"] == [(expected, [0.0, 2.0, 10.0, 12.0])]


def test_two_boxes_of_one_object(tmp_path, load, voc_xml, write_voc, by_name):
    second = "<bndbox><xmin>20</xmin><ymin>5</ymin><xmax>30</xmax><ymax>9</ymax></bndbox></object>"
    write_voc(tmp_path, {"x": voc_xml(GOOD).replace("</object>", second), **FILLER})
    assert by_name(load(tmp_path, strict=True))["x.png"] == [
        ("cat", [0.0, 2.0, 10.0, 12.0]), ("cat", [20.0, 5.0, 30.0, 9.0]),
    ]  # fmt: skip


def test_an_object_without_a_box(tmp_path, load, voc_xml, write_voc, by_name):
    text = voc_xml(GOOD).replace("</annotation>", "<object><name>cat</name></object></annotation>")
    dataset = load(write_voc(tmp_path, {"x": text, **FILLER}))
    assert by_name(dataset)["x.png"] == [("cat", [0, 2, 10, 12])]
    assert dataset.findings.lines() == [
        "1 box has a coordinate that is no number and was dropped: x.xml: cat nan, nan, nan, nan"
    ]


def test_an_xml_of_another_program_is_named(tmp_path, load, write_voc):
    write_voc(tmp_path, {"w": "<annotations><image/></annotations>", "x": [GOOD], **FILLER})
    assert load(tmp_path, strict=True).findings.lines() == [
        "1 XML file is no annotation of Pascal VOC and was left out: w.xml: the root is <annotations> instead of "
        "<annotation>",
        "1 image has no annotation, or is in no split, and was left out: w.png",
    ]


def test_the_nearer_of_two_images_with_one_name_belongs_to_an_annotation(tmp_path, load, write_voc):
    for folder, seed in (("first", 1), ("second", 2)):
        write_voc(tmp_path / folder, {"x": [GOOD], "y": [GOOD]}, seed=seed)
    dataset = load(tmp_path)
    assert sum(map(len, dataset.splits.values())) == 4


def test_two_annotations_of_one_image(tmp_path, load, voc_xml, write_voc):
    write_voc(tmp_path, {"x": [GOOD], **FILLER})
    (tmp_path / "more").mkdir()
    (tmp_path / "more/x.xml").write_text(voc_xml())
    assert load(tmp_path).findings.lines() == [
        "1 annotation of an image that has one already was dropped: more/x.xml: also x.xml"
    ]


def test_other_files_and_images_without_an_annotation_are_named(tmp_path, load, write_voc, write_image):
    write_voc(tmp_path, {"x": [GOOD], **FILLER})
    write_image(tmp_path / "without.png")
    (tmp_path / "LICENSE").write_text("free")
    assert load(tmp_path, strict=True).findings.lines() == [
        f"1 file is no image or annotation file and was left out: {tmp_path / 'LICENSE'}",
        "1 image has no annotation, or is in no split, and was left out: without.png",
    ]
