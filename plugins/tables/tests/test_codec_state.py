"""States of codecs that a stranger has made: they are refused in one line."""

import base64
import copy
import json
from pathlib import Path

import numpy as np
import pytest

from plexus import InputError
from plexus.inference.codec_reading import read_codec
from plexus.metrics.conformal_intervals import CVPlusIntervals
from plexus.metrics.conformal_sets import ConformalLabelSets
from plexus.utils.packed_array import pack, unpack
from plexus_tables.boosting_fitting import fit_boosting
from plexus_tables.codec import ClassCodec
from plexus_tables.column_encoder import ColumnEncoder
from plexus_tables.comparison import Comparison
from plexus_tables.ensemble import Ensemble
from plexus_tables.member_fitting import fit_forest, fit_linear
from plexus_tables.regression.codec import NumberCodec
from plexus_tables.table_encoder import TableEncoder

ROWS, FOLDS = 60, 3
TOWNS = tuple(f"t{place}" for place in range(14))
ENCODER = TableEncoder(
    [
        ColumnEncoder("age", "numeric", (40.0,), (0.1,), 18, 90, flag_missing=True),
        ColumnEncoder("color", "categorical", categories=("red", "green", "blue")),
        ColumnEncoder("town", "categorical", categories=TOWNS),
    ]
)
GENERATOR = np.random.default_rng(0)
TABLE = [
    {"age": int(age), "color": str(color), "town": str(town)}
    for age, color, town in zip(
        GENERATOR.integers(18, 90, ROWS),
        GENERATOR.choice(["red", "green", "blue"], ROWS),
        GENERATOR.choice(TOWNS, ROWS),
        strict=True,
    )
]
ARRAYS, FOLD = ENCODER.encode(TABLE), np.arange(ROWS) % FOLDS
TARGETS = GENERATOR.integers(0, 2, ROWS)
ENSEMBLE = Ensemble(
    {"network": 0.4, "linear": 0.3, "forest": 0.2, "boosting": 0.1},
    {
        "linear": fit_linear(ARRAYS, ENCODER.code_sizes, TARGETS, 2, FOLD),
        "forest": fit_forest(ARRAYS, TARGETS, 2, FOLD, seed=0, threads=1),
        "boosting": fit_boosting(ARRAYS, TARGETS, 2, FOLD, seed=0, threads=1),
    },
)
CLASS_CODEC = ClassCodec(
    ["no", "yes"],
    ENCODER,
    0.9,
    ENSEMBLE,
    [Comparison("ensemble", 0.6, 0.0, 0.0, 0.0)],
    1.2,
    ConformalLabelSets.fit(np.full((ROWS, 2), 0.5), TARGETS, FOLD),
)
STATE = json.loads(json.dumps(CLASS_CODEC.to_json()))
NUMBER_STATE = NumberCodec(
    150.0,
    70.0,
    25.0,
    346.0,
    ENCODER,
    0.9,
    intervals=CVPlusIntervals.fit(GENERATOR.normal(size=ROWS), np.zeros(ROWS), FOLD),
).to_json()


def packed(change):
    """Return a function that changes the array at a place: `change` gets a copy of it."""

    def apply(state, dtype):
        array = unpack(state, dtype).copy()
        result = change(array)
        return dict(pack(array if result is None else result))

    return apply


def put(value, *place):
    def change(array):
        array[place] = value

    return packed(change)


def last_inner_node(children):
    """Let the root of the last tree lead to its last node: its right child would be beyond the array."""
    children[-1, 0] = children.shape[1] - 1


def edited(path, value, state=STATE):
    """Return the state with another value at a path of keys; a function changes a packed array."""
    state = copy.deepcopy(state)
    *parents, name = path
    parent = state
    for key in parents:
        parent = parent[key]
    if callable(value):
        integers = name in ("columns", "children", "sums")
        parent[name] = value(parent[name], np.int32 if integers else np.float32)
    else:
        parent[name] = value
    return state


FOREST, LINEAR, BOOSTING = ("ensemble", "forest"), ("ensemble", "linear"), ("ensemble", "boosting")
TREES = (*FOREST, "trees")
WEIGHTS = ("ensemble", "weights")
REST = {"linear": 0.3, "forest": 0.2, "boosting": 0.1}
ONE_NUMBER = {"shape": [1], "data": base64.b64encode(bytes(8)).decode()}


