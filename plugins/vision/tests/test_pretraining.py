"""Pretraining without labels, and trainings that start from the weights of a bundle."""

import json
import shutil
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

import plexus
from plexus import InputError
from plexus.cli import main
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer
from plexus.training.variables import training_variables, values
from plexus_vision.pretraining.codec import EmbeddingCodec
from plexus_vision.pretraining.prediction import EmbeddingPrediction

SMALL = {"data": "digits", "epochs": 1, "width": 0.25}
TASK = "vision.classify"


def images():
    digits = load_digits()
    return (digits.images * 15.9375).round().astype(np.uint8), digits.target


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """A pretrained network, and a classifier that started from it."""
    folder = tmp_path_factory.mktemp("initial")
    pretrained = plexus.train("vision.pretrain", run=folder / "pretraining", **SMALL)
    classifier = plexus.train(TASK, run=folder / "training", from_=str(pretrained.folder), **SMALL)
    return SimpleNamespace(pretrained=pretrained, classifier=classifier)


def begin(run, dataset=None):
    task = registry().task(TASK)
    return Trainer(task, quiet=True).begin(run, dataset or task.load_dataset(run.options))


def start(folder, **options):
    return Run.start(TASK, registry().task(TASK).options.parse(SMALL | options), folder=folder)


def weights(network):
    return {
        layer.name: values(layer.weights)
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.BatchNormalization | keras.layers.Dense)
    }


def saved_weights(bundle):
    return weights(keras.saving.load_model(bundle.folder / "network.keras", compile=False))


@pytest.mark.slow
def test_the_manifest_and_the_card_name_the_bundle(bundles):
    initial = bundles.classifier.manifest["initial"]
    assert initial["task"] == "vision.pretrain"
    assert initial["data"] == "digits"
    assert (initial["copied"], initial["layers"]) == (28, 29)
    assert "initial" not in bundles.pretrained.manifest
    card = (bundles.classifier.folder / "README.md").read_text()
    assert f"Fine-tuned from `{bundles.pretrained.folder}`, a bundle of `vision.pretrain` on digits" in card
    assert initial["fingerprint"] in card
    assert f"--from {bundles.pretrained.folder}" in card


@pytest.mark.slow
def test_all_layers_but_the_last_have_the_weights_of_the_pretraining(bundles, tmp_path, capsys):
    run = start(tmp_path / "run", **{"from": str(bundles.pretrained.folder)})
    task = registry().task(TASK)
    session = Trainer(task).begin(run, task.load_dataset(run.options))
    line = f"initial weights of {bundles.pretrained.folder}: 28 of 29 layers; the output layer is new"
    assert line in capsys.readouterr().err
    expected, actual = saved_weights(bundles.pretrained), weights(session.parts.network)
    assert len(actual) == len(expected) + 1 == 29
    assert all(map(np.array_equal, expected[name], actual[name]) for name in expected)


@pytest.mark.slow
def test_the_last_layer_is_copied_if_the_labels_are_the_same(bundles, tmp_path):
    name = str(bundles.classifier.folder)
    same = begin(start(tmp_path / "same", from_=name))
    expected, actual = saved_weights(bundles.classifier), weights(same.parts.network)
    assert expected.keys() == actual.keys()
    assert all(all(map(np.array_equal, expected[layer], actual[layer])) for layer in expected)
    pixels, labels = images()
    np.savez(tmp_path / "letters.npz", x=pixels, y=np.array(list("abcdefghij"))[labels])
    other = begin(start(tmp_path / "other", from_=name, data=str(tmp_path / "letters.npz")))
    actual = weights(other.parts.network)
    differs = [layer for layer in expected if not all(map(np.array_equal, expected[layer], actual[layer]))]
    assert differs == ["logits"]


