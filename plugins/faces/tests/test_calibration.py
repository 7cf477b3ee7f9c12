"""Threshold and probability of similarities."""

import numpy as np
import pytest

from plexus_faces.calibration import describe_resolution, fit_calibration, impostor_pairs


def _persons(count, images):
    return [f"p{number}" for number in range(count) for _ in range(images)]


def test_pairs_of_different_persons():
    assert impostor_pairs(["a", "a", "b", "c"]) == 5
    assert impostor_pairs(["a", "a"]) == 0


@pytest.mark.parametrize(
    ("persons", "rate", "parts"),
    [
        (_persons(21, 10), 1e-3, ()),
        (
            _persons(5, 10),
            1e-3,
            ("5 persons with 1,000 pairs of different persons resolve a rate of 0.001", "below 10"),
        ),
        (_persons(12, 2), 1e-3, ("12 persons with 264 pairs", "extrapolation by a generalised Pareto tail")),
        (_persons(12, 2), 0.01, ()),
        (_persons(5, 2), 1e-3, ("0.025", "extrapolation by a generalised Pareto tail", "below 10 persons")),
    ],
)
def test_the_resolution_of_a_stated_rate(persons, rate, parts):
    text = describe_resolution(persons, rate)
    assert bool(text) == bool(parts)
    assert all(part in text for part in parts)
    assert ("Pareto" in text) == any("Pareto" in part for part in parts)
    assert ("below 10" in text) == any("below 10" in part for part in parts)


def test_a_threshold_is_that_of_the_stated_rate():
    generator = np.random.default_rng(0)
    persons = np.array(_persons(40, 5))
    vectors = np.repeat(generator.normal(size=(40, 32)), 5, axis=0) + 0.3 * generator.normal(size=(200, 32))
    embeddings = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    calibration = fit_calibration(embeddings, persons, 0.01)
    first, second = np.triu_indices(200, 1)
    impostors = (embeddings @ embeddings.T)[first, second][persons[first] != persons[second]]
    assert np.mean(impostors >= calibration.threshold) == pytest.approx(0.01, rel=0.01)