def test_the_state_is_read():
    codec = read_codec(ClassCodec, STATE, Path("bundle.json"))
    network = np.full((ROWS, FOLDS, 2), 0.5)
    expected = ENSEMBLE.combine(network, ARRAYS)
    np.testing.assert_allclose(codec.ensemble.combine(network, ARRAYS), expected, atol=1e-6)
    assert codec.to_json() == STATE
    assert read_codec(NumberCodec, NUMBER_STATE, Path("bundle.json")).to_json() == NUMBER_STATE


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (WEIGHTS, REST | {"network": 0.5}, "weights: expected a sum of 1, found 1.1"),
        (WEIGHTS, REST | {"network": float("nan")}, "weights"),
        (WEIGHTS, REST | {"network": 1.1, "linear": -0.4}, "weights"),
        (WEIGHTS, {"network": 0.7, "forest": 0.2, "boosting": 0.1}, "linear: expected a member if there is a weight"),
        (WEIGHTS, {"network": 0.5, "nearest": 0.5}, "nearest"),
        (WEIGHTS, {}, "weights"),
        (("ensemble", "forest"), None, "forest: expected a member if there is a weight"),
        ((*TREES, "values"), ONE_NUMBER, "expected 1 numbers of 4 bytes in base 64"),
        ((*TREES, "columns"), put(-1, 0, 0), "a node refers to a feature or a node that does not exist"),
        ((*TREES, "columns"), put(6, 0, 0), "expected trees of 6 features and 2 outputs"),
        ((*TREES, "children"), put(10**6, 0, 0), "a node refers to a feature or a node that does not exist"),
        ((*TREES, "children"), put(-1, 0, 0), "a node refers to a feature or a node that does not exist"),
        ((*TREES, "children"), packed(last_inner_node), "a node refers to a feature or a node that does not exist"),
        ((*TREES, "thresholds"), put(np.nan, 0, 0), "trees: a threshold or a value is not a number"),
        ((*TREES, "values"), put(np.inf, 0, 0, 0), "trees: a threshold or a value is not a number"),
        ((*TREES, "values"), packed(lambda array: array[:, :-1]), "trees: the shapes of their arrays"),
        ((*TREES, "values"), packed(lambda array: array[..., :1]), "expected trees of 6 features and 2"),
        ((*FOREST, "folds"), 7, "forest: expected equally many trees of each fold"),
        ((*FOREST, "folds"), 2, "ensemble: the members have different numbers of folds"),
        ((*TREES, "depth"), 10**9, "depth"),
        ((*TREES, "columns", "shape"), [10**7, 10**7], "expected 100,000,000,000,000 numbers of 4 bytes"),
        ((*BOOSTING, "sums"), put(2 * FOLDS, 0), "a tree belongs to a fold or an output that does not exist"),
        ((*BOOSTING, "sums"), packed(lambda array: array[1:]), "a tree belongs to a fold or an output that does not"),
        ((*BOOSTING, "bias"), put(np.inf, 0, 0), "boosting: expected finite constants by fold and output"),
        ((*BOOSTING, "bias"), packed(lambda array: array.reshape(2, FOLDS)), "boosting: expected 2 outputs"),
        ((*BOOSTING, "trees", "values"), packed(lambda array: np.repeat(array, 2, 2)), "6 features and 1 outputs"),
        ((*LINEAR, "kernel"), put(np.nan, 0, 0, 0), "linear: a coefficient is not a finite number"),
        ((*LINEAR, "kernel"), packed(lambda array: array[:, 1:]), "linear: expected 5 features"),
        ((*LINEAR, "kernel"), packed(lambda array: array[0]), "linear: the shapes of kernel, bias and tables"),
        ((*LINEAR, "bias"), packed(lambda array: array[1:]), "linear: the shapes of kernel, bias and tables"),
        ((*LINEAR, "tables"), [], "linear: expected 5 features, 1 tables, 2 outputs"),
        ((*LINEAR, "bias", "data"), "!", "String should match pattern"),
        (("encoder", "columns", 0, "centers"), [], "column age: expected 1 centers and scales"),
        (("encoder", "columns", 0, "low"), float("-inf"), "low"),
        (("label_sets", "scores", "counts"), [20, 20], "expected 2 folds, found 3"),
        (("labels",), ["no", "yes", "perhaps"], "expected"),
        (("labels",), ["no", "no"], "a label is repeated"),
        (("coverage",), 1.0, "coverage"),
        (("temperature",), 0.0, "temperature"),
        (("temperature",), 5e-324, "temperature"),
        (("extra",), 1, "extra"),
    ],
)
def test_hostile_states_are_refused_in_one_line(path, value, message):
    with pytest.raises(InputError) as error:
        read_codec(ClassCodec, edited(path, value), Path("bundle.json"))
    line = str(error.value)
    assert message in line
    assert "bundle.json" in line
    assert "\n" not in line
    assert len(line) < 400


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("deviation",), 0.0, "deviation"),
        (("mean",), float("nan"), "mean"),
        (("low",), 400.0, "low: expected a number that is not above high"),
        (("ensemble",), STATE["ensemble"], "linear: expected 5 features, 1 tables, 1 outputs"),
    ],
)
def test_hostile_states_of_numbers(path, value, message):
    with pytest.raises(InputError) as error:
        read_codec(NumberCodec, edited(path, value, NUMBER_STATE), Path("bundle.json"))
    assert message in str(error.value)
    assert "\n" not in str(error.value)
