"""What is wrong with gradients is said, and what is not a number ends a training."""

import re

import numpy as np
import pytest

from plexus import InputError
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import begin


@pytest.fixture
def begun(parity, tmp_path):
    """Begin a training of the small plugin with a network of one's own."""
    from plexus_parity.parity import Parity

    def begin_with(network=None, **options):
        task = Parity("logic.parity")
        if network is not None:
            task.network = lambda codec, options: network(codec.bits)
        checked = task.options.parse({"data": "8", "epochs": 3, "averaging": 0, "warmup": 0, **options})
        return begin(task, Run.start(task.id, checked, folder=tmp_path / "run"))

    return begin_with


def stack(depth, activation, initializer="glorot_uniform"):
    import keras

    def network(bits):
        x = given = keras.Input((bits,), name="bits")
        for _ in range(depth):
            x = keras.layers.Dense(32, activation=activation, kernel_initializer=initializer)(x)
        return keras.Model({"bits": given}, {"logits": keras.layers.Dense(2, name="logits")(x)})

    return network


def test_norms_are_those_of_the_gradients(begun):
    """Of one step, against Keras's gradients by hand."""
    import keras
    import tensorflow as tf

    session = begun(batch_size=2100, epochs=1, optimizer="sgd", momentum=0)
    x, y = session._first.x, session._first.y
    network = session.network
    with tf.GradientTape() as tape:
        loss = session.learner.compute_loss(x, y, network(x))
    expected = [float(tf.norm(gradient)) for gradient in tape.gradient(loss, network.trainable_variables)]
    session.fit()
    found = keras.ops.convert_to_numpy(session.health.optimizer.norms)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert list(session.run.history[0]["gradients"]) == ["dense", "logits"]


def test_vanishing_gradients_are_named_with_a_remedy(begun, capsys):
    session = begun(stack(12, "sigmoid"))
    session.fit()
    said = capsys.readouterr().err
    assert said.count("warning: gradients vanish in dense ") == 1
    assert "residual connections" in said
    assert session.run.warnings[0] in said


def test_exploding_gradients_are_named_with_a_remedy(begun, capsys):
    import keras

    session = begun(stack(8, "linear", keras.initializers.RandomNormal(stddev=1.0)), learning_rate=1e-6)
    session.fit()
    said = capsys.readouterr().err
    assert "warning: gradients explode in " in said
    assert "--clip-norm 1" in said


def test_a_sound_network_gets_no_warning(begun, capsys):
    begun(stack(3, "gelu")).fit()
    assert "warning" not in capsys.readouterr().err


def test_a_layer_that_the_loss_leaves_out_has_not_vanished(begun, capsys):
    """As a head that is not trained yet: its gradient is none at all."""
    import keras

    def network(bits):
        given = keras.Input((bits,), name="bits")
        x = keras.layers.Dense(16, activation="gelu")(given)
        aside = keras.layers.Dense(2, name="aside")(keras.ops.stop_gradient(x))
        logits = keras.layers.Dense(2, name="logits")(x) + 0 * aside
        return keras.Model({"bits": given}, {"logits": logits})

    session = begun(network)
    session.fit()
    assert session.run.history[-1]["gradients"]["aside"] == 0
    assert "warning" not in capsys.readouterr().err


def test_each_epoch_has_norms_of_its_own(begun):
    """Also one of fewer steps than lie between two looks in a long one."""
    session = begun(batch_size=500, epochs=4)
    session.fit()
    assert session.checkpoint.steps == 4
    assert len({line["gradients"]["dense"] for line in session.run.history}) == 4


def test_a_training_stops_at_nan_and_says_the_step(begun, tmp_path):
    session = begun(learning_rate=1e-3)
    session.run.options = session.run.options.model_copy(update={"epochs": 3})
    poison(session, epoch=1, row=500)
    batch = session.run.options.batch_size
    with pytest.raises(
        InputError, match=rf"at step {session.checkpoint.steps + 500 // batch + 1:,} \(epoch 2\)"
    ) as told:
        session.fit()
    assert "--learning-rate" in str(told.value)
    # The end of the first epoch is kept, and is sound: the run goes on from there.
    again = begin(registry().task("logic.parity"), Run.read(tmp_path / "run"))
    assert again.run.epoch == 1
    assert all(np.isfinite(values).all() for values in map(np.asarray, again.learner.get_weights()))
    again.fit()
    assert again.run.epoch == 3


def poison(session, epoch, row):
    """An example that is not a number, in the order of an epoch."""
    own = session.task.batches

    def batches(dataset, codec, learner, options, number):
        made = own(dataset, codec, learner, options, number)
        if number == epoch:
            made.x["bits"][row] = np.nan
        return made

    session.task.batches = batches


def test_on_the_command_line(plexus, parity, tmp_path):
    """A learning rate that rises until the penalty on the weights throws them about: it is gone on with at a lower."""
    wild = ("--optimizer", "sgd", "--l2", 10, "--learning-rate", 0.3, "--warmup", 0.9, "--weight-decay", 0)
    done = plexus("train", "logic.parity", "--epochs", 10, "--checkpoint-minutes", 100, *wild)
    assert done.returncode == 2, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("plexus: ")]
    assert re.search("no longer (finite numbers at|a finite number by) step [1-9]", line)
    assert "the checkpoint is kept" in done.stderr
    (run,) = (tmp_path / "runs/logic.parity").iterdir()
    again = plexus("train", "--resume", run, "--learning-rate", 0.01, "--json")
    assert again.returncode == 0, again.stderr
