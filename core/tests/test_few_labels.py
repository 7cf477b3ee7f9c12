"""Datasets with unlabelled images, labels by a graph, thresholds of pseudo-labels, and the paired comparison."""

import numpy as np
import pytest
from PIL import Image

from plexus import Examples, Findings, InputError, SupervisedDataset
from plexus.data.label_spreading import image_descriptors, spread_labels
from plexus.data.named import NamedDataset
from plexus.data.partly_labelled_images import PartlyLabelledImages
from plexus.data.splits import draw_evenly
from plexus.data.unlabelled_images import read_unlabelled_images
from plexus.metrics.paired_scores import is_better_paired

GENERATOR = np.random.default_rng(0)


def noise(count):
    return GENERATOR.integers(0, 256, (count, 6, 6, 1)).astype(np.uint8)


@pytest.fixture
def labelled():
    """300 different images of three labels."""
    return SupervisedDataset({"train": Examples(noise(300), ["a", "b", "c"] * 100)}, 0, Findings())


def test_labels_are_drawn_equally():
    targets = ["a"] * 50 + ["b"] * 50 + ["c"] * 2
    rows = draw_evenly(targets, 12, seed=0)
    assert [sum(targets[row] == label for row in rows) for label in "abc"] == [5, 5, 2]
    np.testing.assert_array_equal(rows, draw_evenly(targets, 12, seed=0))
    assert not np.array_equal(rows, draw_evenly(targets, 12, seed=1))
    assert len(draw_evenly(targets, 1000, seed=0)) == 102


def test_the_other_examples_are_used_without_labels(labelled):
    partly = PartlyLabelledImages(labelled, labels=15)
    assert [partly.count(split) for split in ("train", "val", "test")] == [15, 15, labelled.count("test")]
    assert len(partly.unlabelled) == labelled.count("train") + labelled.count("val") - 30
    assert set(partly.unlabelled.targets) == {""}
    assert partly.fingerprint == labelled.fingerprint
    np.testing.assert_array_equal(partly["test"].inputs, labelled["test"].inputs)


def test_labelled_rows_of_the_training_split(labelled):
    rows = np.array([40, 3, 7, 8, 40])
    partly = PartlyLabelledImages(labelled, labels=rows)
    train = labelled["train"]
    np.testing.assert_array_equal(partly["train"].inputs, train.inputs[[3, 7, 8, 40]])
    assert partly["train"].targets == [train.targets[row] for row in (3, 7, 8, 40)]
    assert partly.count("val") == 4
    assert len(partly.unlabelled) == len(train) + labelled.count("val") - 8


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, 9999], r"labels: row 9999 is not in the training split, rows 0 to \d+"),
        ([-1], "labels: row -1 is not in the training split"),
        ([0.5], "labels: expected an array of row numbers, got float64"),
        ([[1, 2]], r"labels: expected an array of row numbers, got int64 of shape \(1, 2\)"),
    ],
)
def test_rows_that_cannot_be_used(labelled, rows, message):
    with pytest.raises(InputError, match=message):
        PartlyLabelledImages(labelled, labels=np.array(rows))


def test_rows_without_one_of_the_labels(labelled):
    rows = np.flatnonzero(np.array(labelled["train"].targets) != "b")
    with pytest.raises(InputError, match=r"none of the \d+ rows has the label 'b'"):
        PartlyLabelledImages(labelled, labels=rows)


def test_a_checksum_of_the_unlabelled_images(labelled, tmp_path):
    images = noise(10)
    partly, again, other = (PartlyLabelledImages(labelled, part) for part in (images, images.copy(), images[:9]))
    assert labelled.unlabelled_fingerprint is None
    assert partly.unlabelled_fingerprint == again.unlabelled_fingerprint != other.unlabelled_fingerprint
    assert partly.fingerprint == other.fingerprint
    files = [tmp_path / "a.png", tmp_path / "b.png"]
    for file in files:
        Image.fromarray(noise(1)[0, ..., 0]).save(file)
    of_files = [PartlyLabelledImages(labelled, part).unlabelled_fingerprint for part in (files, files[:1])]
    files[0].write_bytes(files[0].read_bytes() + b"more")
    assert len({*of_files, PartlyLabelledImages(labelled, files).unlabelled_fingerprint}) == 3


def test_images_of_the_test_split_are_left_out(labelled):
    test, val = labelled["test"].inputs[:3], labelled["val"].inputs[:2]
    partly = PartlyLabelledImages(labelled, np.concatenate([noise(10), test, val]))
    assert len(partly.unlabelled) == 10
    assert partly.findings.lines() == [
        "5 unlabelled images are examples of the validation or test split and were left out: image 11; image 12; "
        "image 13 and 2 more"
    ]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (2, "--labels 2: expected at least one for each of the 3 labels"),
        (9999, r"--labels 9999: the training split has \d+ labelled examples only"),
        (None, "there is no unlabelled image: all"),
    ],
)
def test_numbers_of_labels_that_cannot_be_used(labelled, labels, message):
    with pytest.raises(InputError, match=message):
        PartlyLabelledImages(labelled, labels=labels)


