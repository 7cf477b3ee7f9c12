"""Face recognition on the command line: training, enrolment, identification, verification, deletion."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import plexus as plexus_package
from plexus import InputError
from plexus.cli import main
from plexus_faces.drawn_faces import draw_cat, draw_face, draw_group

ORL = Path(__file__).parents[3] / "models/faces.recognize/orl"
PHOTO = Path(mpl.get_data_path(), "sample_data/grace_hopper.jpg")
"""A photo of one person."""
PERSONS = (1, 2, 9)
"""Numbers of drawn persons who look less alike than others."""


@pytest.fixture
def faces(tmp_path, monkeypatch, capsys):
    """Run `plexus faces` in a folder with images of drawn persons, and return its status, document and messages."""
    monkeypatch.chdir(tmp_path)
    for person, name in zip(PERSONS, ("anna", "ben", "carla"), strict=True):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.fromarray(draw_face(person, number)).save(tmp_path / name / f"{number}.png")
    Image.fromarray(draw_group(PERSONS)).save(tmp_path / "group.png")
    Image.fromarray(draw_cat()).save(tmp_path / "cat.png")

    def run(action, *arguments):
        bundle = [] if action == "forget" else [ORL]
        status = main(["faces", action, *map(str, [*bundle, *arguments]), "--json"])
        captured = capsys.readouterr()
        return status, json.loads(captured.out) if captured.out else None, captured.err

    return run


def test_two_images_are_verified(faces):
    status, same, _ = faces("verify", "anna/0.png", "anna/1.png")
    assert status == 0
    assert same["same_person"]
    assert same["similarity"] >= same["threshold"]
    assert same["probability"] > 0.9
    _, other, _ = faces("verify", "anna/0.png", "ben/0.png")
    assert not other["same_person"]
    assert other["probability"] < 0.6


def test_persons_are_enrolled_identified_and_forgotten(faces, tmp_path):
    _, enrolled, _ = faces("enrol", "anna", "--as", "Anna")
    assert (enrolled["enrolled"], enrolled["pictures"], enrolled["persons"]) == (3, 3, 1)
    faces("enrol", "ben/0.png", "ben/1.png", "--as", "Ben")
    _, identified, _ = faces("identify", "group.png", PHOTO)
    group, photo = (sorted(image["faces"], key=lambda face: face["box"][0]) for image in identified["results"])
    assert [face["name"] for face in group[:2]] == ["Anna", "Ben"]
    assert [face["name"] for face in photo] == [None]
    _, again, _ = faces("enrol", "anna/0.png", "--as", "Anna")
    assert [item["reason"] for item in again["skipped"]] == ["enrolled already"]
    assert b"Anna" in (tmp_path / "gallery.faces").read_bytes()
    _, forgotten, _ = faces("forget", "Anna")
    assert (forgotten["pictures"], forgotten["persons"]) == (3, 1)
    assert b"Anna" not in (tmp_path / "gallery.faces").read_bytes()
    _, after, _ = faces("identify", "anna/2.png")
    assert [face["name"] for face in after["results"][0]["faces"]] == [None]


def test_an_audit_names_mistakes_of_enrolment(faces):
    faces("enrol", "anna", "ben/0.png", "--as", "Anna")
    faces("enrol", "ben/1.png", "ben/2.png", "--as", "Ben")
    faces("enrol", "carla/0.png", "--as", "Carla")
    faces("enrol", "carla/1.png", "--as", "Clara")
    findings = [(item["kind"], item["persons"], item["pictures"]) for item in faces("audit")[1]["findings"]]
    assert ("similar persons", ["Carla", "Clara"], []) in findings
    assert ("outlier", ["Anna"], ["0.png"]) in findings


def test_several_persons_under_one_name_are_noted(faces):
    assert faces("enrol", "anna", "--as", "Anna")[2] == ""
    _, enrolled, line = faces("enrol", "ben/0.png", "carla/0.png", "--as", "Anna")
    assert enrolled["enrolled"] == 2
    assert line == "plexus: Anna: 2 of 5 images do not look like the others: see plexus faces audit\n"


def test_unnamed_faces_are_grouped(faces):
    _, result, _ = faces("group", "anna", "ben", "cat.png")
    groups = {
        folder: {face["group"] for image in result["results"] if folder in image["input"] for face in image["faces"]}
        for folder in ("anna", "ben", "cat")
    }
    assert result["groups"] == 2
    assert len(groups["anna"]) == len(groups["ben"]) == 1
    assert groups["anna"] != groups["ben"]
    assert groups["cat"] == set()


@pytest.fixture
def clip(tmp_path, faces, write_video):
    """A video of four seconds: Anna, nobody, Ben."""
    empty = np.full((240, 200, 3), 128, np.uint8)
    images = [empty.copy() for _ in range(40)]
    for number, image in enumerate(images):
        if number < 20:
            image[20:220, 20:180] = draw_face(PERSONS[0], number // 5)
        elif number >= 30:
            image[20:220, 20:180] = draw_face(PERSONS[1], 0)
    write_video(tmp_path / "clip.mp4", images)
    write_video(tmp_path / "anna.mp4", images[:30])
    return tmp_path / "clip.mp4"


def test_persons_are_identified_in_the_frames_of_a_video(faces, clip):
    faces("enrol", "anna", "--as", "Anna")
    status, result, _ = faces("identify", "clip.mp4", "cat.png")
    assert status == 0
    frames, cat = result["results"][:-1], result["results"][-1]
    names = [[face["name"] for face in frame["faces"]] for frame in frames]
    assert [frame["time"] for frame in frames] == [0, 1, 2, 3]
    assert names == [["Anna"], ["Anna"], [], [None]]
    assert cat == {"input": "cat.png", "faces": []}
    assert result["videos"] == [
        {
            "input": "clip.mp4",
            "frames": 4,
            "persons": [
                {"name": "Anna", "frames": 2, "first": 0, "last": 1},
                {"name": None, "frames": 1, "first": 3, "last": 3},
            ],
        }
    ]
    _, result, _ = faces("identify", "clip.mp4", "--frame-rate", 2, "--seconds", 1)
    assert [frame["time"] for frame in result["results"]] == [0, 0.5]


@pytest.mark.slow
def test_a_person_is_enrolled_from_a_video(faces, clip):
    status, enrolled, _ = faces("enrol", "anna.mp4", "--as", "Anna", "--frame-rate", 2)
    assert status == 0
    assert enrolled["enrolled"] == enrolled["pictures"] == 4
    [skipped] = enrolled["skipped"]
    assert skipped["frames"] == 2
    assert skipped["reason"].startswith("no face was detected")
    _, again, _ = faces("enrol", "anna.mp4", "--as", "Anna", "--frame-rate", 2)
    assert again["enrolled"] == 0
    _, identified, _ = faces("identify", "anna/0.png", "ben/0.png")
    assert [image["faces"][0]["name"] for image in identified["results"]] == ["Anna", None]


def test_frames_are_grouped_with_images(faces, clip):
    _, result, _ = faces("group", "anna/0.png", "clip.mp4")
    assert [face["group"] for picture in result["results"] for face in picture["faces"]] == [0, 0, 0, 1]


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["empty", "broken.png", "broken.mp4", "camera:99", "none.zip"])
def test_an_input_that_cannot_be_read_does_not_stop_the_others(faces, tmp_path, broken):
    (tmp_path / "empty").mkdir()
    for name in ("broken.png", "broken.mp4"):
        (tmp_path / name).write_bytes(b"no image")
    status, enrolled, line = faces("enrol", broken, "anna", "--as", "Anna")
    assert (status, enrolled["enrolled"]) == (2, 3)
    assert [item["input"] for item in enrolled["errors"]] == [broken]
    assert line.startswith(f"plexus: {broken}")
    assert line.count("\n") == 1
    status, identified, line = faces("identify", broken, "anna/0.png")
    assert status == 2
    assert identified["results"][0]["error"].startswith(broken)
    assert identified["results"][1]["faces"][0]["name"] == "Anna"
    assert faces("enrol", "cat.png", "anna/0.png", "--as", "Anna")[0] == 0


def test_images_of_an_archive_are_identified_and_not_stored(faces, tmp_path, monkeypatch):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path / "data"))
    faces("enrol", "anna", "--as", "Anna")
    shutil.make_archive("photos", "zip", "anna")
    _, result, _ = faces("identify", "photos.zip")
    assert [image["input"] for image in result["results"]] == [f"photos.zip/{number}.png" for number in range(3)]
    assert [image["faces"][0]["name"] for image in result["results"]] == ["Anna"] * 3
    assert not (tmp_path / "data").exists()


def test_a_passphrase_without_a_terminal_is_one_line(faces, tmp_path):
    command = ["faces", "identify", ORL, "anna/0.png", "--passphrase"]
    done = subprocess.run(
        [sys.executable, "-m", "plexus", *map(str, command)],
        cwd=tmp_path, input="secret\n", capture_output=True, text=True, start_new_session=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        "plexus: --passphrase: there is no terminal to ask at: set PLEXUS_GALLERY_PASSPHRASE instead\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("verify", "anna/0.png", "cat.png"), "cat.png: no face was detected: expected one, upright"),
        (("verify", "anna/0.png", "group.png"), "group.png: 3 faces were detected: expected one"),
        (("verify", "anna/0.png", "none.png"), "none.png"),
        (
            ("enrol", "cat.png", "--as", "Tom"),
            "no image can be enrolled: cat.png: no face was detected: expected one, upright, of 40 pixels",
        ),
        (("enrol", "group.png", "--as", "Tom"), "3 faces were detected: expected one"),
        (("identify", "anna/0.png"), "there is no gallery gallery.faces: enrol a person first"),
        (("forget", "Anna"), "there is no gallery gallery.faces: enrol a person first"),
        (("forget", "Anna", "--gallery", "none/a.faces"), "there is no gallery none/a.faces: enrol a person first"),
    ],
)
def test_what_cannot_be_done_is_one_line(faces, arguments, message):
    status, document, line = faces(*arguments)
    assert status == 2
    assert document is None
    assert message in line
    assert line.count("\n") == 1


def test_a_picture_under_two_names_is_refused(faces):
    faces("enrol", "anna", "--as", "Anna")
    status, _, line = faces("enrol", "anna/1.png", "--as", "Ben")
    assert status == 2
    assert "1.png is enrolled as 'Anna' already" in line


def test_a_small_second_face_is_not_enrolled_with_the_first(faces, tmp_path):
    image = Image.new("RGB", (400, 400), (120, 130, 140))
    image.paste(Image.fromarray(draw_face(1)).resize((320, 400)))
    image.paste(Image.fromarray(draw_face(2)).resize((80, 100)), (320, 0))
    image.save(tmp_path / "two.png")
    status, _, line = faces("enrol", "two.png", "--as", "Anna")
    assert status == 2
    assert "2 faces were detected: expected one" in line


def test_an_empty_passphrase_does_not_turn_encryption_off(faces, monkeypatch):
    monkeypatch.setenv("PLEXUS_GALLERY_PASSPHRASE", "")
    status, _, line = faces("enrol", "anna", "--as", "Anna")
    assert status == 2
    assert "PLEXUS_GALLERY_PASSPHRASE is set but empty" in line


@pytest.mark.parametrize("link", [".gallery.faces.lock", "gallery.faces"])
def test_a_link_in_place_of_a_file_is_not_followed_into_another(faces, tmp_path, link):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / link).symlink_to(link if link == "gallery.faces" else "precious")
    status, _, line = faces("enrol", "anna", "--as", "Anna")
    assert status == 2
    assert line.count("\n") == 1
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_gallery_of_another_model_is_refused(faces, tmp_path, monkeypatch):
    faces("enrol", "anna", "--as", "Anna")
    from plexus_faces.gallery_file import read_gallery

    with pytest.raises(InputError, match="enrolled with another model"):
        read_gallery(tmp_path / "gallery.faces", None, "0" * 64)


def test_predictions_have_all_faces_and_unit_embeddings(faces, tmp_path):
    bundle = plexus_package.load(ORL)
    group, cat = bundle.predict([tmp_path / "group.png", tmp_path / "cat.png"])
    assert str(cat) == "no face"
    assert str(group).startswith("3 faces: ")
    for face in group.faces:
        assert np.linalg.norm(face.embedding) == pytest.approx(1, abs=1e-4)
        assert len(face.points) == 5


def test_predicting_imports_no_training_framework(tmp_path):
    Image.fromarray(draw_face(0)).save(tmp_path / "a.png")
    code = (
        "import sys; from plexus.cli import main; main(sys.argv[1:]); "
        "print([name for name in ('tensorflow', 'keras', 'dlib', 'sklearn', 'scipy') if name in sys.modules])"
    )
    arguments = ["faces", "verify", ORL, "a.png", "a.png"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=tmp_path, env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_explanations_are_drawn(tmp_path):
    bundle = plexus_package.load(ORL)
    image = Image.open(bundle.explain(draw_face(1), tmp_path / "face.png"))
    assert image.size == (800, 400)
    assert Image.open(bundle.explain(draw_cat(), tmp_path / "cat.png")).size == (800, 400)


@pytest.mark.slow
def test_train_and_evaluate_a_folder(plexus, persons):
    trained = plexus("train", "faces.recognize", "--data", persons, "--out", "model", "--json")
    assert trained.returncode == 0, trained.stderr
    result = json.loads(trained.stdout)
    assert result["score"]["name"] == "equal_error_rate"
    assert result["scores"]["equal_error_rate"] <= 0.1 < result["scores"]["pixel_equal_error_rate"]
    evaluated = json.loads(plexus("evaluate", "model", "--json").stdout)
    assert evaluated["scores"] == result["scores"]
