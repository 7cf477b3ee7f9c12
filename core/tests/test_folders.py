"""The walk of folders: by content, without hidden places, and with everything that is left out named."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from plexus import Findings, InputError
from plexus.data.folders import FileKind, find_files
from plexus.data.image_formats import IMAGES, classify_image, image_format
from plexus.data.images import find_images, image_errors
from plexus.data.labelled_folders import find_labelled_files, label_name
from plexus.data.splits import parse_split, split_name


def picture(file, number=0):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 4, 3), number, np.uint8)).save(file, "PNG")
    return file


def names(files):
    return [file.name for file in files]


@pytest.mark.parametrize(
    "place",
    [
        ".ipynb_checkpoints/1-checkpoint.png", "__MACOSX/._1.png", "__macosx/1.png", "@eaDir/1.png/THUMB.png",
        "._1.png", "1.png~", "~$1.png", ".hidden.png", ".git/1.png", "$RECYCLE.BIN/1.png",
        "Thumbs.db", "desktop.ini", "lost+found/1.png",
    ],
)  # fmt: skip
def test_hidden_and_system_places_are_never_entered_but_counted(tmp_path, place):
    picture(tmp_path / "1.png")
    picture(tmp_path / place)
    findings = Findings(strict=True)  # they are no problem
    assert names(find_images(tmp_path, findings)) == ["1.png"]
    (line,) = findings.lines()
    assert line.startswith("1 hidden file or folder, or one of the operating system, was left out: ")
    assert place.split("/")[0] in line


def test_images_are_found_by_content(tmp_path):
    for name in ("a.png", "b", "c.dat", "d.JFIF", "e.jpeg.bak"):
        picture(tmp_path / name)
    (tmp_path / "readme.txt").write_text("a text")
    (tmp_path / "BMW.txt").write_text("BM a text that begins like a BMP")
    (tmp_path / "P5.txt").write_text("Pictures of 2005")
    findings = Findings()
    assert names(find_images(tmp_path, findings)) == ["a.png", "b", "c.dat", "d.JFIF", "e.jpeg.bak"]
    (line,) = findings.lines()
    assert line.startswith("3 files are no images and were left out: ")


def test_formats_that_are_not_read_are_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr("plexus.data.image_formats.find_spec", lambda name: None)
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200))
    (tmp_path / "a.jp2").write_bytes(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50))
    (tmp_path / "a.nef").write_bytes(b"MM\0*" + bytes(50))
    with pytest.raises(InputError) as caught:
        find_images(tmp_path)
    for part in ("has no images", "3 images could not be read", "IMG_1.HEIC is a HEIC image, which needs: pip install",
                 "a.jp2 is JPEG 2000", "a.nef is a camera's raw file"):  # fmt: skip
        assert part in str(caught.value)
    picture(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"is a HEIC image.*--strict"):
        find_images(tmp_path, Findings(strict=True))


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miafMA1B", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiafMA1B", "AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom", None),
        (b"RIFF\x24\0\0\0WAVEfmt ", None),
        (b"P5\n4 4\n255\n" + bytes(16), "PPM"),
        (b"", None),
    ],
)
def test_formats_by_their_first_bytes(head, name):
    assert image_format(head) == name


def test_links_are_followed_but_not_in_circles(tmp_path):
    real = picture(tmp_path / "real/cat/1.png").parent
    data = tmp_path / "data"
    data.mkdir()
    (data / "cat").symlink_to(real)
    picture(data / "dog/1.png")
    (data / "dog/2.png").symlink_to(data / "dog/1.png")
    (data / "dog/loop").symlink_to("..")
    (data / "dog/broken.png").symlink_to("nowhere.png")
    os.mkfifo(data / "dog/pipe.png")
    findings = Findings()
    assert names(find_images(data, findings)) == ["1.png", "1.png", "2.png"]
    lines = "\n".join(findings.lines())
    assert "broken.png is a link that leads nowhere" in lines
    assert "1 link to a folder above was not followed" in lines
    assert "1 device, pipe or socket was left out" in lines


def test_a_name_that_is_not_utf8_can_be_printed(tmp_path):
    (tmp_path / os.fsdecode(b"bad\xff.png")).write_bytes(b"no")
    picture(tmp_path / "a\nb.png")
    findings = Findings()
    files = find_images(tmp_path, findings)
    for error in filter(None, image_errors(files)):
        findings.add("images could not be read and were dropped", error)
    (line,) = findings.lines()
    line.encode()
    assert r"bad\xff.png: its content is not an image" in line
    assert label_name(tmp_path / os.fsdecode(b"caf\xe9")) == r"caf\xe9"


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        (("Training", "Testing"), {"train": 4, "test": 4}),
        (("train", "dev", "test"), {"train": 4, "val": 4, "test": 4}),
        (("TRAIN", "VALIDATION", "EVAL"), {"train": 4, "val": 4, "test": 4}),
        (("train", "valid"), {"train": 4, "val": 4}),
        (("seg_train/seg_train", "seg_test/seg_test"), {"train": 4, "test": 4}),
        (("test",), {"train": 4}),
        (("",), {"train": 4}),
        (("train", "val", "dev"), {"train": 4, "val": 8}),
    ],
)
def test_common_names_of_splits(tmp_path, parts, counts):
    for part in parts:
        for label in ("cat", "dog"):
            for number in range(2):
                picture(tmp_path / part / label / f"{number}.png")
    findings = Findings()
    files_by_split = find_labelled_files(tmp_path, IMAGES, findings)
    assert {split: len(files) for split, files in files_by_split.items()} == counts
    assert {label for files in files_by_split.values() for _, label in files} == {"cat", "dog"}
    assert findings.lines() == []


def test_an_unknown_folder_beside_splits_is_named(tmp_path):
    for part in ("train/cat", "train/dog", "test/cat", "test/dog", "unlabelled/cat"):
        picture(tmp_path / part / "1.png")
    picture(tmp_path / "holdout/1.png")
    picture(tmp_path / "train/stray.png")
    findings = Findings()
    assert {split: len(files) for split, files in find_labelled_files(tmp_path, IMAGES, findings).items()} == {
        "train": 2, "test": 2,
    }  # fmt: skip
    lines = "\n".join(findings.lines())
    assert "unlabelled is not named like a split" in lines
    assert "holdout has no sub-folders: expected one per label" in lines
    assert "stray.png is in no folder of a label" in lines


def test_splits_in_the_folders_of_labels_are_followed(tmp_path):
    for number, part in enumerate(("cat/train", "dog/train", "cat/Test", "dog/Test", "dog/Test")):
        picture(tmp_path / part / f"{number}.png")
    findings = Findings()
    files_by_split = find_labelled_files(tmp_path, IMAGES, findings)
    assert {split: [(file.name, label) for file, label in files] for split, files in files_by_split.items()} == {
        "test": [("2.png", "cat"), ("3.png", "dog"), ("4.png", "dog")],
        "train": [("0.png", "cat"), ("1.png", "dog")],
    }
    assert findings.lines() == []


@pytest.mark.parametrize(
    ("places", "line"),
    [
        (
            ("fold1/train/cat", "fold1/test/cat", "fold2/train/cat"),
            "fold1 has a folder of a split with sub-folders, test: if",
        ),
        (("cat", "cat/test", "dog"), "cat is no LABEL/SPLIT, although .*cat/test is named like a split"),
        (("cat/train", "cat/test", "dog"), "dog is no LABEL/SPLIT, although .*cat/te?[rs].* is named like a split"),
        (
            ("cat/day/train", "cat/day/test", "dog/day"),
            "day/.* is no LABEL/SPLIT, although .*cat/day/",
        ),
        (("train/cat/test", "train/dog", "test/cat"), "cat/test is named like a split in a folder of another .train"),
    ],
)
def test_splits_at_odd_places_are_named(tmp_path, places, line):
    for place in places:
        picture(tmp_path / place / "1.png")
    with pytest.raises(InputError, match=line):
        find_labelled_files(tmp_path, IMAGES, Findings())


def test_folders_in_those_of_labels_that_are_no_splits(tmp_path):
    for place in ("cat/anna", "cat/train_station", "dog", "train/cat"):
        picture(tmp_path / place / "1.png")
    (tmp_path / "train/cat/1.png").rename(tmp_path / "train/1.png")
    (tmp_path / "train/cat").rmdir()
    assert sorted(label for _, label in find_labelled_files(tmp_path, IMAGES, Findings())["train"]) == [
        "cat", "cat", "dog", "train"
    ]  # fmt: skip


def test_labels_that_are_named_like_splits_but_hold_images(tmp_path):
    for label in ("car", "train", "valid"):
        picture(tmp_path / label / "1.png")
    files_by_split = find_labelled_files(tmp_path, IMAGES, Findings())
    assert sorted(label for _, label in files_by_split["train"]) == ["car", "train", "valid"]


def test_splits_without_labels_are_no_labels(tmp_path):
    picture(tmp_path / "train/1.png")
    picture(tmp_path / "test/1.png")
    with pytest.raises(InputError, match="test has no sub-folders: expected one sub-folder per label"):
        find_labelled_files(tmp_path, IMAGES, Findings())


def test_values_of_a_column_of_splits():
    assert [parse_split("a.csv, line 2", value) for value in ("Testing", "train ", "", None, "DEV", "Validation")] == [
        "test", "train", "train", "train", "val", "val",
    ]  # fmt: skip
    with pytest.raises(InputError, match="line 2: split 'tset' is none of train, val, test"):
        parse_split("a.csv, line 2", "tset")
    assert split_name("train_test", part=True) is None


def test_folders_that_are_nested_too_deep(tmp_path):
    folder = tmp_path
    for _ in range(70):
        folder = folder / "a"
        folder.mkdir()
    with pytest.raises(InputError, match="lies in more than 64 folders"):
        find_files(tmp_path, FileKind("files", {".x"}, classify_image))


RIGHTS = "-dac_override,-dac_read_search"
WITHOUT_RIGHTS = ["setpriv", "--bounding-set", RIGHTS, "--inh-caps", RIGHTS]


@pytest.mark.skipif(os.name == "nt", reason="rights are others on Windows")
@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may read everything")
@pytest.mark.parametrize("place", ["cat", "cat/1.png"])
def test_a_place_without_permission_is_named_as_such(tmp_path, place):
    picture(tmp_path / "cat/1.png")
    picture(tmp_path / "dog/1.png")
    code = (
        "import sys; from pathlib import Path; from plexus import Findings, InputError\n"
        "from plexus.data.image_formats import IMAGES; from plexus.data.images import image_errors\n"
        "from plexus.data.labelled_folders import find_labelled_files\n"
        "try: image_errors([file for file, _ in find_labelled_files(Path(sys.argv[1]), IMAGES, Findings())['train']])\n"
        "except InputError as error: print(error)"
    )
    (tmp_path / place).chmod(0)
    try:
        command = [*(WITHOUT_RIGHTS if os.geteuid() == 0 else []), sys.executable, "-c", code, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    finally:
        (tmp_path / place).chmod(0o755)
    assert f"cannot read {tmp_path / place}: Permission denied" in done.stdout, done.stderr
    assert done.stdout.count("\n") == 1