def test_images_that_are_all_in_the_test_split(labelled):
    with pytest.raises(InputError, match="all unlabelled images are examples of the validation or test split; 4 unl"):
        PartlyLabelledImages(labelled, labelled["test"].inputs[:4])


def test_a_folder_of_any_depth_with_an_unreadable_file(tmp_path):
    for place in ("a.png", "sub/b.png", "sub/deeper/c.png"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise(1)[0, ..., 0]).save(tmp_path / place)
    (tmp_path / "sub/cut.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    findings = Findings()
    files = read_unlabelled_images(tmp_path, findings)
    assert [file.name for file in files] == ["a.png", "b.png", "c.png"]
    assert findings.lines()[0].startswith("1 unlabelled image could not be read and was dropped: ")


def test_arrays_and_named_data_sets(tmp_path):
    np.savez(tmp_path / "many.npz", x_train=noise(7), y_train=np.arange(7), x_test=noise(2), y_test=np.arange(2))
    assert read_unlabelled_images(tmp_path / "many.npz", Findings()).shape == (9, 6, 6, 1)
    named = NamedDataset("few", "CC0", embedded=lambda: {"train": (noise(5), None), "test": (noise(4), None)})
    assert read_unlabelled_images(named, Findings()).shape == (5, 6, 6, 1)


def test_a_named_data_set_in_one_file(tmp_path, monkeypatch):
    (tmp_path / "many").mkdir()
    np.savez(tmp_path / "many" / "many.npz", train_images=noise(6), train_labels=np.arange(6))
    named = NamedDataset("many", "CC0", unpacked="*.npz")
    monkeypatch.setattr(NamedDataset, "fetch", lambda self: tmp_path / "many")
    assert read_unlabelled_images(named, Findings()).shape == (6, 6, 6, 1)


@pytest.mark.parametrize("place", ["many.npz", "part/many.npz", "part/train-images-idx3-ubyte"])
def test_the_arrays_of_a_named_data_set(tmp_path, monkeypatch, place):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path))
    pixels, file = np.arange(24, dtype=np.uint8).reshape(2, 3, 4), tmp_path / "many" / place
    file.parent.mkdir(parents=True)
    (tmp_path / "many/readme.txt").write_text("no array")
    if file.suffix:
        np.savez(file, train_images=pixels)
    else:
        file.write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]) + pixels.tobytes())
    images, labels = NamedDataset("many", "CC0", unpacked="**/*").read_arrays()["train"]
    assert images.tolist() == pixels.tolist()
    assert labels is None


def test_a_named_data_set_without_arrays(tmp_path, monkeypatch):
    monkeypatch.setenv("PLEXUS_DATA", str(tmp_path))
    (tmp_path / "few").mkdir()
    (tmp_path / "few/readme.txt").write_text("no array")
    with pytest.raises(InputError, match=r"^few: expected a data set of arrays .*, found none$"):
        NamedDataset("few", "CC0", unpacked="*").read_arrays()


