"""Monotone effects: predictions never decrease, or never increase, with a column."""

import keras
import numpy as np
import polars as pl
import pytest

import plexus
from plexus import InputError
from plexus.data.table_rows import TableRows
from plexus.nets.monotone_dense import MonotoneDense
from plexus_tables.network import build_network
from plexus_tables.options import TableOptions
from plexus_tables.table_encoder import TableEncoder

NOISE = 1e-6
"""Largest decrease, as a share of the range of predictions. The weights have exact signs, but float32 rounds: ONNX
Runtime adds the products of a row in an order that depends on the place of the row in the batch, and its exponential
function is an approximation. Each is an error of some 1e-7 of the numbers that are added."""
ROWS = 2000
GRID = np.concatenate([[-1e30, -1e6, -100], np.linspace(-5, 15, 41), [100, 1e6, 1e30]])
"""Values of a column: its range in training, in steps of a half, and far outside."""
OTHER_MODELS = {"ensemble", "linear", "forest", "boosting"}


def table(kind, rows=600):
    """A table whose target increases with `up` and decreases with `down`, mostly for one color."""
    generator = np.random.default_rng(0)
    up, down = generator.normal(size=rows), generator.uniform(0, 10, rows).round(1)
    other, color = generator.normal(size=rows), generator.choice(["red", "blue", "green"], rows)
    value = 2 * np.tanh(2 * up) - np.sqrt(down) * np.where(color == "red", 1.5, 0.1) + np.sin(2 * other)
    holes = np.where(generator.random(rows) < 0.1, np.nan, up)
    frame = pl.DataFrame({"up": holes, "down": down, "other": other, "color": color}).fill_nan(None)
    if kind == "regress":
        return frame.with_columns(y=pl.Series(10 * value + generator.normal(size=rows)))
    noisy = value + generator.logistic(size=rows) / 2
    return frame.with_columns(y=pl.Series(np.where(noisy > np.median(noisy), "yes", "no")))


def train(kind, folder, **options):
    """Train on the table, on CPU in seconds, and return the bundle."""
    data = folder / "table.csv"
    table(kind).write_csv(data)
    settings = {
        "data": str(data),
        "target": "y",
        "bags": 1,
        "folds": 2,
        "epochs": 40,
        "passes": 1,
        "evaluate_every": 6,
        "patience": 40,
        "width": 32,
        "depth": 2,
    }
    return plexus.train(f"tables.{kind}", run=folder / "run", **settings, **options)


@pytest.fixture(scope="module", params=["regress", "classify"])
def monotone(request, tmp_path_factory):
    """A bundle with the constraint."""
    return train(request.param, tmp_path_factory.mktemp(request.param), increasing="up", decreasing="down")


def predictions(bundle, frame):
    """The number, or the probability of the second label, as the bundle predicts it from its ONNX file."""
    arrays = bundle.codec.encode(TableRows(frame))
    outputs = bundle.codec.combine(bundle.predictor(arrays), arrays)
    if hasattr(bundle.codec, "labels"):
        return bundle.codec.probabilities(outputs)[:, 1]
    return bundle.codec.values(outputs)


def curves(bundle, column, grid=GRID, rows=ROWS):
    """Predictions of random rows for all values of a column, shape `(rows, values)`."""
    generator = np.random.default_rng(1)
    others = pl.DataFrame(
        {
            "up": generator.normal(scale=3, size=rows),
            "down": generator.uniform(-10, 20, rows),
            "other": generator.standard_cauchy(rows),
            "color": generator.choice(["red", "blue", "green", "mauve"], rows),
        }
    )
    frame = others[np.repeat(np.arange(rows), len(grid))].with_columns(pl.Series(column, np.tile(grid, rows)))
    return predictions(bundle, frame).reshape(rows, len(grid))


@pytest.mark.parametrize(("column", "direction"), [("up", 1), ("down", -1)])
@pytest.mark.slow
def test_no_prediction_moves_against_the_direction(monotone, column, direction):
    values = curves(monotone, column)
    assert (direction * np.diff(values, axis=1)).min() >= -NOISE * np.ptp(values)
    assert np.median(np.ptp(values, axis=1)) > 0.1 * np.ptp(values), "the column has an effect"


