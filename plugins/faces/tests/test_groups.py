"""Error rates of groups of persons."""

import json
import math

import numpy as np
import pytest

import plexus as plexus_package
from plexus import InputError
from plexus.metrics.match_calibration import MatchCalibration
from plexus.metrics.score_tail import ScoreTail
from plexus.plugins.registry import registry
from plexus_faces.calibration import SimilarityCalibration
from plexus_faces.codec import FaceCodec
from plexus_faces.group_metrics import group_metrics, group_table

THRESHOLD = 0.9
GROUPS = {"anna": "north", "ben": "north", "carla": "south", "dora": "south", "eva": "tiny"}


def _codec():
    tail = ScoreTail(start=0.5, rate=0.1, shape=0.0, scale=0.1)
    curve = ((0.0, 1.0, 0.0), (1.0, 0.0, 1.0))
    return FaceCodec(calibration=SimilarityCalibration(THRESHOLD, MatchCalibration(1.0, 0.0), tail, curve))


def _directions(*degrees):
    return np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], axis=1)


def _faces():
    """Directions in degrees; two images match within 25.8 degrees."""
    images = {
        "anna": (0, 10),
        "ben": (20, 50),
        "carla": (20, 30),
        "dora": (120, 130),
        "eva": (200, 210),
        "fred": (300, 310),
    }
    persons = np.array([person for person, degrees in images.items() for _ in degrees])
    return _directions(*(angle for degrees in images.values() for angle in degrees)), persons


def _table(persons, file, column="group"):
    groups = {f"person_{number:02d}": "a" if number % 2 else "b" for number in range(1, 8)}
    rows = [
        f"{image.relative_to(file.parent)},{image.parent.name},{groups.get(image.parent.name, '')}"
        for image in sorted(persons.rglob("*.png"))
    ]
    file.write_text("\n".join([f"path,person,{column}", *rows]))
    return file


def _load(data, **options):
    task = registry().task("faces.recognize")
    return task.load_dataset(task.options.parse({"data": str(data), **options}))


def test_rates_are_of_pairs_within_a_group():
    embeddings, persons = _faces()
    metrics = group_metrics(embeddings, persons, GROUPS, _codec())
    assert (metrics["north:persons"], metrics["north:images"]) == (2, 4)
    # anna at 0 and 10 degrees, ben at 20 and 50: two of four pairs match; carla at 20 and 30 is of another group
    assert metrics["north:false_match_rate"] == 0.5
    assert metrics["north:false_non_match_rate"] == 0.5
    assert metrics["north:equal_error_rate"] == 0.5
    assert (metrics["south:false_match_rate"], metrics["south:false_non_match_rate"]) == (0, 0)
    assert metrics["south:equal_error_rate"] == 0
    # two persons: no resample differs from the sample, so that the interval is Wilson's
    assert metrics["north:false_non_match_rate_low"] == pytest.approx(0.0945, abs=1e-4)
    assert metrics["north:false_non_match_rate_high"] == pytest.approx(0.9055, abs=1e-4)


def test_groups_that_are_too_small_are_listed():
    metrics = group_metrics(*_faces(), GROUPS, _codec())
    assert [name for name in metrics if name.endswith(":persons")] == [
        "north:persons",
        "south:persons",
        "tiny:persons",
        "missing:persons",
    ]
    assert math.isnan(metrics["tiny:false_match_rate"])
    assert "tiny:false_match_rate_low" not in metrics
    lines = group_table({name: value for name, value in metrics.items() if not math.isnan(value)})
    assert "| tiny | 1 | 2 | too small | too small | too small |" in lines
    north = next(line for line in lines if line.startswith("| north | 2 | 4 |"))
    assert north.endswith("| 50.00% (9.45% to 90.55%) |")


def test_without_groups_there_are_no_metrics_of_groups():
    assert group_metrics(*_faces(), {}, _codec()) == {}
    assert group_table({"equal_error_rate": 0.1}) == []


def test_an_interval_is_over_resamples_of_persons():
    persons = np.repeat([f"p{number}" for number in range(10)], 4)
    embeddings = _directions(*(36 * number + step for number in range(10) for step in (0, 8, 16, 40)))
    metrics = group_metrics(embeddings, persons, dict.fromkeys(persons.tolist(), "all"), _codec())
    low, value, high = (metrics[f"all:false_match_rate{bound}"] for bound in ("_low", "", "_high"))
    assert 0 < low < value < high < 1


def test_a_metric_of_a_group_is_described():
    task = registry().task("faces.recognize")
    metric = task.describe_metric("age: 60+:false_match_rate")
    assert (metric.label, metric.direction) == ("False match rate at the threshold, group age: 60+", "lower")
    assert task.describe_metric("north:persons").label == "Persons, group north"
    assert task.describe_metric("rank_1_rate").direction == "higher"


@pytest.mark.slow
def test_a_table_names_the_group_of_each_person(persons, tmp_path):
    dataset = _load(_table(persons, tmp_path / "faces.csv", " Group"))
    assert dataset.groups == {f"person_{number:02d}": "a" if number % 2 else "b" for number in range(1, 8)}
    assert _load(persons).groups == {}
    assert dataset.fingerprint == _load(persons).fingerprint


def test_a_person_in_two_groups_is_an_error(persons, tmp_path):
    file = _table(persons, tmp_path / "faces.csv")
    file.write_text(file.read_text().replace("person_02,b", "person_02,a", 1))
    with pytest.raises(InputError, match=r"faces.csv, line 6: 'person_02' is in the groups 'a' and 'b'; expected one"):
        _load(file)


@pytest.mark.parametrize("group", ["a|b", "x" * 101])
def test_a_group_that_cannot_be_listed_is_an_error(persons, tmp_path, group):
    file = _table(persons, tmp_path / "faces.csv")
    file.write_text(file.read_text().replace(",b", f",{group}"))
    with pytest.raises(InputError, match=r"line 5: group '.*': expected a name of at most 100 letters"):
        _load(file)


def test_too_many_groups_are_an_error(tmp_path):
    from plexus_faces.group_column import read_groups

    file = tmp_path / "faces.csv"
    file.write_text("\n".join(["path,person,group", *(f"{n}.png,p{n},{n}" for n in range(31))]))
    with pytest.raises(InputError, match="expected at most 30 groups, found 31"):
        read_groups(file, ("person",))


@pytest.mark.slow
def test_a_bundle_is_evaluated_by_group(persons, tmp_path):
    bundle = plexus_package.load("faces.recognize/orl")
    scores = bundle.evaluate(str(_table(persons, tmp_path / "faces.csv")))["scores"]
    assert (scores["a:persons"], scores["b:persons"], scores["missing:images"]) == (4, 3, 3)
    assert 0 <= scores["a:equal_error_rate_low"] <= scores["a:equal_error_rate"] <= scores["a:equal_error_rate_high"]
    assert math.isnan(scores["missing:equal_error_rate"])


@pytest.mark.slow
def test_train_and_evaluate_a_table_with_groups(plexus, persons, tmp_path):
    file = _table(persons, tmp_path / "faces.csv")
    trained = plexus("train", "faces.recognize", "--data", file, "--out", "model", "--json")
    assert trained.returncode == 0, trained.stderr
    assert trained.stderr.count("6 persons with 135 pairs of different persons resolve a rate of 0.0074") == 1
    assert json.loads(plexus("evaluate", "model", "--json").stdout)["scores"] == json.loads(trained.stdout)["scores"]
