"""The methods without gradients, on shapes whose groups are known."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from plexus import InputError
from plexus_clustering.grouping import group
from plexus_clustering.peaks import find_peaks


@pytest.fixture
def rings():
    """Two rings, one within the other."""
    generator = np.random.default_rng(0)
    angle, radius = generator.uniform(0, 2 * np.pi, 1000), np.repeat([1.0, 3.0], 500)
    radius += generator.uniform(-0.4, 0.4, 1000)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return x, np.repeat([0, 1], 500)


@pytest.fixture
def balls():
    """Four overlapping balls in eight dimensions."""
    generator = np.random.default_rng(1)
    truth = np.repeat([0, 1, 2, 3], [200, 150, 100, 50])
    return generator.normal(0, 3, (4, 8))[truth] + generator.normal(size=(500, 8)), truth


@pytest.mark.parametrize("clusters", [2, None])
def test_rings_are_two_peaks(rings, clusters):
    x, truth = rings
    found = group(x, "peaks", clusters, seed=0)
    assert found.clusters == 2
    assert adjusted_rand_score(truth, found.labels) == 1
    assert (found.sureness is None) == (clusters is not None)


@pytest.mark.parametrize("method", ["peaks", "kmeans"])
def test_the_number_of_balls_is_found(balls, method):
    x, truth = balls
    found = group(x, method, None, seed=0)
    assert found.clusters == 4
    assert adjusted_rand_score(truth, found.labels) > 0.95
    assert found.sureness > 0.7
    assert np.bincount(found.labels).tolist() == sorted(np.bincount(found.labels), reverse=True)


def test_density_leaves_noise_out(rings):
    x, truth = rings
    far = np.random.default_rng(2).uniform(-9, 9, (30, 2))
    labels = group(np.concatenate([x, far]), "density", None, seed=0).labels
    assert np.mean(labels[1000:] == -1) > 0.7
    assert adjusted_rand_score(truth, labels[:1000]) > 0.95


def test_one_cloud_is_one_cluster():
    x = np.random.default_rng(3).normal(size=(800, 2))
    assert group(x, "peaks", None, seed=0).clusters == 1


def test_more_clusters_than_peaks_are_found_by_a_mixture():
    x = np.random.default_rng(4).normal(size=(300, 2))
    assert group(x, "peaks", 3, seed=0).clusters == 3


def test_what_cannot_be_grouped(rings):
    with pytest.raises(InputError, match="all inputs are equal"):
        group(np.ones((20, 3)), "peaks", None, seed=0)
    with pytest.raises(InputError, match="--clusters 5: there are only 2 different inputs"):
        group(np.repeat([[0.0], [1.0]], 10, axis=0), "kmeans", 5, seed=0)
    with pytest.raises(InputError, match="--method density finds the number itself"):
        group(rings[0], "density", 3, seed=0)


def test_equal_rows_climb_to_the_same_peak():
    x = np.repeat(np.array([[0.0, 0.0], [5.0, 5.0]]), 50, axis=0)
    x += np.random.default_rng(0).normal(0, 0.01, x.shape).round(2)
    labels = find_peaks(x).labels(2)
    assert adjusted_rand_score(np.repeat([0, 1], 50), labels) == 1