def test_places_without_images(tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    with pytest.raises(InputError, match="has no images"):
        read_unlabelled_images(tmp_path, Findings())
    with pytest.raises(InputError, match=r"--unlabelled .*notes\.txt: expected a folder of images"):
        read_unlabelled_images(tmp_path / "notes.txt", Findings())


@pytest.fixture(scope="module")
def digits():
    """500 handwritten digits, the first 30 of them three of each label."""
    from sklearn.datasets import load_digits

    content = load_digits()
    pixels, classes = (content.images[:500, ..., None] * 15).astype(np.uint8), content.target[:500]
    few = draw_evenly(classes.astype(str), 30, seed=0)
    order = np.concatenate([few, np.setdiff1d(np.arange(500), few)])
    return pixels[order], classes[order]


def test_descriptors_do_not_depend_on_the_contrast(digits):
    images = digits[0]
    descriptors = image_descriptors(images)
    assert descriptors.shape == (500, 8 * 8 * 8)
    np.testing.assert_allclose(np.linalg.norm(descriptors, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(image_descriptors(images // 2 * 2), image_descriptors(images // 2), atol=1e-5)
    assert image_descriptors(np.zeros((2, 28, 20, 3), np.uint8)).shape == (2, 9 * 9 * 8)
    assert not image_descriptors(np.full((1, 8, 8, 1), 90, np.uint8)).any()


@pytest.mark.parametrize("most", [60_000, 300])
def test_labels_spread_to_similar_images(monkeypatch, digits, most):
    monkeypatch.setattr("plexus.data.label_spreading.MAX_NODES", most)
    images, classes = digits
    descriptors = image_descriptors(images)
    spread = spread_labels(descriptors[:30], classes[:30], descriptors[30:], seed=0)
    np.testing.assert_allclose(spread.sum(axis=1), 1, rtol=1e-5)
    assert np.mean(spread.argmax(axis=1) == classes[30:]) > 0.9


def test_the_thresholds_follow_equations_5_to_8():
    from plexus.nets.adaptive_thresholds import AdaptiveThresholds

    thresholds = AdaptiveThresholds(classes=2, decay=0.9)
    np.testing.assert_allclose(thresholds.thresholds(), [0.5, 0.5])
    probabilities = np.array([[0.9, 0.1], [0.52, 0.48], [0.2, 0.8], [0.95, 0.05]], np.float32)
    labels, selected = thresholds(probabilities, training=True)
    confidence = 0.9 * 0.5 + 0.1 * (0.9 + 0.52 + 0.8 + 0.95) / 4
    first, second = 0.9 * 0.5 + 0.1 * 2.57 / 4, 0.9 * 0.5 + 0.1 * 1.43 / 4
    np.testing.assert_allclose(thresholds.thresholds(), [confidence, second / first * confidence], rtol=1e-6)
    np.testing.assert_array_equal(labels, [[1, 0], [1, 0], [0, 1], [1, 0]])
    np.testing.assert_array_equal(selected, [1, 0, 1, 1])
    thresholds(probabilities, training=False)
    np.testing.assert_allclose(thresholds.confidence, confidence, rtol=1e-6)


def test_classes_that_are_not_balanced_have_one_threshold():
    from plexus.nets.adaptive_thresholds import AdaptiveThresholds

    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.95, 0.05]], np.float32)
    layers = [AdaptiveThresholds(classes=2, decay=0.0, balanced=balanced) for balanced in (True, False)]
    even, plain = (layer(probabilities, training=True)[1] for layer in layers)
    np.testing.assert_allclose(layers[1].thresholds(), [0.7875, 0.7875], rtol=1e-6)
    np.testing.assert_array_equal(even, [1, 0, 1, 1])
    np.testing.assert_array_equal(plain, [1, 0, 0, 1])
    assert AdaptiveThresholds.from_config(layers[1].get_config()).balanced is False


def test_the_fairness_follows_equations_9_to_11():
    from plexus.nets.adaptive_thresholds import AdaptiveThresholds

    thresholds = AdaptiveThresholds(classes=2, decay=0.9)
    weak = np.array([[0.9, 0.1], [0.52, 0.48], [0.2, 0.8], [0.95, 0.05]], np.float32)
    labels, selected = thresholds(weak, training=True)
    strong = np.array([[0.7, 0.3], [0.5, 0.5], [0.4, 0.6], [0.2, 0.8]], np.float32)
    average = np.array([0.9 * 0.5 + 0.1 * 2.57 / 4, 0.9 * 0.5 + 0.1 * 1.43 / 4])
    frequency = np.array([0.9 * 0.5 + 0.1 * 3 / 4, 0.9 * 0.5 + 0.1 * 1 / 4])
    batch = np.array([1.3, 1.7]) / 3 / (np.array([1, 2]) / 3)
    expected, batch = average / frequency, batch / batch.sum()
    loss = (expected / expected.sum() * np.log(batch)).sum()
    assert float(thresholds.fairness_loss(strong, labels, selected)) == pytest.approx(loss, rel=1e-5)
    assert float(thresholds.fairness_loss(strong, labels, 0 * selected)) == 0


def test_the_paired_comparison():
    classes = np.arange(60) % 3
    reference = 2.0 * np.eye(3)[classes] + GENERATOR.normal(0, 1.5, (60, 3))
    better = reference + 2.0 * np.eye(3)[classes]
    assert is_better_paired(better, reference, classes)
    assert not is_better_paired(reference, better, classes)
    assert not is_better_paired(reference, reference, classes)
    assert not is_better_paired(better[:1], reference[:1], classes[:1])


def test_examples_of_a_group_are_not_independent():
    generator = np.random.default_rng(2)
    classes, groups = np.repeat(np.arange(12) % 2, 10), np.repeat(np.arange(12), 10)
    reference = 2.0 * np.eye(2)[classes] + generator.normal(0, 1.5, (120, 2))
    # The examples of one group are better, as many of different groups would be.
    better = reference + 4.0 * (groups[:, None] == 3) * np.eye(2)[classes]
    assert is_better_paired(better, reference, classes)
    assert not is_better_paired(better, reference, classes, groups)
    assert is_better_paired(better, reference, classes, np.arange(120))
    assert not is_better_paired(better, reference, classes, np.zeros(120, int))


@pytest.mark.slow
def test_equal_classifiers_are_hardly_ever_better():
    generator = np.random.default_rng(1)
    classes = np.arange(50) % 2
    draws = [
        is_better_paired(*(3.0 * np.eye(2)[classes] + generator.normal(0, 2, (50, 2)) for _ in range(2)), classes)
        for _ in range(200)
    ]
    assert np.mean(draws) < 0.06
