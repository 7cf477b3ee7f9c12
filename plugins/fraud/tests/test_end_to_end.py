"""Fraud detection on the command line: training, prediction for records and tables, explanation."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from plexus import InputError, load
from plexus.inference.table_predictions import TablePredictions, predict_table
from plexus.plugins.registry import registry
from plexus_fraud.simulation import Simulation, simulate

SIMULATED = pl.DataFrame(simulate(Simulation(customers=800, terminals=300, days=50, seed=2)))
SPLIT = int(SIMULATED["time"].to_numpy()[0] + 42 * 86_400)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The bundle of a training on 42 days of simulated transactions, and the result of the training."""
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    folder = tmp_path_factory.mktemp("fraud")
    SIMULATED.filter(pl.col("time") < SPLIT).write_csv(folder / "before.csv")
    task = registry().task("fraud.detect")
    options = task.options.parse({"data": str(folder / "before.csv"), "epochs": 8, "reviews_per_day": 20})
    result = Trainer(task).train(Run.start(task.id, options, folder=folder / "run"))
    return result["bundle"], result


@pytest.fixture
def bundle(trained):
    """The bundle."""
    return load(trained[0])


def later(rows=slice(None)):
    return SIMULATED.filter(pl.col("time") >= SPLIT).drop("fraud")[rows]


def test_metrics_of_a_training(trained):
    scores = trained[1]["scores"]
    assert scores["average_precision"] > max(10 * scores["prior_average_precision"], scores["amount_average_precision"])
    assert scores["average_precision_low"] < scores["average_precision"] < scores["average_precision_high"]
    assert scores["unusual_average_precision"] > 1.2 * scores["prior_average_precision"]
    assert scores["cost_saved"] > 0.2
    assert scores["ece"] < 0.02
    report = {file.name for file in (load(trained[0]).folder.parent / "report").iterdir()}
    assert report == {"training.svg", "precision_recall.svg", "cost.svg", "drift.svg", "drift.csv"}


def test_single_transactions_equal_the_table(bundle, trained, tmp_path):
    """With a state, transactions that arrive one by one get the predictions of the whole table."""
    rows = later(slice(0, 300))
    rows.write_csv(tmp_path / "later.csv")
    predict_table(bundle, tmp_path / "later.csv", tmp_path / "out.csv")
    whole = pl.read_csv(tmp_path / "out.csv")
    state = bundle.task.initial_state(bundle.codec)
    predictions = [bundle.predict([row], state=state)[0] for row in rows.to_dicts()]
    np.testing.assert_allclose([prediction.probability for prediction in predictions], whole["probability"], atol=1e-5)
    assert [prediction.fraud for prediction in predictions] == whole["fraud"].to_list()


def test_predictions_change_neither_bundle_nor_codec(bundle):
    """Without a passed state, each call starts from the state after training."""
    rows = later(slice(0, 200)).to_dicts()
    before = json.dumps(bundle.codec.to_json())
    first, again = bundle.predict(rows), bundle.predict(rows)
    assert first == again
    assert json.dumps(bundle.codec.to_json()) == before


@pytest.mark.slow
def test_state_is_kept_between_calls(bundle, trained, plexus, refused, tmp_path, monkeypatch):
    later().write_csv(tmp_path / "later.csv")
    half = len(later()) // 2
    for name, rows in (("first.csv", slice(0, half)), ("second.csv", slice(half, None))):
        later(rows).write_csv(tmp_path / name)
    predict_table(bundle, tmp_path / "later.csv", tmp_path / "whole.csv")
    for name in ("first", "second"):
        done = plexus("predict", trained[0], f"{name}.csv", "--out", f"{name}.out.csv", "--state", "seen.json")
        assert done.returncode == 0, done.stderr
    parts = pl.concat([pl.read_csv(tmp_path / f"{name}.out.csv") for name in ("first", "second")])
    whole = pl.read_csv(tmp_path / "whole.csv")
    np.testing.assert_allclose(parts["probability"], whole["probability"], atol=1e-5)
    monkeypatch.setattr("plexus.data.tables.CHUNK", 700)  # several chunks
    predict_table(load(trained[0]), tmp_path / "later.csv", tmp_path / "pieces.csv")
    np.testing.assert_allclose(pl.read_csv(tmp_path / "pieces.csv")["probability"], whole["probability"], atol=1e-5)
    (tmp_path / "seen.json").write_text("{}")
    line = refused("predict", trained[0], "second.csv", "--out", "again.csv", "--state", "seen.json")
    assert "--state seen.json is not a file that predict wrote" in line
    assert not (tmp_path / "again.csv").exists()


def test_later_transactions_continue_the_history(bundle, tmp_path, capsys):
    SIMULATED.filter(pl.col("time") >= SPLIT).write_csv(tmp_path / "later.csv")
    result = bundle.evaluate(str(tmp_path / "later.csv"))
    assert result["examples"] == len(later())
    assert result["scores"]["average_precision"] > 0.3
    assert not re.search(r"[:,] amount \d", capsys.readouterr().err)
    SIMULATED.filter(pl.col("time") >= SPLIT).with_columns(amount=pl.col("amount") * 3).write_csv(
        tmp_path / "expensive.csv"
    )
    bundle.evaluate(str(tmp_path / "expensive.csv"))
    assert re.search(r"large drift since training .*[:,] amount \d", capsys.readouterr().err)


