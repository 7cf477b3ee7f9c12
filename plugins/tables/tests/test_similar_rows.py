"""Training rows that are similar to a row: Gower's distance, what is stored, and states that a stranger has made."""

import copy
import json
import math
import random
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from plexus import InputError
from plexus.inference.codec_reading import read_codec
from plexus.plugins.registry import registry
from plexus_tables.column_encoder import ColumnEncoder
from plexus_tables.similar_rows import MAX_ROWS, SimilarRows

ROWS = 80
START = date(2020, 1, 1)
LEVELS = ("low", "middle", "high")


def patients(rows=ROWS):
    """Patients with all kinds of columns and missing values; one blood value is a gross outlier."""
    generator = random.Random(3)

    def sometimes(value):
        return None if generator.random() < 0.15 else value

    records = [
        {
            "patient": f"P{row // 2:04d}",
            "visit": str(START + timedelta(days=900 + 2 * row)),
            "blood": sometimes(round(generator.gauss(50, 9), 3)),
            "town": sometimes(generator.choice(["Oslo", "Bergen", "Hamar"])),
            "grade": sometimes(generator.choice(LEVELS)),
            "since": sometimes(str(START + timedelta(days=generator.randrange(900)))),
            "sex": generator.choice(["f", "m"]),
            "ward": generator.choice(["A", "B"]),
            "outcome": generator.choice(["ill", "well"]),
            "cost": round(generator.gauss(900, 90), 2),
        }
        for row in range(rows)
    ]
    records[5]["blood"] = 50_000.0
    return pl.DataFrame(records)


def fitted(folder, task_id, **options):
    """Return the task, the dataset and the codec of a table of patients."""
    patients().write_csv(folder / "patients.csv")
    task = registry().task(task_id)
    target = "cost" if task_id == "tables.regress" else "outcome"
    values = {"target": target, "ordinal": "grade=low<middle<high", "folds": 2} | options
    values.setdefault("ignore", "patient,visit,ward,sex," + ("outcome" if target == "cost" else "cost"))
    parsed = task.options.parse({"data": str(folder / "patients.csv")} | values)
    dataset = task.load_dataset(parsed)
    return task, dataset, task.fit_codec(dataset, parsed)


def span(values):
    """Return the range from the 1st to the 99th percentile."""
    low, high = np.percentile(values, [1, 99])
    return high - low


def brute_force(row, others):
    """Return Gower's distance from a row to each of others, cell by cell, and the columns that are compared."""
    numbers = {
        "blood": float,
        "grade": LEVELS.index,
        "since": lambda text: date.fromisoformat(text).toordinal(),
    }
    spans = {
        name: span([read(other[name]) for other in others if other[name] is not None]) for name, read in numbers.items()
    }
    distances = []
    for other in others:
        parts = []
        for name in ("blood", "town", "grade", "since"):
            a, b = row[name], other[name]
            if a is None or b is None:
                continue
            if name == "town":
                parts.append(float(a != b))
            else:
                parts.append(min(abs(numbers[name](a) - numbers[name](b)) / spans[name], 1))
        distances.append((sum(parts) / len(parts) if parts else math.inf, len(parts)))
    return distances


@pytest.mark.parametrize("task_id", ["tables.classify", "tables.regress", "tables.diagnose", "tables.risk"])
def test_the_nearest_rows_are_those_of_a_loop(tmp_path, task_id):
    task, dataset, fitted_codec = fitted(tmp_path, task_id, similar=4)
    state = json.loads(json.dumps(fitted_codec.to_json()))
    codec = read_codec(task.codec, state, Path("bundle.json"))
    assert codec.to_json() == state
    train = dataset["train"]
    others = [
        {name: None if cell is None else cell if name == "blood" else str(cell) for name, cell in row.items()}
        for row in train.inputs.frame.to_dicts()
    ]
    query = {"blood": 61.5, "town": "Hamar", "grade": "high", "since": "2021-05-20"}
    for row in (query, query | {"town": None, "blood": None}, query | {"town": "Paris", "blood": 1e9}):
        distances = brute_force(row, others)
        expected = sorted(
            range(len(others)), key=lambda place: (round(distances[place][0], 9), -distances[place][1], place)
        )[:4]
        nearest = codec.similar_rows.nearest(row)
        assert [near.distance for near in nearest] == pytest.approx([distances[place][0] for place in expected])
        assert [near.target for near in nearest] == [train.targets[place] for place in expected]
        for near, place in zip(nearest, expected, strict=True):
            assert near.values == {name: others[place][name] for name in ("blood", "town", "grade", "since")}


def test_a_training_row_is_nearest_to_itself(tmp_path):
    _, dataset, codec = fitted(tmp_path, "tables.classify", similar=2)
    for row, target in list(zip(dataset["train"].inputs, dataset["train"].targets, strict=True))[:20]:
        first = codec.similar_rows.nearest(row)[0]
        assert (first.distance, first.target) == (0, target)
        assert first.values["blood"] == row["blood"]


@pytest.mark.slow
def test_only_columns_that_are_features_are_stored(tmp_path):
    """Neither the protected column nor those of groups and times, nor ignored ones."""
    options = {"similar": 5, "protected": "sex", "group": "patient", "time": "visit", "ignore": "ward,cost"}
    _, dataset, codec = fitted(tmp_path, "tables.risk", **options)
    state = codec.to_json()["similar_rows"]
    assert {*state["numbers"], *state["texts"]} == {"blood", "town", "grade", "since"}
    assert len(codec.similar_rows) == len(dataset["train"]) < ROWS
    text = json.dumps(state)
    assert "P0003" not in text
    assert "ward" not in text
    assert "sex" not in text


