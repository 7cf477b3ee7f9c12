"""The choice of the images that are enrolled."""

import numpy as np
import pytest

from plexus.data.pictures import Picture
from plexus_faces.enrolment import Enrolment
from plexus_faces.face import Face

THRESHOLD = 0.5
"""Near copies have a similarity of 0.985 or more."""


def face(angle, width=60):
    embedding = np.array([np.cos(angle), np.sin(angle)], np.float32)
    return Face((0, 0, width, width), 1, np.zeros((5, 2)), np.zeros((150, 150, 3), np.uint8), "", embedding)


def add_frames(enrolment, frames):
    for second, faces in enumerate(frames):
        enrolment.add(Picture("clip.mp4", np.full((1, 1, 3), second, np.uint8), float(second)), faces)


def test_ten_evenly_spaced_frames_that_are_no_near_copies_are_chosen():
    enrolment = Enrolment(THRESHOLD)
    # Of each pair of frames, the second one is a near copy; between neighbouring pairs the similarity is 0.98.
    add_frames(enrolment, [[face(0.2 * (number // 2) + 0.01 * (number % 2))] for number in range(38)])
    pictures, skipped = enrolment.choose()
    assert [picture.label for picture in pictures] == [f"clip.mp4 at {4 * number}.0 s" for number in range(10)]
    assert skipped == [
        {"input": "clip.mp4", "reason": "near copies of other frames", "frames": 19},
        {"input": "clip.mp4", "reason": "10 other frames are enrolled", "frames": 9},
    ]
    assert len({picture.sha256 for picture in pictures}) == 10


def test_frames_with_no_or_several_or_small_faces_are_counted():
    enrolment = Enrolment(THRESHOLD)
    add_frames(enrolment, [[], [face(0)], [face(0, 39)], [], [face(0), face(1, 30)], [face(1, 40)]])
    pictures, skipped = enrolment.choose()
    assert [picture.label for picture in pictures] == ["clip.mp4 at 1.0 s", "clip.mp4 at 5.0 s"]
    assert [(item["frames"], item["reason"].split(":")[0]) for item in skipped] == [
        (2, "no face was detected"),
        (1, "the face is narrower than 40 pixels"),
        (1, "2 faces were detected"),
    ]


def test_images_are_all_enrolled(tmp_path):
    enrolment = Enrolment(THRESHOLD)
    for number in range(12):
        (tmp_path / f"{number}.png").write_bytes(b"%d" % number)
        enrolment.add(Picture(f"{number}.png", tmp_path / f"{number}.png"), [face(0)])
    enrolment.add(Picture("none.png", tmp_path / "none.png"), [])
    pictures, skipped = enrolment.choose()
    assert len(pictures) == 12
    assert pictures[0].embedding == pytest.approx([1, 0])
    assert [item["input"] for item in skipped] == ["none.png"]
