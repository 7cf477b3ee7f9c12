"""Predictions for tables by column: the same cells as by row, on a real set with values of all sorts."""

import csv
import json

import numpy as np
import polars as pl
import pytest

import plexus
from plexus.inference import table_predictions
from plexus.inference.table_predictions import predict_table
from plexus.tasks.abilities import AnswersInColumns

FAST = {"epochs": 2, "bags": 1, "width": 16, "depth": 1, "folds": 3, "model": "network"}


class ByRow:
    """Stands for a protocol that no task has."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with breast cancer as a table, and one of rows that differ from it."""
    from sklearn.datasets import load_breast_cancer

    folder = tmp_path_factory.mktemp("columns")
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    generator = np.random.default_rng(0)
    table = pl.DataFrame({name.replace(" ", "_"): x[name].to_numpy() for name in x.columns[:8]}).with_columns(
        stage=pl.Series(generator.choice(["I", "II", "III"], len(x))),
        place=pl.Series(generator.choice(["left", "right"], len(x))),
        outcome=pl.Series(np.where(y == 0, "ill", "well")),
        kind=pl.Series(np.digitize(x["mean radius"] + generator.normal(size=len(x)), [12, 15, 18]).astype(str)),
    )
    table.write_csv(folder / "patients.csv")
    odd = table.with_row_index("row").with_columns(
        mean_radius=pl.when(pl.col("row") % 7 == 0).then(pl.col("mean_radius") * 50).otherwise(pl.col("mean_radius")),
        mean_area=pl.when(pl.col("row") % 5 == 0)
        .then(pl.lit("much"))
        .when(pl.col("row") % 5 == 1)
        .then(None)
        .otherwise(pl.col("mean_area").cast(pl.String)),
        stage=pl.when(pl.col("row") % 3 == 0).then(pl.lit("=X")).otherwise(pl.col("stage")),
    )
    odd.drop("row").write_csv(folder / "odd.csv")
    return folder


@pytest.mark.parametrize(
    ("task", "target"),
    [
        ("tables.classify", "kind"),
        pytest.param("tables.regress", "mean_texture", marks=pytest.mark.slow),
        pytest.param("tables.diagnose", "outcome", marks=pytest.mark.slow),
    ],
)
def test_columns_are_the_same_cells_as_those_of_rows(folder, task, target, tmp_path, monkeypatch):
    others = ",".join({"kind", "outcome"} - {target})
    options = {"data": str(folder / "patients.csv"), "target": target, "ignore": others}
    bundle = plexus.train(task, run=tmp_path / "run", **FAST, **options)
    assert isinstance(bundle.task, AnswersInColumns)
    predict_table(bundle, folder / "odd.csv", tmp_path / "columns.csv")
    monkeypatch.setattr(table_predictions, "AnswersInColumns", ByRow)
    predict_table(bundle, folder / "odd.csv", tmp_path / "rows.csv")
    content = (tmp_path / "columns.csv").read_bytes()
    assert content == (tmp_path / "rows.csv").read_bytes()
    rows = list(csv.DictReader(content.decode().splitlines()))
    assert len(rows) == 569
    singles = bundle.predict(pl.read_csv(folder / "odd.csv").to_dicts()[:40])
    for row, prediction in zip(rows, singles, strict=False):
        assert list(prediction.warnings) == json.loads(row["warnings"])
    warnings = json.loads(rows[0]["warnings"])
    assert warnings[0].startswith("mean_radius 899.5 is outside the training range ")
    assert warnings[1:] == [
        "mean_area 'much' is not a number: it counts as missing",
        "stage '=X' was not in the training data",
    ]
    assert json.loads(rows[1]["warnings"]) == []
