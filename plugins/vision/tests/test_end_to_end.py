"""Image classification on the command line: from a folder of photos to predictions."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plexus import InputError, load
from plexus.plugins.registry import registry

MODELS = Path(__file__).parents[3] / "models/vision.classify"
MNIST = MODELS / "mnist"
FLOORS = {"digits": 0.97, "mnist": 0.9955, "fashion_mnist": 0.938}


@pytest.fixture
def three(tmp_path):
    """A photo of a three, as `plexus demo` draws it."""
    from plexus_apps.image_recognition.app import draw_photo

    return draw_photo(tmp_path / "three.png")


@pytest.fixture
def shapes(tmp_path):
    """Color photos of horizontal and vertical bars in several sizes; one file is truncated."""
    generator = np.random.default_rng(0)
    for label in ("lying", "standing"):
        (tmp_path / "shapes" / label).mkdir(parents=True)
        for i in range(60):
            image = generator.integers(100, 160, (generator.integers(24, 40), 32, 3)).astype(np.uint8)
            start = generator.integers(4, 18)
            bar = (
                (slice(start, start + 4), slice(4, 28)) if label == "lying" else (slice(2, 22), slice(start, start + 4))
            )
            image[bar] = generator.integers(0, 60, 3)
            Image.fromarray(image).save(tmp_path / "shapes" / label / f"{i}.jpg")
    cut = tmp_path / "shapes/lying/0.jpg"
    cut.write_bytes(cut.read_bytes()[:300])
    return tmp_path / "shapes"


@pytest.mark.slow
def test_train_evaluate_and_predict_a_folder_of_photos(plexus, shapes, tmp_path):
    trained = plexus("train", "vision.classify", "--data", shapes, "--epochs", "12", "--out", "bars", "--json")
    assert trained.returncode == 0, trained.stderr
    assert "1 image could not be read and was dropped" in trained.stderr
    result = json.loads(trained.stdout)
    assert set(result) == {"task", "run", "bundle", "score", "scores", "seconds", "examples_per_second"}
    assert result["score"] == {"name": "accuracy", "value": result["scores"]["accuracy"]}
    assert result["score"]["value"] >= 0.9
    report = {file.name for file in (tmp_path / result["run"] / "report").iterdir()}
    assert report == {"training.svg", "confusion.svg", "calibration.svg", "mistakes.svg", "out_of_distribution.svg"}

    evaluated = json.loads(plexus("evaluate", "bars", "--json").stdout)
    assert evaluated["scores"] == result["scores"]

    predicted = plexus("predict", "bars", shapes / "standing", "--json")
    labels = [item["answer"]["label"] for item in json.loads(predicted.stdout)]
    assert labels.count("standing") >= 55

    mixed = plexus("predict", "bars", shapes / "standing/1.jpg", shapes / "lying/0.jpg", "--json")
    assert mixed.returncode == 2
    assert "lying/0.jpg is damaged or cut off" in mixed.stderr
    assert ["answer" in item for item in json.loads(mixed.stdout)] == [True, False]

    again = plexus("train", "vision.classify", "--data", shapes, "--out", "bars")
    assert again.returncode == 2
    assert "bars" in again.stderr
    assert "Traceback" not in again.stderr


@pytest.mark.slow
@pytest.mark.parametrize("format", ["onnx", "keras", "saved_model"])
def test_export(plexus, tmp_path, format):
    done = plexus("export", MNIST, "--format", format, "--json")
    assert done.returncode == 0, done.stderr
    file = tmp_path / json.loads(done.stdout)["file"]
    images = np.random.default_rng(0).integers(0, 256, (2, 28, 28, 1), np.uint8)
    expected = load(MNIST).predictor({"image": images})["logits"]
    np.testing.assert_allclose(_logits(file, format, images), expected, rtol=1e-3, atol=1e-3)
    assert "exists already" in plexus("export", MNIST, "--format", format).stderr


def _logits(file, format, images):
    if format == "onnx":
        from plexus.inference.onnx import OnnxPredictor

        return OnnxPredictor({"network": file})({"image": images})["logits"]
    if format == "keras":
        import keras

        return keras.saving.load_model(file, compile=False).predict({"image": images}, verbose=0)["logits"]
    import tensorflow as tf

    loaded = tf.saved_model.load(str(file))
    return loaded.serve({"image": images})["logits"].numpy()


@pytest.mark.parametrize("name", FLOORS)
def test_shipped_bundles_are_small_described_and_good(name):
    bundle = load(MODELS / name)
    assert sum(file.stat().st_size for file in bundle.folder.iterdir()) < 3_000_000
    card = (bundle.folder / "README.md").read_text()
    assert f"plexus train vision.classify --data {name}" in card
    assert f"{bundle.metrics['accuracy']:.4f}" in card
    assert bundle.metrics["accuracy"] >= FLOORS[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["digits", *(pytest.param(n, marks=pytest.mark.data) for n in ("mnist", "fashion_mnist"))]
)
def test_shipped_bundles_evaluate_to_their_metrics(name):
    bundle = load(MODELS / name)
    evaluated = bundle.evaluate()
    assert evaluated["examples"] == bundle.manifest["data"]["examples"]["test"]
    assert evaluated["scores"] == pytest.approx(bundle.metrics, abs=2e-4)


@pytest.mark.slow
@pytest.mark.data
def test_photos_of_digits_are_classified_as_well_as_mnists_images(photograph):
    """The accuracy on 300 test digits, rendered as photos of random sizes, compared with the original images."""
    task = registry().task("vision.classify")
    bundle, test = load(MNIST), task.load_dataset(task.options.parse({"data": "mnist"}))["test"]
    rows = range(0, 10_000, 34)
    photos = [photograph(test.inputs[i, ..., 0], seed=i) for i in rows]
    correct = [p.label == test.targets[i] for p, i in zip(bundle.predict(photos), rows, strict=True)]
    assert np.mean(correct) >= 0.98
    inverted = [p.label == test.targets[i] for p, i in zip(bundle.predict(255 - test.inputs[rows]), rows, strict=True)]
    assert np.mean(inverted) >= 0.985


@pytest.mark.alone
def test_a_cold_prediction_is_quick_and_light(three, slowdown):
    program = (
        "import re, sys\n"
        "from plexus.cli import main\n"
        "status = main(sys.argv[1:])\n"
        "heavy = [name for name in ('tensorflow', 'keras', 'jax', 'torch') if name in sys.modules]\n"
        "peak = int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "print(status, peak // 1024, heavy, file=sys.stderr)"
    )
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", program, "predict", MNIST, three], capture_output=True, text=True, check=True
        )
        seconds.append(time.perf_counter() - started)
    status, megabytes, heavy = done.stderr.split(maxsplit=2)
    assert (status, heavy.strip()) == ("0", "[]")
    assert "three.png  3  " in done.stdout
    assert int(megabytes) <= 200
    assert min(seconds) <= 1.0 * slowdown


@pytest.mark.slow
def test_explanations_have_unique_file_names(plexus, three, tmp_path):
    for name in ("three.explained.png", "three.explained-1.png"):
        done = plexus("predict", MNIST, three, "--explain", "--out", "why", "--json")
        (result,) = json.loads(done.stdout)
        assert result["explanation"] == f"why/{name}"
        assert Image.open(tmp_path / result["explanation"]).size == (800, 400)


def test_standard_input(three):
    done = subprocess.run(
        [sys.executable, "-m", "plexus", "predict", MNIST, "-", "--json"],
        input=three.read_bytes(), capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)[0]["answer"]["label"] == "3"


@pytest.fixture
def copy(tmp_path):
    """A copy of a bundle, which tests damage."""
    return Path(shutil.copytree(MNIST, tmp_path / "copy"))


def test_a_changed_byte(copy, refused):
    network = bytearray((copy / "network.onnx").read_bytes())
    network[1000] ^= 1
    (copy / "network.onnx").write_bytes(network)
    assert "network.onnx was changed" in refused("predict", copy, "x.png")


def test_a_missing_file(copy, refused):
    (copy / "network.keras").unlink()
    assert "network.keras is missing" in refused("evaluate", copy)


def test_a_missing_plugin(refused, plexus):
    plexus("plugins", "disable", "vision")
    try:
        line = refused("predict", MNIST, "x.png")
    finally:
        plexus("plugins", "enable", "vision")
    assert "vision.classify" in line
    assert "pip install plexus-vision" in line


def test_a_newer_format(copy):
    manifest = json.loads((copy / "bundle.json").read_text())
    (copy / "bundle.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(InputError, match="format 99, this Plexus reads 2: update Plexus"):
        load(copy)


@pytest.mark.parametrize("out", ["/proc/nothing/bundle", "/dev/full/bundle"])
def test_an_output_folder_that_cannot_be_written_to(refused, out):
    """The error comes before the training."""
    assert f"cannot write to {Path(out).parent}" in refused(
        "train", "vision.classify", "--data", "digits", "--out", out
    )


def test_a_folder_that_is_read_only_even_to_root():
    done = subprocess.run(
        [sys.executable, "-m", "plexus", "train", "vision.classify"], cwd="/proc", capture_output=True, text=True
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert "cannot write to runs/vision.classify" in done.stderr
