"""Optimizers, schedules, weight averaging, heuristics and early stopping."""

import keras
import numpy as np
import pytest

from plexus import Metric, Options, Run
from plexus.plugins.registry import registry
from plexus.training.callbacks.weight_averaging import WeightAveraging
from plexus.training.data_defaults import default_batch_size
from plexus.training.heuristics import steps_per_execution
from plexus.training.keras_predictor import KerasPredictor
from plexus.training.optimizers import make_optimizer, penalize_kernels, plateau_learning_rate
from plexus.training.schedules import Schedule
from plexus.training.trainer import Trainer


def make_options(**values):
    return Options.parse({"data": "none", **values})


def dense():
    x = keras.Input((4,), name="x")
    return keras.Model({"x": x}, {"y": keras.layers.Dense(3, name="y")(x)})


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["cosine", "one_cycle", "exponential"])
def test_schedules_rise_to_the_peak_and_decay(shape):
    rates = [float(Schedule(shape, 0.5, 100, 0.2)(step)) for step in range(101)]
    assert max(rates) == pytest.approx(0.5)
    assert np.argmax(rates) in (19, 20)
    assert np.all(np.diff(rates[:20]) > 0)
    assert np.all(np.diff(rates[20:]) <= 0)
    assert rates[100] <= 0.5 * 0.0101


def test_plateau_lowers_the_learning_rate_when_the_metric_stagnates():
    metric, options = Metric("accuracy"), make_options(learning_rate=0.1, schedule="plateau")
    history = [{"accuracy": value} for value in (0.5, 0.6, 0.6, 0.6)]
    assert plateau_learning_rate(options, metric, history) == 0.1
    history += [{"loss": 1.0}, {"accuracy": 0.6}]
    assert plateau_learning_rate(options, metric, history) == pytest.approx(0.03)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["adamw", "muon", "adam", "sgd", "lion", "rmsprop"])
def test_every_optimizer_fits_a_line(name):
    network = dense()
    generator = np.random.default_rng(0)
    x = generator.normal(size=(256, 4)).astype("float32")
    y = x @ generator.normal(size=(4, 3)).astype("float32")
    rate = 0.1 if name == "muon" else 0.01
    options = make_options(optimizer=name, learning_rate=rate, clip_norm=5.0, weight_decay=0.0)
    network.compile(make_optimizer(options, network, 320), loss={"y": "mse"})
    losses = network.fit({"x": x}, {"y": y}, batch_size=16, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 3


def test_weight_decay_does_not_apply_to_biases():
    network = dense()
    optimizer = make_optimizer(make_options(weight_decay=0.5), network, 10)
    kernel, bias = network.trainable_variables
    assert optimizer._use_weight_decay(kernel)
    assert not optimizer._use_weight_decay(bias)


def test_penalties_apply_to_kernels_only():
    network = dense()
    kernel = network.trainable_variables[0]
    penalize_kernels(network, l1=0.0, l2=0.1)
    assert float(sum(network.losses)) == pytest.approx(0.1 * float(np.sum(np.square(kernel.numpy()))), rel=1e-5)


def test_weight_averaging_decays():
    network = dense()
    averaging = WeightAveraging(network, decay=0.9)
    averaging.set_model(network)
    averaging.on_epoch_begin(0)
    network.set_weights([np.ones_like(w) for w in network.get_weights()])
    initial = averaging.average[0].copy()
    averaging.on_train_batch_end(15)
    decay = min(0.9, 17 / 26) ** 16
    np.testing.assert_allclose(averaging.average[0], 1 - decay * (1 - initial), rtol=1e-5)
    with averaging.applied():
        np.testing.assert_allclose(network.get_weights()[0], averaging.average[0])
    np.testing.assert_array_equal(network.get_weights()[0], 1)


def test_heuristics_depend_on_sizes_only():
    assert [default_batch_size(n) for n in (1, 10, 1_500, 6_000, 10**6)] == [1, 10, 32, 128, 128]
    assert steps_per_execution(24, 32, 1000) == 64
    assert steps_per_execution(24, 32, 10) == 10
    assert steps_per_execution(1e8, 100, 1000) == 4


@pytest.mark.slow
def test_the_best_or_the_last_epoch_is_exported(parity, tmp_path, monkeypatch):
    task = registry().task("logic.parity")
    assert task.best_epoch([0.5, 0.9, 0.9, 0.7]) == 2
    monkeypatch.setattr(type(task), "restore_best_weights", False)
    # Every epoch is worse than the one before: the first is the best.
    accuracies = iter(np.linspace(0.9, 0.1, 9).tolist())
    monkeypatch.setattr(type(task), "evaluate", lambda *_: {"accuracy": next(accuracies), "majority_accuracy": 0.0})
    options = task.options.parse({"data": "6", "epochs": 3, "averaging": 0})
    run = Run.start(task.id, options, folder=tmp_path / "run")
    Trainer(task).train(run)
    with np.load(run.best) as best, np.load(run.checkpoint) as last:
        for name in best:
            np.testing.assert_array_equal(best[name], last[name.replace("network", "now")])
    assert "the last of 3 epochs" in (run.out / "README.md").read_text()


@pytest.mark.slow
def test_evaluation_interval_and_target_metric(parity, tmp_path, capsys):
    task = registry().task("logic.parity")
    options = task.options.parse({"data": "6", "epochs": 60, "evaluate_every": 4, "stop_at": 0.9, "patience": 0})
    run = Run.start(task.id, options, folder=tmp_path / "run")
    session = Trainer(task).begin(run, task.load_dataset(options))
    session.fit()
    history = session.state.history
    assert [line["epoch"] for line in history if "accuracy" in line] == list(range(3, len(history), 4))
    assert len(history) < 60
    assert history[-1]["accuracy"] >= 0.9
    assert all(line["accuracy"] < 0.9 for line in history[:-1] if "accuracy" in line)
    assert f"stopped after {len(history)} of 60 epochs: accuracy has reached 0.9" in capsys.readouterr().err


@pytest.mark.slow
def test_early_stopping_says_why(parity, tmp_path, monkeypatch, capsys):
    task = registry().task("logic.parity")
    accuracies = iter([0.5, 0.6, 0.6, 0.4, 0.7])
    monkeypatch.setattr(type(task), "evaluate", lambda *_: {"accuracy": next(accuracies), "majority_accuracy": 0.0})
    options = task.options.parse({"data": "6", "epochs": 9, "patience": 2})
    session = Trainer(task).begin(Run.start(task.id, options, folder=tmp_path / "run"), task.load_dataset(options))
    session.fit()
    assert session.state.epoch == 4
    assert "stopped after 4 of 9 epochs: no better accuracy for 2 epochs (--patience 2)" in capsys.readouterr().err


def test_keras_predictor_uses_the_current_weights():
    network, rows = dense(), np.random.default_rng(0).normal(size=(1000, 4))
    predictor = KerasPredictor(network)
    for _ in range(2):
        expected = network.predict({"x": rows}, verbose=0)["y"]
        np.testing.assert_allclose(predictor({"x": rows})["y"], expected, atol=1e-6)
        network.set_weights([weight + 1 for weight in network.get_weights()])


def test_several_networks_predict_by_name():
    first, second = dense(), dense()
    rows = np.ones((3, 4), np.float32)
    predictor = KerasPredictor({"encoder": first, "decoder": second})
    for name, network in (("encoder", first), ("decoder", second)):
        np.testing.assert_allclose(predictor({"x": rows}, name)["y"], network({"x": rows})["y"], atol=1e-6)
