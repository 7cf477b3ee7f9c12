"""The clustering methods without a network, on data sets with known clusters."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from plexus import InputError
from plexus_clustering.clusters import find_clusters
from plexus_clustering.mode_hierarchy import ModeHierarchy
from plexus_clustering.pseudo_labels import match_labels
from plexus_clustering.tomato import find_modes


@pytest.fixture
def rings():
    """Two concentric rings."""
    generator = np.random.default_rng(0)
    angle, radius = generator.uniform(0, 2 * np.pi, 1000), np.repeat([1.0, 3.0], 500)
    radius += generator.uniform(-0.4, 0.4, 1000)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    return x, np.repeat([0, 1], 500)


@pytest.fixture
def balls():
    """Four overlapping Gaussian clusters in eight dimensions."""
    generator = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2, 3], [200, 150, 100, 50])
    return generator.normal(0, 3, (4, 8))[labels] + generator.normal(size=(500, 8)), labels


@pytest.mark.parametrize("clusters", [2, None])
def test_two_rings_are_two_clusters(rings, clusters):
    x, labels = rings
    result = find_clusters(x, "tomato", clusters, seed=0)
    assert result.clusters == 2
    assert adjusted_rand_score(labels, result.labels) == 1
    assert (result.count_stability is None) == (clusters is not None)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["tomato", "kmeans"])
def test_the_number_of_balls_is_estimated(balls, method):
    x, labels = balls
    result = find_clusters(x, method, None, seed=0)
    assert result.clusters == 4
    assert adjusted_rand_score(labels, result.labels) > 0.95
    assert result.count_stability > 0.7
    assert np.bincount(result.labels).tolist() == sorted(np.bincount(result.labels), reverse=True)


def test_hdbscan_finds_noise(rings):
    x, labels = rings
    noise = np.random.default_rng(2).uniform(-9, 9, (30, 2))
    predicted = find_clusters(np.concatenate([x, noise]), "hdbscan", None, seed=0).labels
    assert np.mean(predicted[1000:] == -1) > 0.7
    assert adjusted_rand_score(labels, predicted[:1000]) > 0.95


def test_one_gaussian_is_one_cluster():
    x = np.random.default_rng(3).normal(size=(800, 2))
    assert find_clusters(x, "tomato", None, seed=0).clusters == 1


def test_a_mixture_gives_more_clusters_than_modes():
    x = np.random.default_rng(4).normal(size=(300, 2))
    assert find_clusters(x, "tomato", 3, seed=0).clusters == 3


def test_data_and_options_that_cannot_be_clustered(rings):
    with pytest.raises(InputError, match="all inputs are equal"):
        find_clusters(np.ones((20, 3)), "tomato", None, seed=0)
    with pytest.raises(InputError, match="--clusters 5: there are only 2 different inputs"):
        find_clusters(np.repeat([[0.0], [1.0]], 10, axis=0), "kmeans", 5, seed=0)
    with pytest.raises(InputError, match="--method hdbscan estimates the number of clusters"):
        find_clusters(rings[0], "hdbscan", 3, seed=0)


def test_equal_rows_belong_to_the_same_mode():
    x = np.repeat(np.array([[0.0, 0.0], [5.0, 5.0]]), 50, axis=0)
    x += np.random.default_rng(0).normal(0, 0.01, x.shape).round(2)
    labels = find_modes(x).labels(2)
    assert adjusted_rand_score(np.repeat([0, 1], 50), labels) == 1


def test_pseudo_labels_keep_their_numbers():
    first = match_labels(np.array([2, 2, 2, 0, 0, 1]), np.full(6, -1), 3)
    assert first.tolist() == [0, 0, 0, 1, 1, 2]
    again = match_labels(np.array([1, 1, 2, 2, 2, 0]), first, 3)
    assert again.tolist() == [0, 0, 1, 1, 1, 2]


def test_the_hierarchy_of_a_density_by_hand():
    """Peaks of 3, 2 and 1.8 in a row; the last meets the cluster of the second at 1.5, that one the first at 1."""
    densities = np.array([1.2, 3.0, 1.0, 2.0, 1.5, 1.8])
    hierarchy = ModeHierarchy([[1], [2], [3], [4], [5], []], densities)
    assert (hierarchy.births - hierarchy.deaths).round(9).tolist() == [0.3, 1.0]
    assert hierarchy.births.tolist() == [1.8, 2.0]
    assert hierarchy.labels(3).tolist() == [0, 0, 0, 1, 1, 2]
    assert hierarchy.labels(2).tolist() == [0, 0, 0, 1, 1, 1]
    assert hierarchy.labels(1).tolist() == [0] * 6
    assert ModeHierarchy([[1], [2], [3], []], np.array([2.0, 1.0, 1.5, 3.0])).labels(2).tolist() == [1, 1, 0, 0]
