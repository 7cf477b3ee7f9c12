"""Drift between two tables: `plexus data drift`."""

import json
import time

import numpy as np
import polars as pl
import pytest

from plexus.cli import main
from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus_tables.drift import drift_table


def loans(rows, months, seed):
    """Return loans whose duration has a mean of `months`, with an outcome."""
    generator = np.random.default_rng(seed)
    duration = np.round(generator.normal(months, 6, rows))
    return pl.DataFrame(
        {
            "duration": duration,
            "purpose": generator.choice(["car", "tv", "house"], rows),
            "opened": pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 1, 1) + pl.duration(days=rows - 1), eager=True),
            "bad": np.where(generator.random(rows) < duration / 60, "yes", "no"),
        }
    )


def test_a_later_table_needs_no_target(tmp_path, capsys):
    loans(800, 24, 0).write_csv(tmp_path / "old.csv")
    loans(600, 36, 1).drop("bad").write_csv(tmp_path / "new.csv")
    command = ["data", "drift", "tables.risk", "--data", str(tmp_path / "old.csv"), "--against"]
    assert main([*command, str(tmp_path / "new.csv"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["against"] == str(tmp_path / "new.csv")
    rows = {row["column"]: row for row in result["drift"]}
    assert set(rows) == {"duration", "purpose", "opened"}
    assert rows["duration"]["large"]
    assert not rows["purpose"]["large"]
    assert rows["purpose"]["psi"] < 0.05
    assert main([*command, str(tmp_path / "new.csv")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("population stability index of ")
    assert lines[2].split()[0] == "duration"
    assert lines[2].endswith("large drift (above 0.25 and twice that by chance)")


def test_data_without_columns_are_not_compared(tmp_path, capsys):
    loans(100, 24, 0).write_csv(tmp_path / "old.csv")
    old = str(tmp_path / "old.csv")
    loans(100, 24, 0).drop("purpose").write_csv(tmp_path / "new.csv")
    for arguments, message in [
        (["tables.classify", "--data", old], "name the later table with --against"),
        (["vision.classify", "--data", old, "--against", old], "does not compare two tables"),
        (["tables.classify", "--data", old, "--against", str(tmp_path / "new.csv")], "lacks the column purpose"),
    ]:
        assert main(["data", "drift", *arguments]) == 2
        assert message in capsys.readouterr().err


def drift(tmp_path, before, after, task="tables.classify"):
    """Return the drift of each column between two tables that are written as CSV."""
    before.write_csv(tmp_path / "before.csv")
    after.write_csv(tmp_path / "after.csv")
    options = {"data": str(tmp_path / "before.csv"), "target": "y"}
    task = registry().task(task)
    dataset = task.load_dataset(task.options.parse(options))
    rows = task.measure_drift(dataset, task.options.parse(options | {"data": str(tmp_path / "after.csv")}))
    return {row["column"]: row for row in rows}


def test_cells_are_compared_as_the_model_reads_them(tmp_path):
    generator = np.random.default_rng(0)
    age = [f"{value:.0f}" for value in generator.normal(30, 5, 400)]
    table = pl.DataFrame(
        {
            "smoker": generator.choice(["true", "false"], 400),
            "age": ["unknown", *age[1:]],
            "code": generator.choice(["1.10", "1.1", "x"], 400),
            "day": pl.date_range(pl.date(2020, 1, 1), pl.date(2021, 2, 3), eager=True).cast(pl.String),
            "y": generator.choice(["p", "q"], 400),
        }
    )
    same = drift(tmp_path, table, table.drop("y"))
    assert {name: row["psi"] for name, row in same.items()} == {"smoker": 0, "age": 0, "code": 0, "day": 0}
    later = table.with_columns(
        age=pl.Series(["unknown", *(str(float(value) + 20) for value in age[1:])]),
        day=pl.col("day").str.replace("202", "203"),
    )
    rows = drift(tmp_path, table, later)
    assert {name for name, row in rows.items() if row["large"]} == {"age", "day"}


def test_a_later_table_may_have_one_column(tmp_path):
    table = pl.DataFrame({"x": np.random.default_rng(0).normal(size=100), "y": ["p", "q"] * 50})
    assert drift(tmp_path, table, table.select("x"))["x"]["psi"] == 0


def test_the_index_of_many_rows_takes_seconds():
    generator = np.random.default_rng(0)
    table = pl.DataFrame({"x": generator.normal(size=200_000), "c": generator.choice(list("abcde"), 200_000)})
    started = time.process_time()
    assert not drift_table(table[:100_000], table[100_000:])["large"].any()
    assert time.process_time() - started < 10


def test_the_index_by_chance_is_that_of_random_splits():
    """About (bins - 1) (1 / n + 1 / m)."""
    generator = np.random.default_rng(0)
    before, after = (pl.DataFrame({"x": generator.normal(size=size)}) for size in (2000, 1000))
    assert drift_table(before, after)["psi_by_chance"][0] == pytest.approx(9 * (1 / 2000 + 1 / 1000), rel=0.3)


def test_a_column_that_is_missing():
    with pytest.raises(InputError, match="no column 'b'"):
        drift_table(pl.DataFrame({"a": [1], "b": [2]}), pl.DataFrame({"a": [1]}))
