"""Unlabelled medical images: reading, labels from the graph, batches, the learner, and the comparison."""

import pickle

import keras
import numpy as np
import pytest

from plexus import InputError
from plexus.data.named import locate
from plexus.nets.network_pair import pair_networks
from plexus.nets.semi_supervised import Views
from plexus.plugins.registry import registry
from plexus.testing.trial import Trial
from plexus_medical.batches import partly_labelled_fold_batches, partly_labelled_steps
from plexus_medical.codec import MedicalCodec
from plexus_medical.dataset import load_dataset
from plexus_medical.datasets import DATASETS
from plexus_medical.few_labels import build_views
from plexus_medical.network import build_network
from plexus_medical.options import ClassifyOptions
from plexus_medical.partly_labelled_learner import PartlyLabelledLearner

FOLDS = 3


@pytest.fixture
def read_both():
    """A function that reads labelled and unlabelled images as a training does."""

    def load(data, unlabelled, **options):
        parsed = ClassifyOptions.parse({"data": str(data), "unlabelled": str(unlabelled), **options})
        return load_dataset(locate(str(data), DATASETS), parsed, locate(str(unlabelled), DATASETS))

    return load


def test_repeats_and_unreadable_files_are_left_out(folder, tmp_path, read, read_both, write_dicom, grey, save_png):
    many = tmp_path / "many"
    for number in range(50, 54):
        save_png(many / "deep" / f"{number}.png", grey(number))
    write_dicom(many / "new", grey(60), PatientName="Roentgen^Wilhelmine", PatientID="ID-4711")
    write_dicom(many / "again", grey(3))  # the labelled image of that number, in another format
    save_png(many / "cut.png", grey(61)).write_bytes((many / "deep" / "50.png").read_bytes()[:60])
    (many / "notes.txt").write_text("no image")
    dataset, plain = read_both(folder, many), read(folder)
    assert sorted(file.name for file in dataset.unlabelled.inputs) == ["50.png", "51.png", "52.png", "53.png", "new"]
    lines = dataset.findings.lines()
    assert any(line.startswith("1 unlabelled image could not be read and was dropped: ") for line in lines)
    expected = f"1 unlabelled image repeats a labelled one pixel by pixel and was left out: {many / 'again'}"
    assert expected in lines
    assert dataset.fingerprint == plain.fingerprint
    assert plain.unlabelled_fingerprint is None
    assert len(dataset.unlabelled_fingerprint) == 64
    assert not any(name in pickle.dumps(dataset).decode("latin-1") for name in ("Wilhelmine", "4711"))


def test_arrays_without_labels(folder, tmp_path, read_both, grey):
    np.savez(tmp_path / "many.npz", x=np.stack([grey(number) for number in (0, 70, 39, 71)]))
    dataset = read_both(folder, tmp_path / "many.npz")
    np.testing.assert_array_equal(dataset.unlabelled.inputs, np.stack([grey(70), grey(71)]))
    assert "2 unlabelled images repeat labelled ones pixel by pixel and were left out: image 1; image 3" in (
        dataset.findings.lines()
    )


def test_images_that_are_all_labelled(folder, read_both):
    with pytest.raises(InputError, match=r"--unlabelled .*set: all 40 images are labelled ones, too; pass others"):
        read_both(folder, folder)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"augmentation": 0}, "--augmentation 0: learning with --unlabelled needs augmentation; omit one of both"),
        ({"unlabelled": "no/such"}, "--unlabelled: no/such: there is no such file or folder"),
    ],
)
def test_options_that_cannot_be_used(folder, tmp_path, grey, options, message):
    np.savez(tmp_path / "many.npz", x=grey(70)[None])
    task = registry().task("medical.classify")
    parsed = task.options.parse({"data": str(folder), "unlabelled": str(tmp_path / "many.npz"), **options})
    with pytest.raises(InputError, match=f"^{message}"):
        task.fit_codec(task.load_dataset(parsed), parsed)


def draw_squares(count, seed):
    """Draw images with a square at one of two places, two thirds on the right, and their labels."""
    generator = np.random.default_rng(seed)
    images, labels = generator.integers(0, 60, (count, 16, 16)).astype(np.uint8), np.arange(count) % 3 > 0
    for image, label in zip(images, labels, strict=True):
        image[4:12, 9:15] += 150 * np.uint8(label)
        image[4:12, 1:7] += 150 * np.uint8(not label)
    return images, labels.astype(int)