@pytest.mark.slow
def test_a_color_network_takes_all_but_the_first_layer(bundles, tmp_path):
    pixels, labels = images()
    np.savez(tmp_path / "color.npz", x=np.stack([pixels, pixels // 2, pixels // 3], axis=-1), y=labels)
    session = begin(start(tmp_path / "run", from_=str(bundles.classifier.folder), data=str(tmp_path / "color.npz")))
    expected, actual = saved_weights(bundles.classifier), weights(session.parts.network)
    differs = [layer for layer in expected if not all(map(np.array_equal, expected[layer], actual[layer]))]
    assert len(differs) == 1
    assert expected[differs[0]][0].shape[2:] == (1, 8)
    assert actual[differs[0]][0].shape[2:] == (3, 8)


@pytest.mark.slow
def test_both_networks_of_a_training_with_few_labels_start_from_the_bundle(bundles, tmp_path):
    session = begin(start(tmp_path / "run", from_=str(bundles.classifier.folder), labels=20, batch_size=8))
    expected = list(saved_weights(bundles.classifier).values())
    assert sorted(session.networks) == ["comparison", "network"]
    for network in session.networks.values():
        actual = list(weights(network).values())
        assert all(all(map(np.array_equal, *pair)) for pair in zip(expected, actual, strict=True))


@pytest.mark.slow
@pytest.mark.timeout(900)  # three trainings are compiled
def test_a_resumed_training_has_the_same_bits_without_the_bundle(bundles, tmp_path):
    shutil.copytree(bundles.pretrained.folder, tmp_path / "pretrained")
    options = {"from_": str(tmp_path / "pretrained"), "epochs": 2}
    dataset = registry().task(TASK).load_dataset(start(tmp_path / "data").options)
    whole, cut = (begin(start(tmp_path / name, **options), dataset) for name in ("whole", "cut"))
    whole.fit()
    cut.request_stop()
    with pytest.raises(KeyboardInterrupt):
        cut.fit()
    shutil.rmtree(tmp_path / "pretrained")
    resumed = begin(Run.read(tmp_path / "cut", registry().task(TASK)), dataset)
    assert resumed.state.epoch == 1
    resumed.fit()
    expected, actual = (values(training_variables(each.parts.learner)) for each in (whole, resumed))
    assert all(map(np.array_equal, expected, actual))
    assert json.loads((tmp_path / "cut/origin.json").read_text())["copied"] == 28


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 1.0}, r"0 of 28 layers fit \(--width is 0.25 there and 1.0 here\)"),
        ({"size": 40}, "the input image is 8 x 8 x 1 there and 40 x 40 x 1 here"),
        ({"from_": "nothing"}, "--from: nothing is not a bundle"),
        ({"from_": "medical.classify/pneumoniamnist"}, "or vision.pretrain, found one of medical.classify"),
    ],
)
def test_bundles_that_do_not_fit(bundles, tmp_path, options, message):
    run = start(tmp_path / "run", **({"from_": str(bundles.pretrained.folder)} | options))
    with pytest.raises(InputError, match=message) as caught:
        Trainer(registry().task(TASK), quiet=True).train(run)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_bundles_without_weights_or_of_another_task(bundles, tmp_path):
    with pytest.raises(InputError, match=r"vision\.detect does not start from the weights of a bundle"):
        plexus.train("vision.detect", run=tmp_path / "detect", from_=str(bundles.pretrained.folder))
    with pytest.raises(InputError, match=r"expected a bundle of vision\.pretrain, found one of vision\.classify"):
        plexus.train("vision.pretrain", run=tmp_path / "again", from_=str(bundles.classifier.folder))
    shutil.copytree(bundles.pretrained.folder, tmp_path / "light")
    (tmp_path / "light/network.keras").unlink()
    from plexus.inference.manifest import read_manifest, write_manifest

    write_manifest(tmp_path / "light", {k: v for k, v in read_manifest(tmp_path / "light").items() if k != "files"})
    with pytest.raises(InputError, match=r"it has no network\.keras, which holds the weights to start from"):
        plexus.train(TASK, run=tmp_path / "light_run", from_=str(tmp_path / "light"), **SMALL)
    assert not (tmp_path / "light_run").exists()


@pytest.mark.slow
def test_a_prediction_is_the_embedding(bundles):
    inputs = list(images()[0][:3])
    predictions = bundles.pretrained.predict(inputs)
    expected = bundles.pretrained.predictor(bundles.pretrained.codec.encode(inputs))["embedding"]
    assert expected.shape == (3, 32)
    np.testing.assert_allclose([each.embedding for each in predictions], expected, atol=1e-6)
    assert str(predictions[0]).startswith("32 features: ")
    restored = EmbeddingCodec.from_json(bundles.pretrained.codec.to_json())
    np.testing.assert_array_equal(restored.encode(inputs)["image"], np.stack(inputs)[..., None])


@pytest.mark.slow
def test_pretrain_on_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for i, image in enumerate(images()[0][:80]):
        (tmp_path / f"photos/{i % 2}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / f"photos/{i % 2}/{i}.png")
    (tmp_path / "photos/0/0.png").write_bytes(b"no image")
    arguments = ["--data", "photos", "--epochs", "1", "--width", "0.25", "--out", "pre"]
    assert main(["pretrain", TASK, *arguments]) == 0
    output = capsys.readouterr()
    assert "1 unlabelled image could not be read and was dropped" in output.err
    assert f"next    plexus train {TASK} --data LABELLED --from pre" in output.out
    assert plexus.load("pre").manifest["data"]["examples"] == {"train": 63, "val": 8, "test": 8}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vision.detect", "--data", "x"], "vision.detect has no pretraining; choose one of vision.classify"),
        (["--data", "x"], "missing argument TASK: choose one of vision.classify"),
        ([TASK, "--data", "digitz"], "there is no data set 'digitz': did you mean 'digits'?"),
        ([TASK, "--labels", "3"], "--labels"),
    ],
)
def test_errors_of_pretrain(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert main(["pretrain", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_too_few_images(tmp_path):
    np.savez(tmp_path / "few.npz", x=np.zeros((9, 8, 8), np.uint8))
    task = registry().task("vision.pretrain")
    with pytest.raises(InputError, match="expected 50 images or more to learn from, found 9"):
        task.load_dataset(task.options.parse({"data": str(tmp_path / "few.npz")}))


def test_the_line_of_a_prediction():
    assert str(EmbeddingPrediction(embedding=[0.5, 0.25, 1, 2, 3])) == "5 features: 0.500 0.250 1.000 2.000 …"
