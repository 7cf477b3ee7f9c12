"""Medical images on the command line: from drawn X-rays to predictions."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

import plexus as suite
from plexus.plugins.registry import registry
from plexus_medical.drawn_xrays import draw_xrays

OPTIONS = {"epochs": 2, "width": 0.5, "folds": 3, "evaluate_every": 1, "seed": 3}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return suite.train("medical.classify", data="drawn_xrays", out=tmp_path_factory.mktemp("out") / "model", **OPTIONS)


@pytest.fixture(scope="module")
def dataset():
    task = registry().task("medical.classify")
    return task.load_dataset(task.options.parse({"data": "drawn_xrays", **OPTIONS}))


@pytest.mark.slow
def test_out_of_fold_metrics_are_those_of_the_member_of_each_fold(bundle, dataset):
    task, codec = registry().task("medical.classify"), bundle.codec
    train = dataset["train"]
    logits = bundle.predictor(train.encode(codec))["logits"]
    assert logits.shape == (400, 3, 2)
    scores = np.array([logits[row, fold, 1] - logits[row, fold, 0] for row, fold in enumerate(dataset.folds)])
    outcomes = np.array(train.targets) == "opacity"
    metrics = task.evaluate(bundle.predictor, dataset, codec, "val")
    assert metrics["roc_auc"] == pytest.approx(roc_auc_score(outcomes, scores), abs=1e-9)
    risks = 1 / (1 + np.exp(-scores / codec.temperature))
    assert metrics["accuracy"] == pytest.approx(np.mean((risks >= 0.5) == outcomes))
    assert np.mean(risks[outcomes] >= codec.threshold - 1e-12) >= 0.9


@pytest.mark.slow
def test_the_answer_is_that_of_all_members(bundle, dataset):
    test = dataset["test"]
    logits = bundle.predictor(test.encode(bundle.codec))["logits"].astype(np.float64)
    log_odds = (logits[..., 1] - logits[..., 0]).mean(axis=1) / bundle.codec.temperature
    predictions = bundle.predict(test.inputs)
    assert len(predictions) == 120
    for prediction, value in zip(predictions, log_odds, strict=True):
        if not prediction.abstained:
            assert prediction.risk == pytest.approx(1 / (1 + np.exp(-value)), abs=1e-6)
            assert prediction.positive == (prediction.risk >= bundle.codec.threshold)
    assert bundle.metrics["roc_auc"] == pytest.approx(roc_auc_score(np.array(test.targets) == "opacity", log_odds))
    assert bundle.metrics["chance_roc_auc"] == 0.5
    answered = np.mean([not prediction.abstained for prediction in predictions])
    assert bundle.metrics["answered"] == pytest.approx(answered)


@pytest.mark.slow
def test_the_same_seed_writes_the_same_bytes(bundle, tmp_path):
    again = suite.train("medical.classify", data="drawn_xrays", out=tmp_path / "again", **OPTIONS)
    names = sorted(file.name for file in bundle.folder.iterdir())
    assert names == ["README.md", "bundle.json", "network.keras", "network.onnx"]
    for name in names:
        assert (again.folder / name).read_bytes() == (bundle.folder / name).read_bytes(), name


@pytest.mark.slow
def test_bundles_are_small_and_keep_the_label_of_the_outcome(bundle):
    assert sum(file.stat().st_size for file in bundle.folder.iterdir()) < 5_000_000
    assert bundle.manifest["options"]["positive"] == "opacity"
    assert bundle.codec.labels == ["normal", "opacity"]


@pytest.mark.slow
def test_a_cold_prediction_is_light(bundle, dataset, tmp_path, write_dicom):
    pixels = dataset["test"].inputs[0]
    Image.fromarray(pixels).save(tmp_path / "a.png")
    write_dicom(tmp_path / "b.dcm", pixels)
    program = (
        "import sys\n"
        "from plexus.cli import main\n"
        "status = main(sys.argv[1:])\n"
        "heavy = [name for name in ('tensorflow', 'keras', 'sklearn', 'scipy') if name in sys.modules]\n"
        "print(status, heavy, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "predict", bundle.folder, tmp_path / "a.png", tmp_path / "b.dcm", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "0 []", done.stderr
    first, second = (item["answer"] for item in json.loads(done.stdout))
    assert first == second


@pytest.mark.slow
def test_a_folder_of_images_of_different_sizes(plexus, tmp_path, dataset):
    train = dataset["train"]
    for number in range(120):
        folder = tmp_path / "xrays" / train.targets[number]
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(train.inputs[number])
        picture.resize((40 + number % 20, 48)).save(folder / f"{number}.png")
    options = "--data xrays --epochs 1 --width 0.5 --folds 2 --out model"
    command = ["train", "medical.classify", *options.split()]
    done = plexus(*command, "--json")
    assert done.returncode == 0, done.stderr
    assert 0 <= json.loads(done.stdout)["scores"]["roc_auc"] <= 1
    predicted = plexus("predict", "model", "xrays/opacity", "--json")
    assert predicted.returncode == 0, predicted.stderr
    assert len(json.loads(predicted.stdout)) == sum(target == "opacity" for target in train.targets[:120])
    evaluated = plexus("evaluate", "model", "--data", "drawn_xrays", "--json")
    assert evaluated.returncode == 0, evaluated.stderr
    assert "estimated_prevalence" in json.loads(evaluated.stdout)["scores"]


@pytest.mark.slow
def test_large_images(tmp_path):
    """Images of 256 pixels a side: three strided convolutions come before the residual blocks."""
    part, generator = draw_xrays()["train"], np.random.default_rng(0)
    images = [
        np.asarray(Image.fromarray(image).resize((256, 256), Image.Resampling.BICUBIC)) for image in part.images[:64]
    ]
    images = np.clip(np.stack(images) + generator.normal(0, 3, (64, 256, 256)), 0, 255).astype(np.uint8)
    np.savez(tmp_path / "large.npz", train_images=images, train_labels=part.outcomes[:64])
    bundle = suite.train(
        "medical.classify", data=str(tmp_path / "large.npz"), run=tmp_path / "run", positive="1", size=256, epochs=2,
        folds=2, width=0.35, batch_size=16,
    )  # fmt: skip
    assert bundle.codec.shape == (256, 256, 1)
    assert bundle.predictor({"image": images[:3, ..., None]})["logits"].shape == (3, 2, 2)
    lines = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert all(np.isfinite(line["loss"]) for line in lines)
    assert lines[-1]["loss"] < lines[0]["loss"]
    prediction = bundle.predict([images[0]])[0]
    assert prediction.abstained or 0 < prediction.risk < 1


@pytest.mark.slow
def test_an_evaluation_prints_what_is_left_out_of_other_data(tmp_path, capsys):
    part = draw_xrays()["test"]
    rows = ["path,label", "missing.png,normal"]
    for number, (image, outcome) in enumerate(zip(part.images[:40], part.outcomes, strict=False)):
        Image.fromarray(image).save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png,{'pneumonia' if outcome else ('scar' if number % 2 else 'normal')}")
    (tmp_path / "xrays.csv").write_text("\n".join(rows))
    bundle = suite.load("medical.classify/pneumoniamnist")
    assert bundle.evaluate(str(tmp_path / "xrays.csv"))["examples"] == 40
    printed = capsys.readouterr().err
    assert "1 image could not be read and was dropped: " in printed
    assert "2 labels are merged into one negative label: 'normal' (" in printed
