"""Gradient norms, warnings about them, and the end of a training whose loss is not finite."""

import re

import numpy as np
import pytest

from plexus import InputError
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer


@pytest.fixture
def begin(parity, tmp_path):
    """Begin a training of the parity task, by default with its own network."""
    from plexus_parity.parity import Parity

    def begin_with(build_network=None, **options):
        task = Parity("logic.parity")
        if build_network is not None:
            task.build_network = lambda codec, options: build_network(codec.bits)
        options = task.options.parse({"data": "8", "epochs": 3, "averaging": 0, "warmup": 0, **options})
        run = Run.start(task.id, options, folder=tmp_path / "run")
        return Trainer(task).begin(run, task.load_dataset(options))

    return begin_with


def stack(depth, activation, initializer="glorot_uniform"):
    import keras

    def build_network(bits):
        x = inputs = keras.Input((bits,), name="bits")
        for _ in range(depth):
            x = keras.layers.Dense(32, activation=activation, kernel_initializer=initializer)(x)
        return keras.Model({"bits": inputs}, {"logits": keras.layers.Dense(2, name="logits")(x)})

    return build_network


def batches_of(session, epoch):
    parts = session.parts
    return session.task.batches(parts.dataset, parts.codec, parts.learner, session.run.options, epoch)


@pytest.mark.slow
def test_norms_equal_those_of_a_gradient_tape(begin):
    import keras
    import tensorflow as tf

    session = begin(batch_size=2100, epochs=1, optimizer="sgd", momentum=0)
    batches, network = batches_of(session, 0), session.parts.network
    with tf.GradientTape() as tape:
        loss = session.parts.learner.compute_loss(batches.x, batches.y, network(batches.x))
    expected = [float(tf.norm(gradient)) for gradient in tape.gradient(loss, network.trainable_variables)]
    session.fit()
    norms = keras.ops.convert_to_numpy(session.parts.learner.optimizer.norms)
    np.testing.assert_allclose(norms, expected, rtol=1e-4)
    assert list(session.state.history[0]["gradients"]) == ["dense", "logits"]


@pytest.mark.slow
def test_vanishing_gradients_are_reported_with_a_remedy(begin, capsys):
    session = begin(stack(12, "sigmoid"))
    session.fit()
    stderr = capsys.readouterr().err
    assert stderr.count("warning: gradients vanish in dense ") == 1
    assert "residual connections" in stderr
    assert session.state.warnings[0] in stderr


@pytest.mark.slow
def test_vanishing_gradients_are_not_reported_while_the_learning_rate_rises(begin, capsys):
    begin(stack(12, "sigmoid"), warmup=0.8).fit()
    assert "vanish" not in capsys.readouterr().err


@pytest.mark.parametrize(("growth", "warned"), [(1.0, True), (1.5, False)])
def test_a_gradient_that_grows_is_not_a_vanishing_gradient(begin, capsys, growth, warned):
    """A residual block whose last scale starts at 0 has small gradients in the first epochs."""
    session = begin(epochs=20)
    monitor = session.monitor
    for epoch in range(6):
        session.state.history = [{}] * epoch
        norms = np.ones(len(monitor.variables))
        norms[[variable.path.endswith("logits/kernel") for variable in monitor.variables]] = 1e-6 * growth**epoch
        monitor._samples = [norms]
        monitor.end_epoch()
        assert warned or "vanish" not in capsys.readouterr().err
        if epoch == 2:
            assert session.state.warnings == []
    assert bool(session.state.warnings) == warned


@pytest.mark.slow
def test_exploding_gradients_are_reported_with_a_remedy(begin, capsys):
    import keras

    session = begin(stack(8, "linear", keras.initializers.RandomNormal(stddev=1.0)), learning_rate=1e-6)
    session.fit()
    stderr = capsys.readouterr().err
    assert "warning: gradients explode in " in stderr
    assert "--clip-norm 1" in stderr


@pytest.mark.slow
def test_no_warning_for_a_well_conditioned_network(begin, capsys):
    begin(stack(3, "gelu")).fit()
    assert "warning" not in capsys.readouterr().err


@pytest.mark.slow
def test_a_gradient_of_exactly_zero_is_not_a_vanishing_gradient(begin, capsys):
    """For example a head that is not trained yet."""
    import keras

    def build_network(bits):
        inputs = keras.Input((bits,), name="bits")
        x = keras.layers.Dense(16, activation="gelu")(inputs)
        untrained = keras.layers.Dense(2, name="untrained")(keras.ops.stop_gradient(x))
        logits = keras.layers.Dense(2, name="logits")(x) + 0 * untrained
        return keras.Model({"bits": inputs}, {"logits": logits})

    session = begin(build_network)
    session.fit()
    assert session.state.history[-1]["gradients"]["untrained"] == 0
    assert "warning" not in capsys.readouterr().err


@pytest.mark.slow
def test_norms_are_computed_in_every_epoch(begin):
    """Also in epochs with fewer steps than the sampling interval."""
    session = begin(batch_size=500, epochs=4)
    session.fit()
    assert session.checkpoint.steps == 4
    assert len({line["gradients"]["dense"] for line in session.state.history}) == 4


@pytest.mark.slow
def test_a_training_stops_at_nan_and_names_the_step(begin, tmp_path):
    session = begin(learning_rate=1e-3)
    insert_nan(session, epoch=1, row=500)
    step = session.checkpoint.steps + 500 // session.run.options.batch_size + 1
    with pytest.raises(InputError, match=rf"at step {step:,} \(epoch 2\)") as error:
        session.fit()
    assert "--learning-rate" in str(error.value)
    # The checkpoint of the first epoch is finite, and the run resumes from it.
    task = registry().task("logic.parity")
    run = Run.read(tmp_path / "run", task)
    resumed = Trainer(task).begin(run, task.load_dataset(run.options))
    assert resumed.state.epoch == 1
    assert all(np.isfinite(weights).all() for weights in map(np.asarray, resumed.parts.learner.get_weights()))
    resumed.fit()
    assert resumed.state.epoch == 3


def insert_nan(session, epoch, row):
    """Make one training example NaN."""
    make_batches = session.task.batches

    def batches(dataset, codec, learner, options, number):
        result = make_batches(dataset, codec, learner, options, number)
        if number == epoch:
            result.x["bits"][row] = np.nan
        return result

    session.task.batches = batches


@pytest.mark.slow
def test_divergence_on_the_command_line(plexus, parity, tmp_path):
    """A learning rate that rises until the L2 penalty makes the weights diverge; the run resumes at a lower one."""
    divergent = ("--optimizer", "sgd", "--l2", 10, "--learning-rate", 0.3, "--warmup", 0.9, "--weight-decay", 0)
    done = plexus("train", "logic.parity", "--epochs", 10, "--checkpoint-minutes", 100, *divergent)
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("plexus: ")]
    assert re.search("no longer (finite numbers at|a finite number by) step [1-9]", line)
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    assert f"plexus train --resume {run.relative_to(tmp_path)}" in done.stderr
    resumed = plexus("train", "--resume", run, "--learning-rate", 0.01, "--json")
    assert resumed.returncode == 0, resumed.stderr
