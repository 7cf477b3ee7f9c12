"""Training, evaluation, prediction and explanation of tables, by public functions and on the command line."""

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import log_loss, mean_squared_error, roc_auc_score

from plexus import InputError, load
from plexus.inference.table_predictions import predict_table
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer
from plexus_tables.explain import compute_attribution

ROWS = 400
FAST = {"epochs": 4, "passes": 1, "bags": 1, "width": 16, "depth": 1, "folds": 3}


def loans(rows, seed):
    """Loans with codes, many purposes, dates and missing values, after the columns of `german_credit`."""
    generator = np.random.default_rng(seed)
    duration = generator.integers(6, 60, rows)
    status = generator.choice(["A11", "A12", "A13", "A14"], rows)
    amount = generator.lognormal(8, 0.6, rows).round(2)
    risk = duration / 24 + np.isin(status, ["A11", "A12"]) + generator.normal(size=rows) / 2
    return pl.DataFrame(
        {
            "status": status,
            "duration": duration,
            "purpose": [f"A4{round(abs(number) * 8)}" for number in generator.normal(size=rows)],
            "amount": pl.Series(np.where(generator.random(rows) < 0.1, np.nan, amount)).fill_nan(None),
            "since": [date(2019, 1, 1) + timedelta(days=int(day)) for day in generator.integers(0, 1400, rows)],
            "age": generator.integers(19, 75, rows),
            "telephone": generator.choice(["A191", "A192"], rows),
            "savings": generator.choice(["low", "middle", "high", None], rows).tolist(),
            "rate": (3 + 2 * risk + generator.normal(size=rows) / 4).round(3),
            "risk": np.where(risk > 2, "bad", "good"),
        }
    )


def train(task_id, folder, **options):
    """Train, and return the result of the training: the folder of the bundle and the metrics."""
    task = registry().task(task_id)
    return Trainer(task).train(Run.start(task.id, task.options.parse(FAST | options), folder=folder / "run"))


@pytest.fixture(scope="module")
def classified(tmp_path_factory):
    """The result of a training with labels, those of the last column; an ensemble of all models."""
    folder = tmp_path_factory.mktemp("classify")
    loans(ROWS, 0).write_csv(folder / "loans.csv")
    options = {"ignore": "rate", "ordinal": "savings=low<middle<high", "model": "ensemble"}
    return train("tables.classify", folder, data=str(folder / "loans.csv"), **options)


@pytest.fixture(scope="module")
def regressed(tmp_path_factory):
    """The result of a training with numbers, by the networks alone, with training rows in the bundle."""
    folder = tmp_path_factory.mktemp("regress")
    loans(ROWS, 0).write_csv(folder / "loans.csv")
    options = {"target": "rate", "ignore": "risk", "model": "network", "epochs": 10, "batch_size": 32, "similar": 3}
    return train("tables.regress", folder, data=str(folder / "loans.csv"), **options)


NEW = loans(200, 1)
ALL_REPORTS = {
    *("training.svg", "models.svg", "models.csv", "importance.svg", "importance.csv", "largest_losses.csv"),
}
"""Files of the report of any table."""
ROW = {
    "status": "A11",
    "duration": 48,
    "purpose": "A47",
    "amount": None,
    "since": "2021-03-05",
    "age": 33,
    "telephone": "A192",
    "savings": "middle",
}


def test_metrics_and_report_of_labels(classified):
    scores, bundle = classified["scores"], load(classified["bundle"])
    assert scores["log_loss"] < 0.8 * scores["prior_log_loss"]
    assert scores["log_loss_low"] < scores["log_loss"] < scores["log_loss_high"]
    assert scores["roc_auc"] > 0.85
    assert 0 < scores["single_label"] <= 1
    report = {file.name for file in (bundle.folder.parent / "report").iterdir()}
    assert report == ALL_REPORTS | {"confusion.svg", "calibration.svg"}
    models = pl.read_csv(bundle.folder.parent / "report/models.csv")
    assert models["model"][0] == "ensemble"
    assert set(models["model"]) == {"ensemble", "network", "linear", "forest", "boosting"}
    assert models["loss"][0] == models["loss"][:4].min()
    assert len(bundle.codec.ensemble.members) >= 1


