"""COCO files as programs write them: ids, categories and boxes that are unusual."""

import json

import pytest

from plexus import InputError

BOX = [2, 3, 10, 10]
CORNERS = [2.0, 3.0, 12.0, 13.0]


@pytest.fixture
def write(tmp_path, write_image):
    """Writes three images with a box each, and their file after a change; returns the folder."""

    def write(change):
        for number in range(3):
            write_image(tmp_path / f"{number}.png", seed=number)
        content = {
            "images": [{"id": number, "file_name": f"{number}.png", "width": 40, "height": 30} for number in range(3)],
            "annotations": [{"image_id": number, "category_id": 1, "bbox": BOX} for number in range(3)],
            "categories": [{"id": 1, "name": "cat"}],
        }
        change(content)
        (tmp_path / "boxes.json").write_text(json.dumps(content))
        return tmp_path

    return write


@pytest.mark.parametrize("kind", [float, str])
def test_ids_are_one_number_in_different_ways(write, kind, load, by_name):
    def change(content):
        for entry in content["annotations"]:
            entry |= {"image_id": kind(entry["image_id"]), "category_id": kind(entry["category_id"])}

    dataset = load(write(change), strict=True)
    assert by_name(dataset) == {f"{number}.png": [("cat", CORNERS)] for number in range(3)}


def test_texts_that_are_no_numbers_are_ids(write, load, by_name):
    def change(content):
        for entry, name in zip(content["images"], ("007", "7", "a"), strict=True):
            entry["id"] = name
        for entry, name, width in zip(content["annotations"], ("007", 7, "a"), (5, 6, 7), strict=True):
            entry |= {"image_id": name, "bbox": [2, 3, width, 10]}

    boxes = by_name(load(write(change), strict=True))
    assert [boxes[f"{number}.png"][0][1][2] for number in range(3)] == [7.0, 8.0, 9.0]


def test_two_images_with_one_id(write, load, write_image, tmp_path, by_name):
    write_image(tmp_path / "other.png")
    dataset = load(write(lambda content: content["images"].append({"id": 0, "file_name": "other.png"})))
    assert set(by_name(dataset)) == {"0.png", "1.png", "2.png"}
    assert dataset.findings.lines() == [
        "1 entry of a COCO file could not be used: boxes.json, images 3: other.png has the id 0 of 0.png",
        "1 image has no annotation, or is in no split, and was left out: other.png",
    ]


def test_two_categories_with_one_id(write, load, by_name):
    dataset = load(write(lambda content: content["categories"].append({"id": 1, "name": "dog"})))
    assert by_name(dataset)["0.png"] == [("cat", CORNERS)]
    assert dataset.findings.lines() == [
        "1 entry of a COCO file could not be used: boxes.json, categories 1: dog has the id 1 of cat"
    ]


def test_names_of_categories_that_are_numbers(write, load, by_name):
    dataset = load(write(lambda content: content["categories"][0].update(name=7)), strict=True)
    assert by_name(dataset)["0.png"] == [("7", CORNERS)]


def test_half_a_character_in_a_name(write, load, by_name):
    """A JSON file can hold what no bundle can."""
    dataset = load(write(lambda content: content["categories"][0].update(name="ca\ud800t")))
    assert by_name(dataset)["0.png"] == [("ca?t", CORNERS)]
    assert dataset.findings.lines()[0].endswith("boxes.json, 2.png: 'ca\\ud800t' to 'ca?t'")


@pytest.mark.parametrize("name", ["annotations", "categories"])
def test_entries_that_are_no_list(write, name, load):
    folder = write(lambda content: content.update({name: {"0": {}}}))
    with pytest.raises(InputError, match=rf"boxes\.json: expected a list of {name}, found dict"):
        load(folder)


@pytest.mark.parametrize("box", [{}, {"bbox": []}, {"bbox": None}])
def test_a_polygon_without_a_box(write, box, load, by_name):
    polygons = {"segmentation": [[20, 3, 30, 3, 30, 13], [25, 3, 35, 8, 30, 14.5]]}
    dataset = load(
        write(lambda content: content["annotations"].append({"image_id": 0, "category_id": 1, **box, **polygons})),
        strict=True,
    )
    assert by_name(dataset)["0.png"] == [("cat", CORNERS), ("cat", [20.0, 3.0, 35.0, 14.5])]
    assert dataset.findings.lines() == [
        "1 entry of a COCO file has no box: that of its polygons was used: boxes.json, annotation 3"
    ]


@pytest.mark.parametrize(
    "segmentation", [{"counts": "abc", "size": [30, 40]}, [[1, 2]], [[1, 2, 3, 4, 5, 6, 7]], [5], "text", None]
)
def test_a_segmentation_that_is_no_polygon(write, segmentation, load, by_name):
    entry = {"image_id": 0, "category_id": 1, "segmentation": segmentation}
    dataset = load(write(lambda content: content["annotations"].append(entry)))
    assert by_name(dataset)["0.png"] == [("cat", CORNERS)]
    (line,) = dataset.findings.lines()
    assert line.startswith("1 box has a coordinate that is no number and was dropped: boxes.json, 0.png: cat nan")


def test_fractions_instead_of_pixels(write, load, by_name):
    def change(content):
        for entry in content["annotations"]:
            entry["bbox"] = [0.1, 0.2, 0.5, 0.5]

    dataset = load(write(change), strict=True)
    assert by_name(dataset)["0.png"] == [("cat", [4.0, 6.0, 24.0, 21.0])]
    assert dataset.findings.lines() == [
        "1 annotation file has fractions of the image's sides instead of pixels: boxes.json"
    ]


def test_a_number_with_an_underscore_is_none(write, load, by_name):
    dataset = load(write(lambda content: content["annotations"][0].update(bbox=["1_0", 3, 10, 10])))
    assert by_name(dataset)["0.png"] == []
    assert dataset.findings.count() == 1
