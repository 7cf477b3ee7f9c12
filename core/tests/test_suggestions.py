"""Which inputs to label next: medoids of clusters, then uncertain inputs that differ."""

import numpy as np
import pytest

from plexus.data.label_spreading import image_descriptors
from plexus.data.suggestions import cluster_medoids, diverse_uncertain_rows, margins
from plexus.errors import InputError

SIZES = (60, 40, 25, 15)


@pytest.fixture(scope="module")
def groups():
    """Four separate groups of points of different sizes, shuffled, and the group of each."""
    generator = np.random.default_rng(0)
    centers = 10 * np.eye(4, 6)
    classes = generator.permutation(np.repeat(np.arange(4), SIZES))
    return (centers[classes] + generator.normal(0, 1, (len(classes), 6))).astype(np.float32), classes


@pytest.fixture(scope="module")
def digits():
    """1,797 handwritten digits as descriptors, and their classes."""
    from sklearn.datasets import load_digits

    content = load_digits()
    return image_descriptors((content.images[..., None] * 15.9375).round().astype(np.uint8)), content.target


def test_medoids_of_all_groups_the_largest_first(groups):
    features, classes = groups
    rows, sizes = cluster_medoids(features, 4, seed=0)
    assert classes[rows].tolist() == [0, 1, 2, 3]
    assert sizes.tolist() == list(SIZES)
    for row, group in zip(rows, range(4), strict=True):
        distances = np.linalg.norm(features - features[classes == group].mean(axis=0), axis=1)
        # The medoid in the space of the principal components is one of the points nearest to the mean.
        assert distances[row] <= np.sort(distances)[3]


@pytest.mark.slow
def test_the_same_seed_chooses_the_same_rows(digits):
    first, second = (cluster_medoids(digits[0], 10, seed=3)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_ten_digits_are_ten_classes(digits, seed):
    features, classes = digits
    rows, sizes = cluster_medoids(features, 10, seed)
    assert sorted(classes[rows].tolist()) == list(range(10))
    assert sizes.sum() == len(features)
    assert (np.diff(sizes) <= 0).all()


def test_clusters_with_a_labelled_input_are_left_out(groups):
    features, classes = groups
    labelled = [int(np.flatnonzero(classes == group)[0]) for group in (0, 2)]
    rows, _ = cluster_medoids(features, 2, seed=0, labelled=labelled)
    assert sorted(classes[rows].tolist()) == [1, 3]


@pytest.mark.slow
def test_a_second_round_repeats_no_input(digits):
    first, _ = cluster_medoids(digits[0], 20, seed=0)
    second, _ = cluster_medoids(digits[0], 20, seed=0, labelled=first.tolist())
    assert len(set(second.tolist())) == 20
    assert not set(first.tolist()) & set(second.tolist())


def test_equal_inputs_count_but_are_suggested_once(groups):
    features, classes = groups
    repeated = np.concatenate([features, np.repeat(features[classes == 3], 5, axis=0)])
    rows, sizes = cluster_medoids(repeated, 4, seed=0)
    assert sizes.tolist() == [90, 60, 40, 25]
    assert rows[0] < len(features)
    assert classes[rows[0]] == 3


@pytest.mark.parametrize("count", [1, 3, 5])
def test_few_inputs(count):
    features = np.eye(5, dtype=np.float32)
    rows, sizes = cluster_medoids(features, count, seed=0)
    assert len(set(rows.tolist())) == count
    assert sizes.sum() == 5
    assert cluster_medoids(features[:1], 1, seed=0)[0].tolist() == [0]


def test_many_separate_groups():
    """A graph of more parts than the embedding has dimensions."""
    generator = np.random.default_rng(0)
    centers = generator.normal(0, 100, (150, 20))
    features = (np.repeat(centers, 8, axis=0) + generator.normal(0, 0.01, (1200, 20))).astype(np.float32)
    rows, sizes = cluster_medoids(features, 150, seed=0)
    assert len(set((rows // 8).tolist())) > 120
    assert sizes.sum() == 1200


@pytest.mark.parametrize("count", [0, 4])
def test_more_suggestions_than_different_inputs(count):
    features = np.repeat(np.eye(3, dtype=np.float32), 4, axis=0)
    with pytest.raises(InputError, match=f"--count {count}: expected 1 to 3, the number of different images"):
        cluster_medoids(features, count, seed=0)
    with pytest.raises(InputError, match="expected 1 to 2"):
        diverse_uncertain_rows(features, np.full((12, 2), 0.5), 3, seed=0, labelled=[0])


def test_the_margin_is_between_the_two_highest_probabilities():
    np.testing.assert_allclose(margins(np.array([[0.5, 0.2, 0.3], [0.4, 0.4, 0.2], [0, 0, 1.0]])), [0.2, 0, 1])


def test_uncertain_inputs_that_differ(groups):
    """Each group has uncertain inputs; those of one group are the most uncertain of all."""
    features, classes = groups
    certainty = np.full(len(features), 0.99)
    for group, value in enumerate((0.500, 0.520, 0.540, 0.560)):
        certainty[np.flatnonzero(classes == group)[:8]] = value
    probabilities = np.stack([certainty, 1 - certainty], axis=1)
    rows = diverse_uncertain_rows(features, probabilities, 4, seed=0)
    assert classes[rows].tolist() == [0, 1, 2, 3]  # one of each, the most uncertain first
    assert certainty[rows].max() < 0.6
    without = diverse_uncertain_rows(features, probabilities, 4, seed=0, labelled=rows.tolist())
    assert not set(rows.tolist()) & set(without.tolist())


def test_no_more_candidates_than_suggestions(groups):
    features, _ = groups
    certainty = np.linspace(0.5, 1, len(features))
    rows = diverse_uncertain_rows(features[:3], np.stack([certainty, 1 - certainty], axis=1)[:3], 3, seed=0)
    assert rows.tolist() == [0, 1, 2]