def test_metrics_and_report_of_numbers(regressed):
    scores, bundle = regressed["scores"], load(regressed["bundle"])
    assert scores["rmse_low"] < scores["rmse"] < scores["rmse_high"] < loans(ROWS, 0)["rate"].std()
    assert 0.8 <= scores["interval_coverage"] <= 1
    report = {file.name for file in (bundle.folder.parent / "report").iterdir()}
    assert report == ALL_REPORTS | {"predictions.svg"}
    assert bundle.codec.ensemble.weights == {"network": 1.0}


def test_the_largest_losses_of_numbers(regressed):
    """Those of the test rows, by their numbers in the file, without cells of other columns."""
    bundle, table = load(regressed["bundle"]), loans(ROWS, 0)
    file = bundle.folder.parent / "report/largest_losses.csv"
    largest = pl.read_csv(file)
    assert largest.columns == ["row", "target", "prediction", "low", "high", "error"]
    rows = table[(largest["row"] - 1).to_list()]
    assert largest["target"].to_list() == rows["rate"].to_list()
    predictions = bundle.predict(rows.drop("rate").to_dicts())
    assert largest["prediction"].to_list() == pytest.approx([answer.value for answer in predictions], rel=1e-3)
    assert largest["error"].to_list() == pytest.approx((largest["prediction"] - largest["target"]).to_list(), abs=2e-3)
    test = bundle.task.load_dataset(bundle.task.options.parse(bundle.manifest["options"]))["test"]
    values = [answer.value for answer in bundle.predict(test.inputs)]
    errors = sorted(np.abs(np.subtract(values, test.targets)), reverse=True)[:10]
    assert largest["error"].abs().to_list() == pytest.approx(errors, abs=2e-3)
    page = (file.parents[1] / "report.html").read_text()
    assert f"<td>{largest['row'][0]}<td>{largest['target'][0]}<td>" in page


def test_the_largest_losses_of_labels(classified):
    bundle, table = load(classified["bundle"]), loans(ROWS, 0)
    largest = pl.read_csv(bundle.folder.parent / "report/largest_losses.csv")
    rows = table[(largest["row"] - 1).to_list()]
    assert largest["target"].to_list() == rows["risk"].to_list()
    predictions = bundle.predict(rows.drop("risk", "rate").to_dicts())
    assert largest["prediction"].to_list() == [answer.label for answer in predictions]
    assert largest["probability"].to_list() == pytest.approx([answer.probability for answer in predictions], rel=1e-3)
    of_targets = largest["probability of the target"].to_list()
    assert of_targets == sorted(of_targets)
    assert largest["prediction"][0] != largest["target"][0]


def test_the_most_important_columns(regressed):
    """The rate is made from duration and status; the other columns are noise."""
    importance = pl.read_csv(load(regressed["bundle"]).folder.parent / "report/importance.csv")
    assert set(importance["column"]) == {*ROW}
    assert set(importance["column"][:2]) == {"duration", "status"}
    noise = importance[2:]["importance"].abs().max()
    assert importance["importance"][1] > 5 * noise


def test_the_report_states_the_model_of_the_curves(classified, regressed):
    page = (load(regressed["bundle"]).folder.parent / "report.html").read_text()
    assert "Training of the networks, which are the model in use. The dot marks" in page
    bundle = load(classified["bundle"])
    page, weights = (bundle.folder.parent / "report.html").read_text(), bundle.codec.ensemble.weights
    note = f"which have {100 * weights.get('network', 0):.0f} % of the weight in the model in use: ensemble ("
    assert (note if "network" in weights else "which are not part of the model in use: ensemble (") in page
    for file in (bundle.folder / "README.md", load(regressed["bundle"]).folder / "README.md"):
        card = file.read_text()
        assert "of out-of-fold predictions, out of" in card
        assert "validation split" not in card


