"""Alignment, against dlib."""

import cv2
import numpy as np
import pytest

from plexus_faces.alignment import REFERENCE, align, fit_similarity
from plexus_faces.drawn_faces import draw_face


def test_a_similarity_is_recovered():
    points = np.array([0, 1, 1 + 2j, -3j])
    scale, offset = fit_similarity(points, (2 + 1j) * points + (4 - 5j))
    assert scale == pytest.approx(2 + 1j)
    assert offset == pytest.approx(4 - 5j)


@pytest.mark.parametrize("angle", [0, 30, 180])
@pytest.mark.parametrize("factor", [0.5, 1, 3])
def test_a_turned_and_scaled_image_gives_the_same_face(angle, factor):
    image = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8), None, 6)
    points = 100 + 100 * REFERENCE
    matrix = cv2.getRotationMatrix2D((150, 150), angle, factor)
    matrix[:, 2] += 150 * factor * 1.5 - 150
    size = round(450 * factor)
    changed = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_AREA)
    expected = align(image, points).astype(int)
    aligned = align(changed, points @ matrix[:, :2].T + matrix[:, 2])
    assert np.abs(aligned - expected).mean() < 2
    assert aligned.shape == (150, 150, 3)
    assert aligned.dtype == np.uint8


def test_a_large_face_is_averaged_not_sampled():
    stripes = np.zeros((1500, 1500, 3), np.uint8)
    stripes[:, ::2] = 200
    chip = align(stripes, 300 + 900 * REFERENCE)
    assert np.abs(chip.astype(int) - 100).max() <= 2


def test_outside_of_the_image_the_face_is_black():
    chip = align(np.full((50, 50, 3), 255, np.uint8), 1_000 + 10 * REFERENCE)
    assert chip.max() == 0


@pytest.mark.parametrize("factor", [0.5, 1, 2, 4])
def test_the_face_is_that_of_dlib(factor):
    dlib = pytest.importorskip("dlib", reason="dlib-bin, the oracle, is not installed")
    image = cv2.resize(draw_face(0, 0), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    points = np.rint(factor * (np.array([40, 60]) + 85 * REFERENCE)).astype(int)
    shape = dlib.full_object_detection(dlib.rectangle(0, 0, 1, 1), [dlib.point(int(x), int(y)) for x, y in points])
    expected = dlib.get_face_chip(image, shape, 150, 0.25)
    assert np.abs(align(image, points).astype(int) - expected).mean() < 5
