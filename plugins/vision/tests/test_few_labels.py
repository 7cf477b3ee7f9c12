"""Learning from few labelled and many unlabelled images."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from plexus import InputError
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.testing.trial import Trial
from plexus.training.trainer import Trainer
from plexus.training.variables import training_variables, value, values

SMALL = {"epochs": 3, "width": 0.5, "batch_size": 16}
TASK = "vision.classify"


def images():
    digits = load_digits()
    return (digits.images * 15.9375).round().astype(np.uint8), digits.target


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """A training with 20 of the labels of `digits`."""
    return Trial(TASK, tmp_path_factory.mktemp("few"), data="digits", labels=20, **SMALL)


@pytest.mark.slow
@pytest.mark.long
def test_unlabelled_images_help(trial):
    metrics = trial.bundle.metrics
    assert metrics["accuracy"] == metrics["accuracy_with_unlabelled"] > 0.9
    assert metrics["accuracy_with_unlabelled"] > metrics["accuracy_without_unlabelled"] + 0.03
    assert trial.bundle.manifest["networks"] == ["comparison", "network"]
    assert trial.bundle.manifest["data"]["examples"]["train"] == trial.bundle.manifest["data"]["examples"]["val"] == 20


@pytest.mark.slow
@pytest.mark.long
def test_the_card_states_both_accuracies(trial):
    card = (trial.bundle.folder / "README.md").read_text()
    metrics = trial.bundle.metrics
    assert "the one with them, by the comparison on the validation split" in card
    both = [metrics[f"accuracy_{way}_unlabelled"] for way in ("with", "without")]
    assert f"| on the test split | {both[0]:.4f} | {both[1]:.4f} |" in card
    assert "- The weights are those of the last of 3 epochs." in card


@pytest.mark.slow
@pytest.mark.long
def test_the_bundle_is_evaluated_without_the_unlabelled_images(trial):
    assert trial.bundle.evaluate()["scores"] == trial.bundle.metrics
    on_named = trial.bundle.evaluate("digits")
    assert on_named["scores"] == trial.bundle.metrics


@pytest.mark.slow
@pytest.mark.timeout(900)  # three trainings are compiled
def test_a_resumed_training_has_the_same_bits(tmp_path):
    task = registry().task(TASK)
    options = task.options.parse({"data": "digits", "labels": 20, "epochs": 1, "width": 0.25, "batch_size": 8})
    dataset = task.load_dataset(options)

    def begin(run):
        return Trainer(task, quiet=True).begin(run, dataset)

    whole, cut = (begin(Run.start(task.id, options, folder=tmp_path / name)) for name in ("whole", "cut"))
    whole.fit()
    cut.request_stop()
    with pytest.raises(KeyboardInterrupt):
        cut.fit()
    others = task.load_dataset(options.model_copy(update={"labels": 21}))
    assert others.fingerprint == dataset.fingerprint
    with pytest.raises(InputError, match=r"cut was trained with other unlabelled data until now: pass .* --unlabelled"):
        Trainer(task, quiet=True).begin(Run.read(tmp_path / "cut", task), others)
    resumed = begin(Run.read(tmp_path / "cut", task))
    assert 0 < resumed.state.step < 100
    resumed.fit()
    expected, actual = (values(training_variables(each.parts.learner)) for each in (whole, resumed))
    assert len(expected) == len(actual) > 200
    assert all(map(np.array_equal, expected, actual))
    thresholds = resumed.parts.learner.thresholds
    assert float(value(resumed.parts.learner.step)) == 100
    assert float(value(thresholds.confidence)) > 0.1


@pytest.mark.slow
@pytest.mark.long
def test_noise_does_not_replace_the_supervised_network(tmp_path):
    pixels, labels = images()
    np.savez(
        tmp_path / "few.npz",
        x_train=pixels[:600], y_train=labels[:600],
        x_val=pixels[600:800], y_val=labels[600:800],
        x_test=pixels[1000:1700], y_test=labels[1000:1700],
    )  # fmt: skip
    noise = np.random.default_rng(0).integers(0, 256, (600, 8, 8)).astype(np.uint8)
    np.savez(tmp_path / "noise.npz", x=noise)
    places = {"data": str(tmp_path / "few.npz"), "unlabelled": str(tmp_path / "noise.npz")}
    metrics = Trial(TASK, tmp_path, **places, **SMALL).bundle.metrics
    assert metrics["accuracy"] == metrics["accuracy_without_unlabelled"] > 0.9
    assert metrics["accuracy_with_unlabelled"] != metrics["accuracy"]


def load(**options):
    task = registry().task(TASK)
    parsed = task.options.parse(options)
    dataset = task.load_dataset(parsed)
    return dataset, task.fit_codec(dataset, parsed)


def test_images_of_another_size_are_resized(tmp_path):
    np.savez(tmp_path / "large.npz", x=np.zeros((5, 20, 12), np.uint8))
    dataset, codec = load(data="digits", unlabelled=str(tmp_path / "large.npz"))
    assert dataset.unlabelled.encode(codec)["image"].shape == (5, 8, 8, 1)
    assert dataset.graph_labels(codec).shape == (5, 10)


def test_unlabelled_images_of_the_test_split_are_left_out(tmp_path):
    pixels, labels = images()
    np.savez(tmp_path / "few.npz", x_train=pixels[:300], y_train=labels[:300], x_test=pixels[300:], y_test=labels[300:])
    np.savez(tmp_path / "many.npz", x=np.concatenate([255 - pixels[:4], pixels[300:310]]))
    dataset, _ = load(data=str(tmp_path / "few.npz"), unlabelled=str(tmp_path / "many.npz"))
    assert len(dataset.unlabelled) == 4
    assert dataset.findings.lines()[0].startswith("10 unlabelled images are examples of the validation or test split")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": 5}, "--labels 5: expected at least one for each of the 10 labels"),
        ({"labels": 5000}, r"--labels 5000: the training split has 1,\d+ labelled examples only"),
        ({"labels": 20, "augment": "none"}, "--augment none: learning with --labels needs augmentation"),
        ({"labels": 20, "mixup": 0.2}, "--mixup mixes labels and is not combined with --labels"),
        ({"unlabelled": "no/such/folder"}, "--unlabelled: no/such/folder: there is no such file or folder"),
        ({"unlabelled": "digits"}, "examples of the validation or test split"),
    ],
)
def test_options_that_cannot_be_used(options, message):
    if options == {"unlabelled": "digits"}:
        dataset, _ = load(data="digits", **options)
        assert message in dataset.findings.lines()[0]
        return
    with pytest.raises(InputError, match=message):
        load(data="digits", **options)


def test_data_in_memory_has_no_number_of_labels():
    task = registry().task(TASK)
    options = task.options.parse({"data": "digits", "labels": 20})
    dataset = task.load_dataset(task.options.parse({"data": "digits"}))
    with pytest.raises(InputError, match="--labels is for data that is read from files"):
        task.fit_codec(dataset, options)