def test_evaluation_of_new_labels(classified, tmp_path):
    NEW.select(reversed(NEW.columns)).write_csv(tmp_path / "new.csv")  # the target is not the last column here
    bundle = load(classified["bundle"])
    result = bundle.evaluate(str(tmp_path / "new.csv"))
    predictions = bundle.predict(NEW.drop("risk", "rate").to_dicts())
    bad = [p.probability if p.label == "bad" else 1 - p.probability for p in predictions]
    truth = NEW["risk"].to_numpy() == "bad"
    assert result["examples"] == len(NEW)
    assert result["scores"]["log_loss"] == pytest.approx(log_loss(truth, bad), abs=1e-5)
    assert result["scores"]["roc_auc"] == pytest.approx(roc_auc_score(truth, bad), abs=1e-6)
    covered = [true in p.label_set for true, p in zip(NEW["risk"], predictions, strict=True)]
    assert result["scores"]["set_coverage"] == pytest.approx(np.mean(covered))
    assert np.mean(covered) > 0.82


@pytest.mark.slow
def test_evaluation_of_one_label(classified, plexus, tmp_path):
    NEW.filter(pl.col("risk") == "bad").write_csv(tmp_path / "bad.csv")
    done = plexus("evaluate", classified["bundle"], "--data", "bad.csv")
    assert done.returncode == 0, done.stderr
    assert "bad.csv: all rows have the label 'bad': roc_auc, which compares labels, is undefined" in done.stderr
    assert re.search(r"Area under the ROC curve +undefined", done.stdout)
    assert not {"nan", "-0"} & set(done.stdout.split())


def test_an_evaluation_describes_no_columns_of_the_new_table(regressed, tmp_path, capsys):
    """Kinds and leaks of the new table say nothing about the model, which uses its own columns."""
    table = NEW.with_columns((2 * pl.col("rate")).alias("fee"), (2 * pl.col("duration")).alias("rate"))
    table.with_columns(duration=pl.col("rate")).write_csv(tmp_path / "new.csv")  # a leak now
    load(regressed["bundle"]).evaluate(str(tmp_path / "new.csv"))
    lines = capsys.readouterr().err
    assert "LEAK" not in lines
    assert "left out" not in lines
    codec, rates = load(regressed["bundle"]).codec, table["rate"]
    outside = int(((rates < codec.low) | (rates > codec.high)).sum())
    assert (
        f"new.csv: {outside} of 200 targets are outside the training range {codec.low:,.6g} to {codec.high:,.6g}, in "
        f"which predictions stay; all targets are {rates.min():,.6g} to {rates.max():,.6g}"
    ) in lines
    assert "the model is not better than the baseline on these rows: rmse " in lines


def test_evaluation_of_new_numbers(regressed, tmp_path):
    NEW.write_csv(tmp_path / "new.csv")
    bundle = load(regressed["bundle"])
    scores = bundle.evaluate(str(tmp_path / "new.csv"))["scores"]
    predictions = bundle.predict(NEW.drop("risk", "rate").to_dicts())
    values, truth = np.array([p.value for p in predictions]), NEW["rate"].to_numpy()
    assert scores["rmse"] == pytest.approx(mean_squared_error(truth, values) ** 0.5, rel=1e-5)
    covered = [p.low <= true <= p.high for p, true in zip(predictions, truth, strict=True)]
    assert scores["interval_coverage"] == pytest.approx(np.mean(covered))
    assert 0.82 < np.mean(covered) < 0.98
    assert all(p.low < p.value < p.high for p in predictions)