@pytest.mark.slow
def test_other_columns_have_no_direction(monotone):
    values = curves(monotone, "other")
    steps = np.diff(values, axis=1) / np.ptp(values)
    assert steps.min() < -0.01
    assert steps.max() > 0.01


@pytest.mark.parametrize("monotone", ["regress"], indirect=True)
@pytest.mark.slow
def test_the_effect_depends_on_other_columns(monotone):
    rows = pl.DataFrame({"up": [0.1] * 4, "other": [0.0] * 4, "color": ["red", "red", "blue", "blue"]})
    red_low, red_high, blue_low, blue_high = predictions(monotone, rows.with_columns(down=pl.Series([0.5, 8.0] * 2)))
    assert red_low - red_high > 1.5 * (blue_low - blue_high) > 0


@pytest.mark.slow
def test_a_monotone_relation_is_learned_as_well_as_without_the_constraint(monotone, tmp_path):
    kind, metric = ("classify", "log_loss") if hasattr(monotone.codec, "labels") else ("regress", "rmse")
    free = train(kind, tmp_path, model="network")
    assert monotone.metrics[metric] < 1.1 * free.metrics[metric]


@pytest.mark.slow
def test_the_networks_are_used_alone_and_compared_with_all_models(monotone):
    assert monotone.codec.ensemble.weights == {"network": 1.0}
    used, *others = monotone.codec.comparison
    assert used.model == "network"
    assert {other.model for other in others} == OTHER_MODELS


def test_any_weights_are_monotone():
    layer = MonotoneDense(heads=3, units=4, directions=[1, -1])
    x = np.random.default_rng(0).normal(size=(3, 50, 2)).astype(np.float32)
    low = keras.ops.convert_to_numpy(layer(x))
    assert low.shape == (3, 50, 4)
    assert (keras.ops.convert_to_numpy(layer.kernel) < 0).any()
    assert (keras.ops.convert_to_numpy(layer(x + np.float32([1, 0]))) > low).all()
    assert (keras.ops.convert_to_numpy(layer(x + np.float32([0, 1]))) < low).all()
    bias = 0.1 * keras.ops.convert_to_numpy(layer.bias).reshape(3, 1, 4)
    kernel = np.abs(keras.ops.convert_to_numpy(layer.kernel)) * np.array([[1], [-1]])
    np.testing.assert_allclose(low, x @ kernel / np.sqrt(2) + bias, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.slow
def test_all_columns_can_be_monotone(outputs):
    options = TableOptions.parse({"increasing": "a", "decreasing": "b", "bags": 1, "width": 5, "depth": 2})
    generator = np.random.default_rng(0)
    frame = pl.DataFrame({"a": generator.normal(size=50), "b": generator.normal(size=50)})
    encoder = TableEncoder.fit(frame, {"a": "numeric", "b": "numeric"}, options)
    network = build_network(encoder, outputs, "mish", options)
    for column, direction in (("a", 1), ("b", -1)):
        rows = frame[np.zeros(len(GRID), int)].with_columns(pl.Series(column, GRID))
        values = keras.ops.convert_to_numpy(network(encoder.encode(TableRows(rows)))["network"])[..., -1]
        assert (direction * np.diff(values, axis=0) >= -NOISE).all()
        assert (direction * (values[-1] - values[0]) > 0).all()


@pytest.mark.parametrize("model", ["ensemble", "linear", "forest"])
def test_only_networks_keep_it(model):
    with pytest.raises(InputError, match=f"--model must be auto or network with --increasing .* not '{model}'"):
        TableOptions.parse({"decreasing": "a", "model": model})
    assert TableOptions.parse({"decreasing": " , ", "model": model}).model == model
    assert TableOptions.parse({"decreasing": "a", "model": "network"}).has_monotone_effects


def test_more_than_two_labels_have_no_direction():
    with pytest.raises(
        InputError, match=r"--increasing and --decreasing need .* column cultivar has 3 labels"
    ) as caught:
        plexus.train("tables.classify", data="wine", increasing="alcohol")
    assert "\n" not in str(caught.value)
