"""Networks, augmentation, mixup and CutMix."""

import keras
import numpy as np
import pytest

from plexus import InputError
from plexus.data.augmentation import AugmentationPolicy
from plexus.nets.augmentation import ImageAugmentation
from plexus.plugins.registry import registry
from plexus_vision.augmentation import suitable_policy
from plexus_vision.backbones import backbones
from plexus_vision.imagenet import choose_network, weights_file
from plexus_vision.learner import ImageLearner
from plexus_vision.network import build_network
from plexus_vision.options import ClassifyOptions


def options(**values):
    return ClassifyOptions.parse({"width": 1.0, "network": "residual", "weights": "none", **values})


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (64, 48, 3)])
def test_the_residual_network_fits_any_size(shape):
    network = build_network(shape, 5, options())
    logits = network.predict({"image": np.zeros((2, *shape), np.uint8)}, verbose=0)["logits"]
    assert logits.shape == (2, 5)
    assert network.count_params() < 320_000


@pytest.mark.slow
def test_a_backbone_of_keras_applications():
    network = build_network((32, 32, 1), 3, options(network="MobileNetV2"))
    assert network.predict({"image": np.zeros((1, 32, 32, 1), np.uint8)}, verbose=0)["logits"].shape == (1, 3)
    assert {"ResNet50", "EfficientNetB0", "ConvNeXtTiny"} <= set(backbones())


def test_an_unknown_backbone_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'MobileNetV2'"):
        build_network((32, 32, 3), 3, options(network="MobileNetV22"))


