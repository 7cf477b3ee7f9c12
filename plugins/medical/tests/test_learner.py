"""The network of members, and that none of them learns from its fold."""

import keras
import numpy as np
import pytest

from plexus_medical.augmentation import ScanAugmentation
from plexus_medical.batches import fold_batches, images_per_fold
from plexus_medical.learner import MedicalLearner
from plexus_medical.network import build_network, member_networks

FOLDS = 3


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return build_network((16, 16, 1), FOLDS, width=0.5)


@pytest.fixture
def arrays():
    generator = np.random.default_rng(0)
    return {"image": generator.integers(0, 256, (24, 16, 16, 1), np.uint8)}


def trained(arrays, outcomes, folds):
    """Train a small network for two steps, and return its variables by member."""
    keras.utils.set_random_seed(0)
    network = build_network((16, 16, 1), FOLDS, width=0.5)
    learner = MedicalLearner(network, None)
    learner.compile(optimizer=keras.optimizers.SGD(0.1))
    batches = fold_batches(arrays, outcomes, folds, 24, seed=0, epoch=0)
    learner.fit(batches.x, batches.y, batch_size=batches.batch_size, shuffle=False, verbose=0)
    return [[keras.ops.convert_to_numpy(value) for value in member.variables] for member in learner.members]


def test_the_output_is_that_of_the_members(network, arrays):
    logits = np.array(network(arrays)["logits"])
    assert logits.shape == (24, FOLDS, 2)
    for fold, member in enumerate(member_networks(network)):
        assert np.allclose(np.array(member(arrays)["logits"]), logits[:, fold], atol=1e-6)
    weights = [[id(variable) for variable in member.variables] for member in member_networks(network)]
    assert not set(weights[0]) & set(weights[1])


@pytest.mark.slow
@pytest.mark.parametrize("planted", ["outcomes", "images"])
def test_a_member_does_not_learn_from_its_fold(arrays, planted):
    folds = np.arange(24) % FOLDS
    outcomes = (np.arange(24) // FOLDS) % 2
    before = trained(arrays, outcomes, folds)
    of_fold = folds == 1
    if planted == "outcomes":
        outcomes = np.where(of_fold, 1 - outcomes, outcomes)
    else:
        arrays = {"image": np.where(of_fold[:, None, None, None], 255 - arrays["image"], arrays["image"])}
    after = trained(arrays, outcomes, folds)
    assert all(np.array_equal(*pair) for pair in zip(before[1], after[1], strict=True))
    for other in (0, 2):
        assert not all(np.array_equal(*pair) for pair in zip(before[other], after[other], strict=True))


def test_labels_of_the_own_fold_have_no_gradient_in_any_order(network, arrays):
    learner, folds = MedicalLearner(network, None), np.repeat(np.arange(FOLDS), 8).astype(np.int32)
    outcomes, x = np.arange(24) % 2, arrays | {"fold": folds}
    logits = np.array(learner(x))
    assert logits.shape == (FOLDS, 16, 2)

    def loss(labels, logits):
        return float(learner.compute_loss(x, labels, logits))

    base = loss(outcomes, logits)
    for member in range(FOLDS):
        changed = logits.copy()
        # The places of the turns of other folds; some hold images of the member's fold in this order.
        places = np.flatnonzero(np.arange(24) % FOLDS != member)
        changed[member, folds[places] == member] += np.array([5.0, -5.0])
        assert loss(outcomes, changed) == pytest.approx(base, abs=1e-6)
        changed[member] += np.array([5.0, -5.0])
        assert abs(loss(outcomes, changed) - base) > 0.1


def test_the_loss_is_the_mean_cross_entropy_of_the_members(network, arrays):
    learner, folds = MedicalLearner(network, None), np.arange(24, dtype=np.int32) % FOLDS
    outcomes = np.arange(24) // FOLDS % 2
    logits = np.random.default_rng(1).normal(size=(FOLDS, 16, 2)).astype(np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    expected = np.mean(
        [-np.log(probabilities[member][np.arange(16), outcomes[folds != member]]).mean() for member in range(FOLDS)]
    )
    assert float(learner.compute_loss(arrays | {"fold": folds}, outcomes, logits)) == pytest.approx(expected, rel=1e-5)


def test_folds_take_turns_in_batches(arrays):
    folds = np.array([0] * 12 + [1] * 7 + [2] * 5)
    batches = fold_batches(arrays, np.arange(24), folds, 9, seed=3, epoch=1)
    assert batches.batch_size == 9
    assert len(batches) == 3
    assert np.array_equal(batches.x["fold"], np.arange(27) % FOLDS)
    assert np.array_equal(folds[batches.y], batches.x["fold"])
    assert np.array_equal(batches.x["image"], arrays["image"][batches.y])
    assert len(set(batches.y[0::3].tolist())) == 9
    assert set(batches.y[2::3].tolist()) == {19, 20, 21, 22, 23}
    again, other = (fold_batches(arrays, np.arange(24), folds, 9, seed=3, epoch=epoch) for epoch in (1, 2))
    assert np.array_equal(batches.y, again.y)
    assert not np.array_equal(batches.y, other.y)


@pytest.mark.parametrize(
    ("images", "batch_size", "expected"), [(4462, 128, 24), (400, 128, 24), (30, 128, 6), (3, 128, 1)]
)
def test_images_of_a_fold_in_a_batch(images, batch_size, expected):
    assert images_per_fold(images, 5, batch_size) == expected


def test_augmentation_leaves_a_third_sharp():
    keras.utils.set_random_seed(0)
    rows, columns = np.indices((16, 16))
    board = np.where((rows + columns) % 2, 180, 60).astype(np.uint8)[None, ..., None].repeat(600, axis=0)
    layer = ScanAugmentation(1.0, mirror=False, seed=0)
    resampled = np.array(layer(board))[..., 0]
    assert resampled.shape == (600, 16, 16)
    assert resampled.min() >= 0
    assert resampled.max() <= 255
    # In a sharp board, neighbours differ nearly as much everywhere.
    steps = np.abs(np.diff(resampled[:, 4:12, 4:12], axis=2)).mean(axis=(1, 2))
    assert 0.25 < np.mean(steps > 80) < 0.45
    mirrored = np.array(
        ScanAugmentation(1.0, mirror=True, seed=0)(np.tile(np.arange(16, dtype=np.uint8) * 16, (400, 16, 1))[..., None])
    )
    assert 0.4 < np.mean(mirrored[:, 8, 2, 0] > mirrored[:, 8, 13, 0]) < 0.6