def save_squares(file, images, test_images):
    """Write labelled images for training and testing."""
    parts = {"train": draw_squares(images, 0), "test": draw_squares(test_images, 1)}
    arrays = {f"{name}_{part}": array for part, pair in parts.items() for name, array in zip("xy", pair, strict=True)}
    np.savez(file, **arrays)


@pytest.fixture
def squares(tmp_path, read_both):
    """A function that reads 30 labelled and 60 unlabelled images."""
    save_squares(tmp_path / "few.npz", 30, 9)
    np.savez(tmp_path / "many.npz", x=draw_squares(60, 2)[0])
    return lambda: read_both(tmp_path / "few.npz", tmp_path / "many.npz", folds=FOLDS, positive="1")


def test_labels_of_the_graph_depend_on_no_label_of_the_fold(squares):
    dataset = squares()
    codec = MedicalCodec(dataset.labels, (16, 16, 1), FOLDS)
    labels = dataset.graph_labels(codec)
    assert labels.shape == (60, FOLDS, 2)
    assert dataset.graph_labels(codec) is labels
    np.testing.assert_allclose(labels.sum(axis=-1), 1, rtol=1e-6)
    truth = np.arange(60) % 3 > 0
    for fold in range(FOLDS):
        assert np.mean((labels[:, fold, 1] > 0.5) == truth) > 0.9
    changed = squares()
    rows = np.flatnonzero(changed.folds == 1)[:4]
    for row in rows:
        changed["train"].targets[row] = {"0": "1", "1": "0"}[changed["train"].targets[row]]
    others = changed.graph_labels(codec)
    np.testing.assert_array_equal(others[:, 1], labels[:, 1])
    assert not np.array_equal(others[:, 0], labels[:, 0])


def test_about_as_large_a_share_is_positive_as_of_the_labels(folder, tmp_path, read_both, grey):
    np.savez(tmp_path / "many.npz", x=np.stack([grey(number) for number in range(100, 200)]))
    dataset = read_both(folder, tmp_path / "many.npz", folds=2)
    labels = dataset.graph_labels(MedicalCodec(dataset.labels, (16, 16, 1), 2))
    outcomes = np.array(dataset["train"].targets) == dataset.labels[1]
    for fold in range(2):
        prevalence = outcomes[dataset.folds != fold].mean()
        assert np.mean(labels[:, fold, 1] > 0.5) == pytest.approx(prevalence, abs=0.2)


def test_batches_of_labelled_and_unlabelled_images():
    folds = np.array([0] * 12 + [1] * 7 + [2] * 5)
    labelled = {"image": np.arange(24, dtype=np.uint8)[:, None, None, None]}
    unlabelled = {
        "image": np.arange(100, 150, dtype=np.uint8)[:, None, None, None],
        "graph_labels": np.arange(300, dtype=np.float32).reshape(50, FOLDS, 2),
    }
    per_fold, steps = partly_labelled_steps(folds, 50, 45)
    assert (per_fold, steps) == (3, 100)
    first, second = (
        partly_labelled_fold_batches(labelled, np.arange(24), folds, unlabelled, 45, seed=0, epoch=epoch)
        for epoch in (0, 1)
    )
    assert (first.batch_size, len(first)) == (9, 100)
    assert set(first.x) == {"image", "unlabelled", "graph_labels"}
    np.testing.assert_array_equal(folds[first.y], np.arange(900) % FOLDS)
    np.testing.assert_array_equal(first.x["image"][:, 0, 0, 0], first.y)
    rows = first.x["unlabelled"][..., 0, 0, 0].astype(int) - 100
    assert rows.shape == (900, 4)
    np.testing.assert_array_equal(first.x["graph_labels"], unlabelled["graph_labels"][rows])
    assert np.bincount(rows.ravel()).tolist() == [72] * 50
    assert not np.array_equal(first.y, second.y)


def trained(arrays, outcomes, graph_labels, unlabelled):
    """Train small networks for one step without random augmentation, and return the variables by member."""
    keras.utils.set_random_seed(0)
    pair = pair_networks(*(build_network((8, 8, 1), FOLDS, width=0.25) for _ in range(2)))
    plain = Views(*(keras.layers.Rescaling(1.0) for _ in range(3)))
    learner = PartlyLabelledLearner(pair, plain, graph_steps=10)
    learner.compile(optimizer=keras.optimizers.SGD(0.1), run_eagerly=True)  # faster than compiling it
    x = {"image": arrays, "unlabelled": unlabelled, "graph_labels": graph_labels}
    learner.fit(x, outcomes, batch_size=len(outcomes), shuffle=False, verbose=0)
    assert float(keras.ops.convert_to_numpy(learner.members[0].step)) == 1
    return [[keras.ops.convert_to_numpy(value) for value in member.variables] for member in learner.members]


