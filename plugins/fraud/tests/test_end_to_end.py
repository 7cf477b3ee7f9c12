"""Fraud from the command line: trained, asked one at a time and by the table, explained."""

import csv
import json
import re
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

import plexus
from plexus import InputError
from plexus.inference.table_predictions import answer_table
from plexus.plugins.registry import registry
from plexus_fraud.options import FraudFlags
from plexus_fraud.simulate import World, simulate

MADE = pl.DataFrame(simulate(World(customers=800, terminals=300, days=50, seed=2)))
SPLIT = int(MADE["time"].to_numpy()[0] + 42 * 86_400)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A bundle that learned 42 days of made-up transactions, and what its training gave."""
    from plexus.run import Run
    from plexus.training.trainer import train

    folder = tmp_path_factory.mktemp("fraud")
    MADE.filter(pl.col("time") < SPLIT).write_csv(folder / "before.csv")
    task = registry().task("fraud.detect")
    options = task.options.parse({"data": str(folder / "before.csv"), "epochs": 8, "reviews_a_day": 20})
    result = train(task, Run.start(task.id, options, folder=folder / "run"))
    return result["bundle"], result


@pytest.fixture
def bundle(trained):
    """The bundle, as it was: what it has seen since is forgotten."""
    return plexus.load(trained[0])


def later(rows=slice(None)):
    return MADE.filter(pl.col("time") >= SPLIT).drop("fraud")[rows]


def test_it_finds_fraud(trained):
    scores = trained[1]["scores"]
    assert scores["average_precision"] > max(10 * scores["prior_average_precision"], scores["amount_average_precision"])
    assert scores["average_precision_low"] < scores["average_precision"] < scores["average_precision_high"]
    assert scores["unusual_average_precision"] > 1.2 * scores["prior_average_precision"]
    assert scores["cost_saved"] > 0.2
    assert scores["ece"] < 0.02
    report = {file.name for file in (plexus.load(trained[0]).folder.parent / "report").iterdir()}
    assert report == {"training.png", "precision_recall.png", "cost.png", "drift.png", "drift.csv"}


def test_one_by_one_is_as_by_the_table(bundle, trained, tmp_path):
    """State goes on: transactions that arrive one by one are answered for as in one piece."""
    rows = later(slice(0, 300))
    rows.write_csv(tmp_path / "later.csv")
    answer_table(bundle, tmp_path / "later.csv", tmp_path / "out.csv", FraudFlags())
    whole = pl.read_csv(tmp_path / "out.csv")
    fresh = plexus.load(trained[0])
    found = [fresh.predict([row])[0] for row in rows.to_dicts()]
    np.testing.assert_allclose([answer.probability for answer in found], whole["probability"], atol=1e-5)
    assert [answer.fraud for answer in found] == whole["fraud"].to_list()


def test_state_is_kept_between_calls(bundle, trained, plexus, refused, tmp_path, monkeypatch):
    later().write_csv(tmp_path / "later.csv")
    half = len(later()) // 2
    for name, rows in (("first.csv", slice(0, half)), ("second.csv", slice(half, None))):
        later(rows).write_csv(tmp_path / name)
    answer_table(bundle, tmp_path / "later.csv", tmp_path / "whole.csv", FraudFlags())
    for name in ("first", "second"):
        done = plexus("predict", trained[0], f"{name}.csv", "--out", f"{name}.out.csv", "--state", "seen.json")
        assert done.returncode == 0, done.stderr
    parts = pl.concat([pl.read_csv(tmp_path / f"{name}.out.csv") for name in ("first", "second")])
    whole = pl.read_csv(tmp_path / "whole.csv")
    np.testing.assert_allclose(parts["probability"], whole["probability"], atol=1e-5)
    monkeypatch.setattr("plexus.data.tables.CHUNK", 700)  # several pieces
    answer_table(plexus.load(trained[0]), tmp_path / "later.csv", tmp_path / "pieces.csv", FraudFlags())
    np.testing.assert_allclose(pl.read_csv(tmp_path / "pieces.csv")["probability"], whole["probability"], atol=1e-5)
    (tmp_path / "seen.json").write_text("{}")
    line = refused("predict", trained[0], "second.csv", "--out", "again.csv", "--state", "seen.json")
    assert "--state seen.json is not what predict kept" in line
    assert not (tmp_path / "again.csv").exists()


def test_later_transactions_are_measured_with_what_was_seen(bundle, tmp_path, capsys):
    MADE.filter(pl.col("time") >= SPLIT).write_csv(tmp_path / "later.csv")
    found = bundle.evaluate(str(tmp_path / "later.csv"))
    assert found["examples"] == len(later())
    assert found["scores"]["average_precision"] > 0.3
    assert not re.search(r"[:,] amount \d", capsys.readouterr().err)
    MADE.filter(pl.col("time") >= SPLIT).with_columns(amount=pl.col("amount") * 3).write_csv(tmp_path / "dear.csv")
    bundle.evaluate(str(tmp_path / "dear.csv"))
    assert re.search(r"moved much since training .*[:,] amount \d", capsys.readouterr().err)


def test_reasons_and_explanations(bundle, trained, plexus, tmp_path):
    customer = int(later()["customer"][0])
    raw = {"time": SPLIT + 90_000, "customer": customer, "terminal": 3, "amount": 900.0}
    (answer,) = bundle.predict([raw])
    assert answer.fraud
    assert any("amount" in reason for reason in answer.reasons)
    assert answer.unusual > 0.99
    done = plexus("predict", trained[0], json.dumps(raw), "--explain", "--out", tmp_path / "why", "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    assert (tmp_path / result["explanation"]).stat().st_size > 10_000
    assert str(answer).startswith("FRAUD?")
    (again,) = bundle.predict([raw])  # it is not its own past
    assert again.probability == pytest.approx(answer.probability)


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("text", "a transaction as a JSON object is wanted, or a table"),
        ("[1, 2]", "a transaction is wanted as a JSON object"),
        ('{"time": 1, "customer": 2, "terminal": 3}', "the transaction lacks the column 'amount'; it has time"),
        ('{"time": "soon", "customer": 2, "terminal": 3, "amount": 4}', "column 'time': 'soon' is no time"),
    ],
)
def test_what_is_no_transaction(bundle, raw, line):
    with pytest.raises(InputError, match=line):
        bundle.predict([raw for _, raw in bundle.task.parse_argument(raw)])


def test_strangers_and_missing_values_are_answered_for(bundle):
    raws = [
        {"time": SPLIT + 5, "customer": "nobody", "terminal": "nowhere", "amount": 10},
        {"time": SPLIT + 6, "customer": None, "terminal": None, "amount": None},
        {"time": 5, "customer": 1, "terminal": 1, "amount": 10},
    ]
    answers = bundle.predict(raws)
    assert all(0 <= answer.probability <= 1 for answer in answers)
    for raw, answer in zip(raws[:2], answers, strict=False):
        (alone,) = plexus.load(bundle.folder).predict([raw])
        assert alone.probability == pytest.approx(answer.probability, abs=1e-5)
    (text,) = plexus.load(bundle.folder).predict([raws[0] | {"time": str(SPLIT + 5), "amount": "10"}])
    assert text.probability == pytest.approx(answers[0].probability, abs=1e-5)


def test_a_table_that_lacks_a_column_is_refused(trained, refused, tmp_path):
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("time", "customer", "amount"), (SPLIT, 1, 2)])
    line = refused("predict", trained[0], "a.csv", "--out", "b.csv")
    assert "the table lacks the column 'terminal'; it has time, customer, amount" in line


def test_answering_is_light(trained):
    program = (
        "import sys; from plexus import Bundle\n"
        f"bundle = plexus.load({str(trained[0])!r})\n"
        f"print(bundle.predict([{{'time': {SPLIT}, 'customer': 1, 'terminal': 2, 'amount': 3}}])[0])\n"
        "assert not {'tensorflow', 'keras', 'jax', 'torch', 'sklearn', 'scipy', 'polars'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ok")