def test_reasons_and_explanations(bundle, trained, plexus, tmp_path):
    customer = int(later()["customer"][0])
    raw = {"time": SPLIT + 90_000, "customer": customer, "terminal": 3, "amount": 900.0}
    (prediction,) = bundle.predict([raw])
    assert prediction.fraud
    assert any("amount" in reason for reason in prediction.reasons)
    assert prediction.unusual > 0.99
    done = plexus("predict", trained[0], json.dumps(raw), "--explain", "--out", tmp_path / "why", "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    assert (tmp_path / result["explanation"]).stat().st_size > 10_000
    values = result["explanation_values"]
    assert values == bundle.explanation_values(raw)
    assert values["unit"] == "log-odds of fraud"
    log_odds = np.log(prediction.probability / (1 - prediction.probability))
    assert values["prediction"] == pytest.approx(log_odds, abs=1e-4)
    assert sorted(part["name"] for part in values["contributions"]) == sorted(bundle.codec.encoder.names)
    sum_of_changes = sum(part["change"] for part in values["contributions"])
    assert sum_of_changes == pytest.approx(values["prediction"] - values["typical_prediction"], abs=1e-5)
    amount = next(part for part in values["contributions"] if part["name"] == "amount")
    median = bundle.codec.medians[bundle.codec.encoder.names.index("amount")]
    assert (amount["value"], amount["typical"]) == (900.0, pytest.approx(median))
    assert amount["change"] > 0
    assert str(prediction).startswith("FRAUD?")
    state = bundle.task.initial_state(bundle.codec)
    bundle.predict([raw], state=state)
    (again,) = bundle.predict([raw], state=state)  # a transaction is not part of its own past
    assert again.probability == pytest.approx(prediction.probability)


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("text", "expected a transaction as a JSON object, or a table"),
        ("[1, 2]", "expected a transaction as a JSON object of its columns, got list"),
        ('{"time": 1, "customer": 2, "terminal": 3}', "the transaction lacks the column 'amount'; it has time"),
        (
            '{"time": "soon", "customer": 2, "terminal": 3, "amount": 4}',
            "column 'time': 'soon' is not a time; expected seconds, or dates",
        ),
    ],
)
def test_invalid_transactions_are_refused(bundle, raw, line):
    with pytest.raises(InputError, match=line):
        bundle.predict([raw for _, raw in bundle.task.parse_argument(raw)])


def test_unknown_accounts_and_missing_values(bundle):
    raws = [
        {"time": SPLIT + 5, "customer": "nobody", "terminal": "nowhere", "amount": 10},
        {"time": SPLIT + 6, "customer": None, "terminal": None, "amount": None},
        {"time": 5, "customer": 1, "terminal": 1, "amount": 10},
    ]
    predictions = bundle.predict(raws)
    assert all(0 <= prediction.probability <= 1 for prediction in predictions)
    for raw, prediction in zip(raws[:2], predictions, strict=False):
        (alone,) = load(bundle.folder).predict([raw])
        assert alone.probability == pytest.approx(prediction.probability, abs=1e-5)
    (text,) = load(bundle.folder).predict([raws[0] | {"time": str(SPLIT + 5), "amount": "10"}])
    assert text.probability == pytest.approx(predictions[0].probability, abs=1e-5)


def test_a_table_that_lacks_a_column_is_refused(trained, refused, tmp_path):
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("time", "customer", "amount"), (SPLIT, 1, 2)])
    line = refused("predict", trained[0], "a.csv", "--out", "b.csv")
    assert "a.csv lacks the column 'terminal'; it has time, customer, amount" in line


def test_rows_that_cannot_be_read_have_no_prediction(trained, plexus, tmp_path, monkeypatch):
    """The other rows are predicted as if the table had only them, whether a file or its rows are asked for."""
    rows = later(slice(0, 9)).with_columns(pl.col("time").cast(str), pl.col("amount").cast(str))
    rows[:6].write_csv(tmp_path / "good.csv")
    cells = rows.rows()
    cells[6] = ("not a time", *cells[6][1:])
    cells[7] = tuple("12x" if name == "amount" else cell for name, cell in zip(rows.columns, cells[7], strict=True))
    cells[8] = (None, *cells[8][1:])
    pl.DataFrame(cells, schema=rows.schema, orient="row").write_csv(tmp_path / "day.csv")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("plexus.data.tables.CHUNK", 7)  # the last part has unreadable rows alone
    bundle = load(trained[0])
    assert predict_table(bundle, Path("good.csv"), Path("good.out.csv")) == TablePredictions(6, {})
    written, unreadable, *_ = predict_table(bundle, Path("day.csv"), Path("day.out.csv"))
    assert written == 9
    assert unreadable[7].startswith("day.csv, row 7: column 'time': 'not a time' is not a time; expected seconds")
    assert unreadable[8] == "day.csv, row 8: column 'amount': '12x' is not an amount"
    assert unreadable[9].startswith("day.csv, row 9: column 'time': '' is not a time")
    probabilities = pl.read_csv(tmp_path / "day.out.csv")["probability"].to_list()
    assert probabilities[6:] == [None, None, None]
    assert probabilities[:6] == pl.read_csv(tmp_path / "good.out.csv")["probability"].to_list()
    for arguments in (["--out", "third.csv"], []):
        done = plexus("predict", trained[0], "day.csv", *arguments)
        assert done.returncode == 2
        assert "row 7: column 'time': 'not a time' is not a time" in done.stderr
        assert "row 8: column 'amount': " in done.stderr


def test_prediction_imports_no_large_library(trained):
    program = (
        "import sys; import plexus\n"
        f"bundle = plexus.load({str(trained[0])!r})\n"
        f"print(bundle.predict([{{'time': {SPLIT}, 'customer': 1, 'terminal': 2, 'amount': 3}}])[0])\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch', 'sklearn', 'scipy', 'polars'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ok")