@pytest.mark.parametrize("trained", ["classified", "regressed"])
def test_rows_equal_the_table(trained, request, tmp_path):
    bundle = load(request.getfixturevalue(trained)["bundle"])
    NEW.write_csv(tmp_path / "new.csv")
    predict_table(bundle, tmp_path / "new.csv", tmp_path / "out.csv")
    table = pl.read_csv(tmp_path / "out.csv")
    rows = pl.read_csv(tmp_path / "new.csv").to_dicts()
    singles = [bundle.predict([row])[0] for row in rows[:40]]
    name = "probability" if trained == "classified" else "value"
    np.testing.assert_allclose([getattr(p, name) for p in singles], table[name][:40], rtol=1e-4)


@pytest.mark.slow
def test_the_command_line(classified, plexus, tmp_path):
    NEW.write_csv(tmp_path / "new.csv")
    done = plexus("predict", classified["bundle"], json.dumps(ROW), "--explain", "--out", "why", "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    assert result["answer"]["label"] == "bad"
    assert (tmp_path / result["explanation"]).stat().st_size > 10_000
    done = plexus("predict", classified["bundle"], "new.csv", "--out", "out.csv")
    assert done.returncode == 0, done.stderr
    assert len(pl.read_csv(tmp_path / "out.csv")) == len(NEW)


@pytest.mark.slow
def test_an_explanation_as_numbers_on_the_command_line(regressed, plexus, tmp_path):
    """The picture draws the same values; the three rows are training rows."""
    arguments = ("predict", regressed["bundle"], json.dumps(ROW), "--explain")
    done = plexus(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    values, bundle = result["explanation_values"], load(regressed["bundle"])
    assert values == bundle.explanation_values(ROW)
    assert values["unit"] == "unit of the target"
    assert values["prediction"] == pytest.approx(result["answer"]["value"], rel=1e-6)
    cells = {part["name"]: (part["value"], part["typical"]) for part in values["contributions"]}
    assert cells["amount"] == (None, bundle.codec.encoder.typical["amount"])
    assert cells["since"][0] == "2021-03-05"
    assert cells["status"][0] == "A11"
    attributed = compute_attribution(bundle.predictor, bundle.codec, ROW)
    changes = dict(zip(bundle.codec.encoder.names, attributed.changes.values, strict=True))
    assert {part["name"]: part["change"] for part in values["contributions"]} == changes
    sizes = [abs(part["change"]) for part in values["contributions"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(changes.values()) == pytest.approx(values["prediction"] - values["typical_prediction"], abs=1e-5)
    rows = loans(ROWS, 0).with_columns(pl.col("since").cast(str)).to_dicts()
    for near in values["similar_rows"]:
        assert list(near["values"]) == [part["name"] for part in values["contributions"]]
        assert {**near["values"], "rate": near["target"]} in [
            {name: cell for name, cell in row.items() if name != "risk"} for row in rows
        ]
    lines = plexus(*arguments).stdout.splitlines()
    assert lines[1].startswith("  prediction: ")
    assert lines[2].split() == ["name", "value", "typical", "change", "standard", "error"]
    assert lines[3].split()[0] == values["contributions"][0]["name"]
    assert lines[-5] == "  most similar training rows (5 of 8 columns; --json has all)"
    assert lines[-4].split() == ["distance", "target", *list(values["similar_rows"][0]["values"])[:5]]
    assert len(lines[-1].split()) == 7


def test_training_rows_are_in_a_bundle_only_if_its_owner_says_so(classified, regressed):
    amounts = sorted(amount for amount in loans(ROWS, 0)["amount"] if amount is not None)[200:300]
    for result, held in ((classified, False), (regressed, True)):
        files = [file.read_bytes() for file in Path(result["bundle"]).iterdir()]
        is_held = [any(f" {amount},".encode() in content for content in files) for amount in amounts]
        assert np.mean(is_held) == pytest.approx(0.85 if held else 0, abs=0.1 if held else 0)  # 15 % are test rows
    card = "- Training rows: the bundle holds 340 of them, with the columns above and the target; an explanation shows"
    assert card in Path(regressed["bundle"], "README.md").read_text()
    assert "Training rows" not in Path(classified["bundle"], "README.md").read_text()


def test_columns_in_another_order_and_further_columns(classified, capsys):
    bundle = load(classified["bundle"])
    (expected,) = bundle.predict([ROW])
    assert bundle.predict([dict(reversed(ROW.items())) | {"more": 1}]) == [expected]


def test_rows_that_differ_from_the_training_data(classified):
    bundle = load(classified["bundle"])
    (prediction,) = bundle.predict([ROW | {"status": "A19", "age": 140}])
    assert prediction.warnings == (
        "status 'A19' was not in the training data",
        "age 140 is outside the training range 19\N{EN DASH}74",
    )
    with pytest.raises(InputError, match="the row lacks the column 'age'"):
        bundle.predict([{name: value for name, value in ROW.items() if name != "age"}])


def test_a_table_that_lacks_a_column_is_refused(classified, refused, tmp_path):
    NEW.drop("age").write_csv(tmp_path / "new.csv")
    line = refused("predict", classified["bundle"], "new.csv", "--out", "out.csv")
    assert "new.csv lacks the column age; it has status, duration" in line


@pytest.mark.parametrize(
    ("task", "change", "options", "message"),
    [
        ("classify", {"risk": pl.lit("good")}, {}, "has one value only, 'good': there is nothing to predict"),
        ("classify", {"risk": pl.int_range(ROWS).cast(str) + "x"}, {}, "different value in each of 400 rows"),
        ("regress", {"rate": pl.lit(3.5)}, {}, "has one value only, 3.5: there is nothing to predict"),
        ("classify", {}, {"rows": 12}, "has 12 rows: expected 20 or more"),
        ("classify", {}, {"columns": ["risk"]}, "has one column only, 'risk': expected a target and columns"),
        ("classify", {"age": pl.lit(None)}, {"columns": ["age", "risk"]}, r"no column can be a feature: age \(empty\)"),
        ("classify", {"age": pl.int_range(ROWS) % 3}, {"group": "age"}, "--folds 3: the training rows fill 2 folds"),
    ],
)
def test_tables_that_cannot_be_used_are_one_line(tmp_path, task, change, options, message):
    table = loans(ROWS, 0).with_columns(**change)
    target = "risk" if task == "classify" else "rate"
    table = table.select(options.pop("columns", table.columns)).head(options.pop("rows", ROWS))
    table.write_csv(tmp_path / "loans.csv")
    with pytest.raises(InputError, match=message) as error:
        train(f"tables.{task}", tmp_path, data=str(tmp_path / "loans.csv"), target=target, **options)
    assert "\n" not in str(error.value)


def test_duplicated_headers_are_one_line(tmp_path, refused):
    (tmp_path / "loans.csv").write_text("age,age,risk\n" + "1,2,good\n3,4,bad\n" * 20)
    line = refused("train", "tables.classify", "--data", "loans.csv")
    assert "loans.csv: the column 'age' is there more than once (columns 1 and 2)" in line


def test_the_state_of_a_codec_survives(classified, regressed):
    for result in (classified, regressed):
        bundle = load(result["bundle"])
        state = json.loads(json.dumps(bundle.codec.to_json()))
        again = type(bundle.codec).from_json(state)
        assert again.to_json() == state
        arrays = bundle.codec.encode([ROW])
        outputs = bundle.predictor(arrays)
        expected = bundle.codec.decode(bundle.codec.combine(outputs, arrays), [ROW])
        assert again.decode(again.combine(outputs, arrays), [ROW]) == expected


@pytest.mark.slow  # the import of shap takes some seconds
@pytest.mark.parametrize("trained", ["classified", "regressed"])
def test_attributions_equal_those_of_shap(trained, request):
    """The oracle replaces values of the row by those of the typical row: it knows nothing of features."""
    shap = pytest.importorskip("shap")
    bundle = load(request.getfixturevalue(trained)["bundle"])
    typical, names = bundle.codec.encoder.typical, bundle.codec.encoder.names
    row = ROW | {"since": "2022-11-30"}

    def predict(members):
        rows = [{n: row[n] if m else typical[n] for n, m in zip(names, flags, strict=True)} for flags in members > 0]
        if trained == "regressed":
            return np.array([prediction.value for prediction in bundle.predict(rows)])
        probabilities = bundle.task.predict_probabilities(bundle.predictor, bundle.codec, rows)
        return np.log(probabilities[:, 0] / probabilities[:, 1])

    assert bundle.codec.labels[0] == "bad" if trained == "classified" else True
    explainer = shap.ExactExplainer(predict, np.zeros((1, len(names))))
    expected = explainer(np.ones((1, len(names)))).values[0]
    contributions = compute_attribution(bundle.predictor, bundle.codec, row)
    np.testing.assert_allclose(contributions.changes.values, expected, atol=1e-3 * np.abs(expected).max())
    assert not contributions.changes.standard_errors.any()
    assert contributions.changes.values[names.index("duration")] > 0
    changes = {part["name"]: part["change"] for part in bundle.explanation_values(row)["contributions"]}
    np.testing.assert_allclose([changes[name] for name in names], expected, atol=1e-3 * np.abs(expected).max())


def test_many_columns_are_sampled(trial, tmp_path, monkeypatch):
    bundle = load(trial("tables.classify") / "run/bundle")
    row = {name: high for name, (_, high) in bundle.codec.encoder.ranges.items()}
    contributions = compute_attribution(bundle.predictor, bundle.codec, row)
    assert contributions.changes.standard_errors.any()
    probabilities = bundle.task.predict_probabilities(
        bundle.predictor, bundle.codec, [row, bundle.codec.encoder.typical]
    )
    label = probabilities[0].argmax()
    log_odds = np.log(probabilities[:, label] / probabilities[:, 1 - label])
    assert contributions.changes.values.sum() == pytest.approx(log_odds[0] - log_odds[1], abs=1e-4)
    values = bundle.explanation_values(row)
    assert values["unit"] == f"log-odds of {bundle.codec.labels[label]}"
    assert [values["prediction"], values["typical_prediction"]] == pytest.approx(log_odds.tolist(), abs=1e-4)
    changes = {part["name"]: part["change"] for part in values["contributions"]}
    assert list(map(changes.get, bundle.codec.encoder.names)) == contributions.changes.values.tolist()
    errors = {part["name"]: part["standard_error"] for part in values["contributions"]}
    assert list(map(errors.get, bundle.codec.encoder.names)) == contributions.changes.standard_errors.tolist()
    assert "similar_rows" not in values
    with monkeypatch.context() as patched:
        figures = []
        patched.setattr("plexus.report.contribution_plot.save_figure", lambda figure, path: figures.append(figure))
        bundle.explain(row, tmp_path / "why.png")
    bars = [bar.get_width() for bar in figures[0].axes[0].patches]
    assert bars[::-1] == [part["change"] for part in values["contributions"][: len(bars)]]
    bundle.explain(row, tmp_path / "why.png")
    assert (tmp_path / "why.png").stat().st_size > 10_000


def test_a_typical_row_has_no_attributions(classified, tmp_path):
    bundle = load(classified["bundle"])
    typical = bundle.codec.encoder.typical
    assert not compute_attribution(bundle.predictor, bundle.codec, typical).changes.values.any()
    bundle.explain(typical, tmp_path / "why.png")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_metrics(tmp_path):
    loans(120, 0).write_csv(tmp_path / "loans.csv")
    options = {"data": str(tmp_path / "loans.csv"), "target": "risk", "ignore": "rate", "epochs": 1}
    first, second = (train("tables.classify", tmp_path / name, **options) for name in ("first", "second"))
    assert first["scores"] == second["scores"]


@pytest.mark.slow
def test_predictions_of_a_fold_do_not_depend_on_its_labels(tmp_path, monkeypatch):
    """Two trainings whose labels in fold 0 differ: the networks of fold 0 are the same to the last bit."""
    loans(ROWS, 0).write_csv(tmp_path / "loans.csv")
    task = registry().task("tables.classify")
    load_dataset = task.load_dataset

    def load_permuted(options):
        dataset = load_dataset(options)
        train = dataset["train"]
        rows = np.flatnonzero(train.folds == 0)
        targets = np.array(train.targets)
        targets[rows] = np.random.default_rng(1).permutation(targets[rows])
        train.targets = targets.tolist()
        return dataset

    options = FAST | {"data": str(tmp_path / "loans.csv"), "target": "risk", "ignore": "rate", "evaluate_every": 4}
    outputs = []
    for name, load_rows in (("first", load_dataset), ("second", load_permuted)):
        monkeypatch.setattr(task, "load_dataset", load_rows)
        result = Trainer(task).train(Run.start(task.id, task.options.parse(options), folder=tmp_path / name))
        bundle = load(result["bundle"])
        outputs.append(bundle.predictor(bundle.codec.encode(NEW.to_dicts()))["network"])
    first, second = outputs
    np.testing.assert_array_equal(first[:, 0], second[:, 0])
    assert np.abs(first[:, 1:] - second[:, 1:]).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("model", ["network", "linear", "forest", "boosting", "student", "ensemble"])
@pytest.mark.parametrize(("task", "target", "other"), [("classify", "risk", "rate"), ("regress", "rate", "risk")])
def test_models(tmp_path, model, task, target, other):
    loans(ROWS, 0).write_csv(tmp_path / "loans.csv")
    options = {"data": str(tmp_path / "loans.csv"), "target": target, "ignore": other, "model": model}
    bundle = load(train(f"tables.{task}", tmp_path, **options)["bundle"])
    assert bundle.codec.comparison[0].model == model
    if model != "ensemble":
        assert bundle.codec.ensemble.weights == {model: 1.0}
    assert len(bundle.predict(NEW.to_dicts())) == len(NEW)


@pytest.mark.slow
def test_one_column(tmp_path):
    loans(ROWS, 0).select("duration", "risk").write_csv(tmp_path / "loans.csv")
    bundle = load(train("tables.classify", tmp_path, data=str(tmp_path / "loans.csv"), target="risk")["bundle"])
    low, high = bundle.predict([{"duration": 6}, {"duration": 59}])
    assert (low.label, high.label) == ("good", "bad")
    contributions = compute_attribution(bundle.predictor, bundle.codec, {"duration": 59})
    assert contributions.changes.values.shape == (1,)
    assert contributions.changes.values[0] > 0
    bundle.explain({"duration": 59}, tmp_path / "why.png")


@pytest.mark.slow
def test_groups_and_rare_labels(tmp_path):
    table = loans(ROWS, 0).with_columns(customer=pl.int_range(ROWS) // 4)
    table = table.with_columns(risk=pl.when(pl.int_range(ROWS) < 2).then(pl.lit("fraud")).otherwise("risk"))
    table.write_csv(tmp_path / "loans.csv")
    options = {"data": str(tmp_path / "loans.csv"), "target": "risk", "ignore": "rate", "group": "customer"}
    bundle = load(train("tables.classify", tmp_path, **options)["bundle"])
    assert set(bundle.codec.labels) <= {"bad", "fraud", "good"}


def test_prediction_imports_no_large_library(classified):
    program = (
        "import sys; import plexus\n"
        f"bundle = plexus.load({str(classified['bundle'])!r})\n"
        f"print(bundle.predict([{ROW!r}])[0])\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch', 'sklearn', 'scipy', 'polars'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("bad")
