"""Networks, augmentation, mixing."""

import keras
import numpy as np
import pytest

from plexus import InputError
from plexus.data.augmentation import AugmentationPolicy
from plexus.nets.augmentation import ImageAugmentation
from plexus_vision.learner import PictureLearner
from plexus_vision.networks import backbones, make_network
from plexus_vision.options import ClassifyOptions
from plexus_vision.recipes import suitable_recipe


def options(**given):
    return ClassifyOptions.parse(given)


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (64, 48, 3)])
def test_the_residual_network_fits_any_size(shape):
    network = make_network(shape, 5, options())
    logits = network.predict({"image": np.zeros((2, *shape), np.uint8)}, verbose=0)["logits"]
    assert logits.shape == (2, 5)
    assert network.count_params() < 320_000


def test_a_backbone_of_keras_applications():
    network = make_network((32, 32, 1), 3, options(network="MobileNetV2"))
    assert network.predict({"image": np.zeros((1, 32, 32, 1), np.uint8)}, verbose=0)["logits"].shape == (1, 3)
    assert {"ResNet50", "EfficientNetB0", "ConvNeXtTiny"} <= set(backbones())


def test_an_unknown_backbone_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'MobileNetV2'"):
        make_network((32, 32, 3), 3, options(network="MobileNetV22"))


def test_weights_that_cannot_be_fetched(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nothing answers there
    with pytest.raises(InputError, match="weights of MobileNetV2 could not be fetched"):
        make_network((96, 96, 3), 3, options(network="MobileNetV2", weights="imagenet"))


@pytest.fixture
def gradient():
    """Pictures whose brightness tells the place."""
    y, x = np.mgrid[0:16, 0:16]
    return np.repeat((8 * y + 4 * x)[None, ..., None], 64, axis=0).astype(np.uint8)


def test_no_augmentation_changes_nothing(gradient):
    found = ImageAugmentation(AugmentationPolicy(), seed=0)(gradient)
    np.testing.assert_allclose(found, gradient, atol=1e-3)


def test_flips_mirror_about_half(gradient):
    found = np.asarray(ImageAugmentation(AugmentationPolicy(flip=True), seed=0)(gradient))
    mirrored = [np.allclose(one, gradient[0][:, ::-1], atol=1e-2) for one in found]
    same = [np.allclose(one, gradient[0], atol=1e-2) for one in found]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 16 < sum(mirrored) < 48


def test_shifts_are_whole_pixels_and_bounded(gradient):
    found = np.asarray(ImageAugmentation(AugmentationPolicy(shift=2 / 16), seed=0)(gradient))
    middle = found[:, 8, 8, 0] - float(gradient[0, 8, 8, 0])
    assert set(np.round(middle, 2)) <= {8.0 * dy + 4.0 * dx for dy in range(-2, 3) for dx in range(-2, 3)}
    assert len(set(np.round(middle, 2))) > 5


def test_rotations_turn(gradient):
    found = np.asarray(ImageAugmentation(AugmentationPolicy(rotate=0.5), seed=0)(gradient))
    centre, corner = found[:, 7:9, 7:9, 0].mean((1, 2)), found[:, 3, 8, 0]
    np.testing.assert_allclose(centre, gradient[0, 7:9, 7:9].mean(), atol=0.5)
    assert corner.std() > 5


def test_erasing_blots_out_a_rectangle_of_half(gradient):
    found = np.asarray(ImageAugmentation(AugmentationPolicy(erase=0.3), seed=0)(gradient))
    changed = np.abs(found - gradient).max(axis=-1) > 1
    share = changed.reshape(64, -1).mean(axis=1)
    assert 16 < (share > 0).sum() < 48
    assert share.max() <= 0.4


def test_the_same_seed_varies_the_same(gradient):
    recipe = AugmentationPolicy(flip=True, rotate=0.3, scale=0.2, shift=0.1, erase=0.2)
    one, same, other = (np.asarray(ImageAugmentation(recipe, seed)(gradient)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
def test_mixing_shares_labels_as_it_shares_pixels(mixing):
    network = make_network((16, 16, 1), 4, options())
    learner = PictureLearner(network, None, options(**{mixing: 1.0}))
    pictures = np.zeros((64, 16, 16, 1), np.uint8)
    pictures[::2] = 200
    seen = []
    network_call = type(network).__call__
    try:
        type(network).__call__ = lambda self, inputs, **_: seen.append(np.asarray(inputs["image"])) or {"logits": 0.0}
        mixed = np.asarray(learner.call({"image": pictures}, training=True)["mixed"])
    finally:
        type(network).__call__ = network_call
    share = np.where(np.arange(64) % 2 == 0, 1 - seen[0].mean((1, 2, 3)) / 200, seen[0].mean((1, 2, 3)) / 200)
    np.testing.assert_allclose(mixed, share, atol=1e-5)
    assert mixed.std() > 0.05


def test_the_loss_by_hand():
    learner = PictureLearner(make_network((8, 8, 1), 2, options()), None, options(label_smoothing=0.2))
    logits = np.log(np.array([[0.8, 0.2], [0.5, 0.5]], np.float32))
    predicted = {"logits": keras.ops.convert_to_tensor(logits), "mixed": keras.ops.convert_to_tensor([0.0, 0.5])}
    loss = float(learner.compute_loss(y=keras.ops.convert_to_tensor([0, 1]), y_pred=predicted))
    first, second = -(0.9 * np.log(0.8) + 0.1 * np.log(0.2)), -np.log(0.5)
    assert loss == pytest.approx((first + second) / 2, rel=1e-5)


def test_flips_are_chosen_by_the_data():
    generator = np.random.default_rng(0)
    arrow = np.zeros((400, 16, 16, 1), np.uint8)
    targets = generator.integers(0, 2, 400)
    for i, target in enumerate(targets):  # a bar on the left, or on the right: mirrored it is the other
        column = generator.integers(1, 6) + 8 * target
        arrow[i, 2:14, column : column + 3] = 255
    assert not suitable_recipe(arrow, targets, None).flip
    lying = arrow.transpose(0, 2, 1, 3)  # above, or below: mirrored it is the same
    assert suitable_recipe(lying, targets, None).flip


def test_arrays_in_scikit_learns_manner(tmp_path, monkeypatch):
    import plexus

    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 60, (200, 16, 16)).astype(np.uint8)
    labels = np.repeat(["left", "right"], 100)
    pictures[:100, :, :8] += 150
    pictures[100:, :, 8:] += 150
    fitted = plexus.Estimator("vision.classify", {"epochs": 30, "width": 0.25, "averaging": 0}).fit(pictures, labels)
    assert fitted.score(pictures, labels) > 0.9
