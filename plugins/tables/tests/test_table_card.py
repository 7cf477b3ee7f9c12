"""What the model card and `plexus data check` say about columns and model."""

import re

import numpy as np
import polars as pl
import pytest

import plexus
from plexus import Metric
from plexus.cli import main
from plexus_tables.column_kinds import describe_kinds
from plexus_tables.ensemble import Ensemble
from plexus_tables.table_card import not_better

LOG_LOSS = Metric("log_loss", baseline="prior_log_loss", higher_is_better=False)
RMSE = Metric("rmse", baseline="mean_rmse", higher_is_better=False)


def write_table(file):
    """Write a table with eleven numeric columns, a target that depends on none, and a number that depends on one."""
    generator = np.random.default_rng(0)
    numbers = {f"n{column}": generator.normal(size=200).round(3) for column in range(10)}
    numbers |= {"<b>|": generator.normal(size=200).round(3)}
    price = 100 + 10 * numbers["n0"] + generator.normal(size=200)
    frame = pl.DataFrame(numbers | {"price": price.round(1), "churn": generator.choice(["no", "yes"], 200)})
    frame.write_csv(file)
    return frame


def section_of(folder, task, data, **options):
    sizes = {"epochs": 1, "passes": 1, "bags": 1, "width": 8, "folds": 2}
    plexus.train(task, run=folder / "run", data=str(data), **options, **sizes)
    card = (folder / "run/bundle/README.md").read_text()
    return card[card.index("## Columns and model") :].splitlines()


def test_the_baseline_is_compared_by_the_interval_of_the_log_loss():
    metrics = {"log_loss": 0.6, "log_loss_low": 0.5, "log_loss_high": 0.68, "prior_log_loss": 0.69}
    assert not_better(LOG_LOSS, metrics) == ""
    line = not_better(LOG_LOSS, metrics | {"log_loss_high": 0.7})
    assert line == (
        "the model may be no better than the baseline: log_loss 0.6000 (95 % interval 0.5000 to 0.7000) on the test "
        "split, prior_log_loss 0.6900"
    )
    assert not_better(LOG_LOSS, metrics | {"log_loss": 0.7}) == (
        "the model is not better than the baseline on the test split: log_loss 0.7000, prior_log_loss 0.6900"
    )
    metrics = {"rmse": 9.0, "rmse_low": 7.0, "rmse_high": 12.0, "mean_rmse": 10.0}
    assert not_better(RMSE, metrics) == ""
    assert not_better(RMSE, metrics | {"rmse": 10.0}).endswith("baseline on the test split: rmse 10, mean_rmse 10")


def test_shares_are_always_stated():
    assert Ensemble({"network": 0.45, "boosting": 0.55}, {}).describe("ensemble") == (
        "ensemble (boosting 55 %, network 45 %)"
    )
    assert Ensemble({"boosting": 1.0}, {}).describe("ensemble") == "ensemble (boosting 100 %)"
    assert Ensemble({"network": 1.0}, {}).describe("network") == "network"


def test_eight_columns_of_a_kind_are_named():
    kinds = dict.fromkeys([f"n{column}" for column in range(9)], "numeric") | {"seen": "date", "paid": "date"}
    assert describe_kinds(kinds, {"id": "identifier"}) == (
        "9 numeric: n0, n1, n2, n3, n4, n5, n6, n7 and 1 more; 2 dates: seen, paid; left out: id (identifier)"
    )
    assert describe_kinds(kinds, {}, None).startswith("9 numeric: n0, n1, n2, n3, n4, n5, n6, n7, n8; 2 dates")
    assert describe_kinds({}, {"id": "identifier"}) == "no columns; left out: id (identifier)"


def test_data_check_names_all_columns(tmp_path, capsys):
    write_table(tmp_path / "a.csv")
    assert main(["data", "check", "tables.regress", "--data", str(tmp_path / "a.csv"), "--target", "price"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[-2].endswith(
        "a.csv: target price; 11 numeric: n0, n1, n2, n3, n4, n5, n6, n7 and 3 more; 1 categorical: churn"
    )
    assert lines[-1] == "all columns: 11 numeric: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, <b>|; 1 categorical: churn"


@pytest.mark.slow
def test_the_card_of_labels_names_all_columns_and_a_model_that_is_not_useful(tmp_path, capsys):
    frame = write_table(tmp_path / "a.csv")
    section = section_of(tmp_path, "tables.classify", tmp_path / "a.csv", ignore="price", coverage=0.8)
    yes = round(170 * (frame["churn"] == "yes").mean())
    assert section[2] in [
        f"- Target: churn; training rows by label: {first} {count}, {second} {170 - count}."
        for first, second, count in (("yes", "no", yes), ("no", "yes", 170 - yes))
    ]
    assert section[3:5] == [
        "- Columns: 11 numeric: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, &lt;b>|; left out: price (ignored).",
        "- Folds: 2; the model of a fold has not learned from its rows.",
    ]
    assert section[5].startswith("- Model: ensemble (")
    assert section[6].startswith("- Coverage: prediction intervals, or label sets, hold the true value of 80 %")
    assert re.match("- The model (is not|may be no) better than the baseline", section[7])
    assert re.search("\nthe model (is not|may be no) better than the baseline", capsys.readouterr().err)


@pytest.mark.slow
def test_the_card_of_numbers(tmp_path, capsys):
    frame = write_table(tmp_path / "a.csv")
    options = {"target": "price", "ignore": "churn", "model": "linear"}
    section = section_of(tmp_path, "tables.regress", tmp_path / "a.csv", **options)
    low, high = map(float, section[2].removeprefix("- Target: price, numbers from ").rstrip(".").split(" to "))
    assert frame["price"].min() <= low < high <= frame["price"].max()
    assert section[5] == "- Model: linear."
    assert "not better" not in section[-1] + capsys.readouterr().err
