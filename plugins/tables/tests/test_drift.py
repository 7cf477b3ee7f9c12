"""Drift between two tables: `plexus data drift`."""

import json

import numpy as np
import polars as pl
import pytest

from plexus.cli import main
from plexus.errors import InputError
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
    assert lines[2].endswith("large drift")


def test_data_without_columns_are_not_compared(tmp_path, capsys):
    loans(100, 24, 0).write_csv(tmp_path / "old.csv")
    old = str(tmp_path / "old.csv")
    loans(100, 24, 0).drop("purpose").write_csv(tmp_path / "new.csv")
    for arguments, message in [
        (["tables.classify", "--data", old], "name the later table with --against"),
        (["vision.classify", "--data", old, "--against", old], "does not compare two tables"),
        (["tables.classify", "--data", old, "--against", str(tmp_path / "new.csv")], "no column 'purpose'"),
    ]:
        assert main(["data", "drift", *arguments]) == 2
        assert message in capsys.readouterr().err


def test_columns_of_other_types_are_compared_as_text():
    before = pl.DataFrame({"code": [1, 2] * 50}).with_columns(day=pl.date(2024, 1, 1))
    same = before.with_columns(pl.col("code").cast(pl.String), day=pl.datetime(2024, 1, 1))
    assert drift_table(before, same)["psi"].to_list() == pytest.approx([0, 0])
    later = same.with_columns(day=pl.datetime(2025, 1, 1))
    assert drift_table(before, later).row(0, named=True)["large"]


def test_a_column_that_is_missing():
    with pytest.raises(InputError, match="no column 'b'"):
        drift_table(pl.DataFrame({"a": [1], "b": [2]}), pl.DataFrame({"a": [1]}))