@pytest.mark.slow
def test_a_member_learns_nothing_from_its_fold():
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (12, 8, 8, 1)).astype(np.uint8)
    unlabelled = generator.integers(0, 256, (12, 4, 8, 8, 1)).astype(np.uint8)
    graph_labels = generator.dirichlet((1, 1), (12, 4, FOLDS)).astype(np.float32)
    outcomes, of_fold = np.arange(12) // FOLDS % 2, np.arange(12) % FOLDS == 1
    before = trained(images, outcomes, graph_labels, unlabelled)
    others = graph_labels[:, :, 1].copy()
    changed_graph = 1 - graph_labels  # all labels but those of member 1
    changed_graph[:, :, 1] = others
    changed_images = np.where(of_fold[:, None, None, None], 255 - images, images)
    after = trained(changed_images, np.where(of_fold, 1 - outcomes, outcomes), changed_graph, unlabelled)
    assert all(map(np.array_equal, before[1], after[1]))
    for fold in (0, 2):
        assert not all(map(np.array_equal, before[fold], after[fold]))
    changed_unlabelled = trained(images, outcomes, graph_labels, 255 - unlabelled)
    assert not all(map(np.array_equal, before[1], changed_unlabelled[1]))


def test_weak_views_are_shifted_by_whole_pixels():
    keras.utils.set_random_seed(0)
    image = np.random.default_rng(0).integers(1, 256, (1, 28, 28, 1)).astype(np.uint8).repeat(50, axis=0)
    views = build_views(1.0, mirror=False, seed=0)
    weak, strong, supervised = (np.array(view(image)) for view in (views.weak, views.strong, views.supervised))
    assert set(np.unique(weak)) <= {0.0, *np.unique(image).astype(float)}
    distances = [np.abs(view - image).mean() for view in (strong, supervised)]
    assert distances[0] > distances[1]
    assert any((views.weak(image)[row] != image[row]).numpy().any() for row in range(5))


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """A training in which the unlabelled images are noise; its file is deleted afterwards."""
    folder = tmp_path_factory.mktemp("few")
    save_squares(folder / "few.npz", 60, 30)
    np.savez(folder / "noise.npz", x=np.random.default_rng(0).integers(0, 256, (300, 16, 16)).astype(np.uint8))
    places = {"data": str(folder / "few.npz"), "unlabelled": str(folder / "noise.npz")}
    options = {"epochs": 1, "width": 0.25, "folds": 2, "batch_size": 40, "positive": "1"}
    trial = Trial("medical.classify", folder, **places, **options)
    assert trial.bundle.folder.is_dir()
    (folder / "noise.npz").unlink()
    return trial


@pytest.mark.slow
def test_noise_does_not_replace_the_supervised_members(trial):
    metrics = trial.bundle.metrics
    assert metrics["roc_auc"] == metrics["roc_auc_without_unlabelled"] > 0.9
    assert 0 <= metrics["roc_auc_with_unlabelled"] <= 1
    assert trial.bundle.codec.comparison == "with_unlabelled"
    assert trial.bundle.manifest["networks"] == ["comparison", "network"]


@pytest.mark.slow
def test_the_card_states_both_areas(trial):
    card, metrics = (trial.bundle.folder / "README.md").read_text(), trial.bundle.metrics
    assert "one of them with 300 unlabelled images" in card
    assert "the one without them: they were no help out of fold." in card
    both = [metrics[f"roc_auc_{way}_unlabelled"] for way in ("with", "without")]
    assert f"| on the test split | {both[0]:.4f} | {both[1]:.4f} |" in card
    assert "## Clinical evaluation" in card


@pytest.mark.slow
def test_the_bundle_is_evaluated_without_the_unlabelled_images(trial):
    assert trial.bundle.evaluate()["scores"] == trial.bundle.metrics
    on_data = trial.bundle.evaluate(str(trial.folder / "few.npz"))
    assert on_data["scores"]["roc_auc_with_unlabelled"] == trial.bundle.metrics["roc_auc_with_unlabelled"]
