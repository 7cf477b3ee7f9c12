"""Faces that the project draws."""

import numpy as np
import pytest

from plexus_faces.detector import detect
from plexus_faces.drawn_faces import draw_cat, draw_face, draw_faces, draw_group, person_name
from plexus_faces.landmarks import find_landmarks


def test_pictures_of_persons():
    images, names = draw_faces(persons=3, pictures=2)
    assert (images.shape, images.dtype) == ((6, 200, 160, 3), np.uint8)
    assert names == ["person_01", "person_01", "person_02", "person_02", "person_03", "person_03"]
    assert person_name(11) == "person_12"
    assert len({image.tobytes() for image in images}) == 6


def test_a_picture_depends_on_the_seed_and_its_own_numbers_only():
    images, _ = draw_faces(persons=2, pictures=2, seed=5)
    np.testing.assert_array_equal(images[3], draw_face(1, 1, seed=5))
    assert not np.array_equal(images[3], draw_face(1, 1, seed=6))
    np.testing.assert_array_equal(draw_group([0, 2], seed=5), draw_group([0, 2], seed=5))


@pytest.mark.slow
def test_pictures_of_one_person_are_more_alike_than_those_of_two():
    images, names = draw_faces(persons=12, pictures=2)
    pixels = images[:, 40:150, 40:120].reshape(24, -1).astype(float)
    similarities = np.corrcoef(pixels)
    same = np.equal.outer(names, names)
    assert similarities[same & ~np.eye(24, dtype=bool)].mean() > similarities[~same].mean() + 0.1


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)])
def test_each_face_is_detected_once_with_its_landmarks_on_eyes_and_nose(seed):
    for image in draw_faces(persons=12, pictures=1, seed=seed)[0]:
        (detection,) = detect(image)
        left, top, right, bottom = detection.box
        assert detection.confidence > 0
        assert 50 < right - left < 110
        points = find_landmarks(image, detection.box)
        eyes, nose = points[:4], points[4]
        assert (points > [left, top]).all()
        assert (points < [right, bottom]).all()
        assert np.ptp(eyes[:, 1]) < 0.35 * (right - left)
        assert eyes[:, 1].max() < nose[1]
        assert eyes[:, 0].min() < nose[0] < eyes[:, 0].max()


def test_each_face_of_a_group_is_detected_at_its_place():
    group = draw_group([0, 3, 12, 5])
    assert group.shape == (200, 160 + 3 * 116, 3)
    centers = sorted((detection.box[0] + detection.box[2]) / 2 for detection in detect(group))
    np.testing.assert_allclose(centers, [80 + 116 * place for place in range(4)], atol=25)


def test_a_cat_has_no_face():
    assert [detect(draw_cat(seed)) for seed in range(3)] == [[], [], []]