def test_weights_that_cannot_be_fetched(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # no server listens on this port
    with pytest.raises(InputError, match="weights of MobileNetV2 cannot be fetched"):
        build_network((96, 96, 3), 3, options(network="MobileNetV2", weights="imagenet"))


def test_weights_of_the_cache_are_used_for_few_photos(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    shape, few = (64, 96, 3), ClassifyOptions.parse({})
    residual = {"network": "residual", "weights": "none"}
    assert choose_network(few, shape, 140) == residual
    assert "--weights imagenet fetches those of MobileNetV2" in capsys.readouterr().err
    (tmp_path / "models").mkdir()
    for side in (96, 224):
        (tmp_path / f"models/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{side}_no_top.h5").touch()
    pretrained = {"network": "MobileNetV2", "weights": "imagenet"}
    assert choose_network(few, shape, 140) == pretrained
    assert "weights from ImageNet, which are in the cache of Keras" in capsys.readouterr().err
    (tmp_path / "models/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5").unlink()
    assert choose_network(few, (96, 96, 3), 140) == pretrained
    capsys.readouterr()
    assert choose_network(few, shape, 140) == residual  # images that are not square need those of 224 pixels
    assert "fetches" in capsys.readouterr().err
    for values in (
        {"network": "residual"},
        {"weights": "none"},
        {"from_": "bundle"},
        {"labels": 9},
        {"unlabelled": "many"},
    ):
        assert choose_network(ClassifyOptions.parse(values), (96, 96, 3), 140) == residual
    for other, photos in (((96, 96, 3), 2000), ((96, 96, 1), 140), ((32, 32, 3), 140)):
        assert choose_network(few, other, photos) == residual
    assert choose_network(ClassifyOptions.parse({"weights": "imagenet"}), (32, 32, 3), 5000) == pretrained
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("task", ["vision.classify", "vision.pretrain", "vision.detect"])
def test_the_residual_network_has_no_weights_of_imagenet(task):
    with pytest.raises(InputError, match="weights imagenet: the residual network has none"):
        registry().task(task).options.parse({"network": "residual", "weights": "imagenet"})


def test_the_files_of_the_cache_are_those_that_keras_reads(monkeypatch):
    files = []

    def get_file(name, *_, **__):
        files.append(name)
        raise ValueError("no file is fetched in a test")

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", get_file)
    for shape in ((96, 96, 3), (64, 96, 3)):
        with pytest.raises(InputError, match="no file is fetched"):
            build_network(shape, 3, options(network="MobileNetV2", weights="imagenet"))
        assert files[-1] == weights_file(shape).name


@pytest.fixture
def gradient():
    """Images whose brightness is a function of the position."""
    y, x = np.mgrid[0:16, 0:16]
    return np.repeat((8 * y + 4 * x)[None, ..., None], 64, axis=0).astype(np.uint8)


def test_no_augmentation_changes_nothing(gradient):
    augmented = ImageAugmentation(AugmentationPolicy(), seed=0)(gradient)
    np.testing.assert_allclose(augmented, gradient, atol=1e-3)


def test_flips_mirror_about_half(gradient):
    augmented = np.asarray(ImageAugmentation(AugmentationPolicy(flip=True), seed=0)(gradient))
    mirrored = [np.allclose(image, gradient[0][:, ::-1], atol=1e-2) for image in augmented]
    same = [np.allclose(image, gradient[0], atol=1e-2) for image in augmented]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 16 < sum(mirrored) < 48


def test_shifts_are_whole_pixels_and_bounded(gradient):
    augmented = np.asarray(ImageAugmentation(AugmentationPolicy(shift=2 / 16), seed=0)(gradient))
    middle = augmented[:, 8, 8, 0] - float(gradient[0, 8, 8, 0])
    assert set(np.round(middle, 2)) <= {8.0 * dy + 4.0 * dx for dy in range(-2, 3) for dx in range(-2, 3)}
    assert len(set(np.round(middle, 2))) > 5


def test_rotations_preserve_the_centre(gradient):
    augmented = np.asarray(ImageAugmentation(AugmentationPolicy(rotate=0.5), seed=0)(gradient))
    centre, corner = augmented[:, 7:9, 7:9, 0].mean((1, 2)), augmented[:, 3, 8, 0]
    np.testing.assert_allclose(centre, gradient[0, 7:9, 7:9].mean(), atol=0.5)
    assert corner.std() > 5


def test_a_rectangle_of_half_of_the_images_is_erased(gradient):
    augmented = np.asarray(ImageAugmentation(AugmentationPolicy(erase=0.3), seed=0)(gradient))
    changed = np.abs(augmented - gradient).max(axis=-1) > 1
    share = changed.reshape(64, -1).mean(axis=1)
    assert 16 < (share > 0).sum() < 48
    assert share.max() <= 0.4


def test_augmentation_depends_on_the_seed(gradient):
    policy = AugmentationPolicy(flip=True, rotate=0.3, scale=0.2, shift=0.1, erase=0.2)
    first, same, other = (np.asarray(ImageAugmentation(policy, seed)(gradient)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("mixing", ["mixup", "cutmix"])
def test_labels_are_mixed_like_pixels(mixing):
    network = build_network((16, 16, 1), 4, options())
    learner = ImageLearner(network, None, options(**{mixing: 1.0}))
    images = np.zeros((64, 16, 16, 1), np.uint8)
    images[::2] = 200
    passed = []
    network_call = type(network).__call__
    try:
        type(network).__call__ = lambda self, inputs, **_: passed.append(np.asarray(inputs["image"])) or {"logits": 0.0}
        mixed = np.asarray(learner.call({"image": images}, training=True)["mixed"])
    finally:
        type(network).__call__ = network_call
    brightness = passed[0].mean((1, 2, 3)) / 200
    share = np.where(np.arange(64) % 2 == 0, 1 - brightness, brightness)
    np.testing.assert_allclose(mixed, share, atol=1e-5)
    assert mixed.std() > 0.05


def test_the_loss_equals_a_manual_calculation():
    learner = ImageLearner(build_network((8, 8, 1), 2, options()), None, options(label_smoothing=0.2))
    logits = np.log(np.array([[0.8, 0.2], [0.5, 0.5]], np.float32))
    predicted = {"logits": keras.ops.convert_to_tensor(logits), "mixed": keras.ops.convert_to_tensor([0.0, 0.5])}
    loss = float(learner.compute_loss(y=keras.ops.convert_to_tensor([0, 1]), y_pred=predicted))
    first, second = -(0.9 * np.log(0.8) + 0.1 * np.log(0.2)), -np.log(0.5)
    assert loss == pytest.approx((first + second) / 2, rel=1e-5)


def test_mirroring_depends_on_the_data():
    generator = np.random.default_rng(0)
    arrow = np.zeros((400, 16, 16, 1), np.uint8)
    targets = generator.integers(0, 2, 400)
    for i, target in enumerate(targets):  # a bar on the left or on the right: mirroring swaps the labels
        column = generator.integers(1, 6) + 8 * target
        arrow[i, 2:14, column : column + 3] = 255
    assert not suitable_policy(arrow, targets, None).flip
    lying = arrow.transpose(0, 2, 1, 3)  # a bar at the top or at the bottom: mirroring does not change it
    assert suitable_policy(lying, targets, None).flip
    both, classes = np.concatenate([arrow[:20], lying]), np.concatenate([targets[:20], targets])
    assert suitable_policy(both, classes, None).flip
    assert not suitable_policy(both, classes, None, queries=20).flip  # only the first 20 images are mirrored


@pytest.mark.slow
def test_the_scikit_learn_estimator(tmp_path, monkeypatch):
    import plexus

    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    images = generator.integers(0, 60, (200, 16, 16)).astype(np.uint8)
    labels = np.repeat(["left", "right"], 100)
    images[:100, :, :8] += 150
    images[100:, :, 8:] += 150
    fitted = plexus.Estimator("vision.classify", {"epochs": 30, "width": 0.25, "averaging": 0}).fit(images, labels)
    assert fitted.score(images, labels) > 0.9