@pytest.mark.slow
def test_no_row_is_stored_by_default(tmp_path):
    for task_id in ("tables.classify", "tables.regress", "tables.diagnose", "tables.risk"):
        _, dataset, codec = fitted(tmp_path, task_id)
        assert codec.similar_rows is None
        cell = sorted(cell for cell in dataset["train"].inputs.frame["blood"] if cell is not None)[40]
        assert str(cell) not in json.dumps(codec.to_json())


def test_a_sample_is_drawn_by_the_seed():
    columns = [ColumnEncoder("x", "numeric", (0.0,), (1.0,))]
    frame, targets = pl.DataFrame({"x": np.arange(MAX_ROWS + 1000.0)}), [float(row) for row in range(MAX_ROWS + 1000)]
    first, again, other = (SimilarRows.sample(frame, targets, columns, 3, seed) for seed in (0, 0, 1))
    assert len(first) == MAX_ROWS
    assert first.to_json() == again.to_json() != other.to_json()
    cells = first.to_json()["numbers"]["x"]
    assert cells == first.targets == sorted({*cells})
    assert max(cells) > MAX_ROWS + 900  # not the first ones


@pytest.mark.slow
def test_rows_of_many_columns_are_fewer():
    columns = [ColumnEncoder(f"x{place}", "numeric", (0.0,), (1.0,)) for place in range(1000)]
    frame = pl.DataFrame({column.name: np.arange(600.0) for column in columns})
    assert len(SimilarRows.sample(frame, [0.0] * 600, columns, 3, 0)) == 500


def test_a_row_without_values_has_no_similar_rows(tmp_path):
    _, _, codec = fitted(tmp_path, "tables.classify", similar=2)
    assert codec.similar_rows.nearest(dict.fromkeys(codec.encoder.names)) == []


def test_columns_without_a_range():
    """Of one value but for one row, of one value, and of none."""
    names = ("rare", "same", "none")
    columns = [ColumnEncoder(name, "numeric", (0.0,), (1.0,)) for name in names]
    numbers = {"rare": [0.0] * 199 + [8.0], "same": [3.0] * 200, "none": [None] * 200}
    rows = SimilarRows(columns, 1, numbers, {}, ["a"] * 199 + ["b"])
    (near,) = rows.nearest({"rare": 6, "same": 3, "none": 1})
    assert (near.target, near.distance) == ("b", pytest.approx((2 / 8 + 0) / 2))
    (near,) = rows.nearest({"rare": 0, "same": 4, "none": None})
    assert (near.target, near.distance) == ("a", 0.5)
    assert near.values == {"rare": 0.0, "same": 3.0, "none": None}


def test_numbers_of_any_size_have_a_distance():
    columns = [ColumnEncoder("x", "numeric", (0.0,), (1.0,))]
    rows = SimilarRows(columns, 2, {"x": [-1.7e308, 1.7e308, 0.0]}, {}, [1.0, 2.0, 3.0])
    assert all(0 <= near.distance <= 1 for near in rows.nearest({"x": 1.7e308}))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("count",), 21, "count"),
        (("count",), 0, "count"),
        (("targets",), ["ill"], "expected 1 cells, found"),
        (("targets",), [], "targets"),
        (("targets",), ["dead"] * 68, "similar_rows: a target is none of the labels"),
        (("targets",), ["ill", 1.0] * 34, "targets"),
        (("numbers", "blood"), [1.0] * (MAX_ROWS + 1), "numbers.blood"),
        (("numbers", "blood"), ["1"] * 68, "numbers.blood"),
        (("numbers", "blood"), [float("nan")] * 68, "numbers.blood"),
        (("numbers", "grade"), [3.0] * 68, "similar_rows: column grade: expected ranks of its categories"),
        (("numbers", "grade"), [1.5] * 68, "similar_rows: column grade: expected ranks of its categories"),
        (("numbers", "grade"), [-0.5] * 68, "similar_rows: column grade: expected ranks of its categories"),
        (("numbers", "town"), [1.0] * 68, "similar_rows: expected categorical columns in texts"),
        (("texts", "sex"), ["f"] * 68, "similar_rows: expected categorical columns in texts"),
        (("texts",), {}, "similar_rows: expected categorical columns in texts"),
        (("texts", "town"), [7] * 68, "texts.town"),
        (("more",), 1, "more"),
    ],
)
def test_hostile_states_are_refused_in_one_line(tmp_path, path, value, message):
    task, _, codec = fitted(tmp_path, "tables.classify", similar=3)
    state = copy.deepcopy(codec.to_json())
    assert len(state["similar_rows"]["targets"]) == 68
    parent = state["similar_rows"]
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    with pytest.raises(InputError) as error:
        read_codec(task.codec, state, Path("bundle.json"))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_numbers_have_numbers_as_targets(tmp_path):
    task, _, codec = fitted(tmp_path, "tables.regress", similar=3)
    state = codec.to_json()
    state["similar_rows"]["targets"] = ["ill"] * len(codec.similar_rows)
    with pytest.raises(InputError, match="similar_rows: expected numbers as targets"):
        read_codec(task.codec, state, Path("bundle.json"))


def test_a_state_without_the_field_is_read(tmp_path):
    task, _, codec = fitted(tmp_path, "tables.classify")
    state = codec.to_json()
    del state["similar_rows"]
    assert read_codec(task.codec, state, Path("bundle.json")).similar_rows is None


def test_more_similar_rows_than_an_explanation_shows_are_refused(tmp_path):
    with pytest.raises(InputError, match="similar"):
        fitted(tmp_path, "tables.classify", similar=21)
