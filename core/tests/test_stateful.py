"""Datasets whose state changes during a training and is saved in the checkpoint."""

import json
import shutil

import keras
import numpy as np
import pytest

from plexus import Batches, Stage, Stateful
from plexus.run import Run
from plexus.training.trainer import Trainer

OPTIONS = {"data": "6", "epochs": 4, "units": 8, "batch_size": 8, "checkpoint_minutes": 1e-4}
ROWS_PER_EPOCH = 1600


class Stream:
    """The parity dataset, with new random training examples in each epoch."""

    def __init__(self, dataset):
        self._dataset, self._generator = dataset, np.random.default_rng(1)

    def __getattr__(self, name):
        return getattr(self._dataset, name)

    def __getitem__(self, split):
        return self._dataset[split]

    def draw(self, count):
        """Return random rows of the training split, which changes the state."""
        return self._generator.integers(0, self.count("train"), count)

    def state(self):
        return {"generator": np.frombuffer(json.dumps(self._generator.bit_generator.state).encode(), np.uint8)}

    def restore(self, state):
        self._generator.bit_generator.state = json.loads(state["generator"].tobytes())


class StopAt(keras.callbacks.Callback):
    """Requests the end of a session in an epoch, as Ctrl-C does."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch, self.session = epoch, None

    def on_train_batch_end(self, batch, logs=None):
        if self.session.state.epoch == self.epoch:
            self.session.request_stop()


@pytest.fixture
def task(parity):
    from plexus_parity.parity import Parity

    class StreamedParity(Parity):
        """The parity task on such a dataset."""

        def load_dataset(self, options):
            return Stream(super().load_dataset(options))

        def batches(self, dataset, codec, learner, options, epoch):
            train = dataset["train"]
            examples = train.take(dataset.draw(ROWS_PER_EPOCH))
            x, y = examples.encode(codec), codec.label_indices(examples.targets)
            return Batches.shuffled(x, y, options.batch_size, options.seed, epoch)

    return StreamedParity("logic.streamed")


def start(task, folder, **options):
    return Run.start(task.id, task.options.parse(OPTIONS | options), folder=folder)


def weights_of(run):
    with np.load(run.checkpoint) as arrays:
        return {name: arrays[name] for name in arrays if name != "progress"}


def assert_same(run, reference):
    weights, expected = weights_of(run), weights_of(reference)
    assert weights.keys() == expected.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(array, expected[name], err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("within_epoch", [True, False])
def test_an_interrupted_training_resumes_to_the_same_bits(task, tmp_path, within_epoch):
    Trainer(task).train(reference := start(task, tmp_path / "reference"))
    assert "dataset.generator" in weights_of(reference)
    run, stop = start(task, tmp_path / "run"), StopAt(epoch=2)
    stop.session = Trainer(task).begin(run, dataset := task.load_dataset(run.options), [stop])
    assert isinstance(dataset, Stateful)
    if within_epoch:
        with pytest.raises(KeyboardInterrupt):
            stop.session.fit()
        assert 0 < stop.session.state.step < stop.session.checkpoint.steps
    else:
        stop.session.callbacks.begin()
        for _ in range(2):
            stop.session.fit_epoch()
        stop.session.checkpoint.save_finished_epochs()
    Trainer(task).train(Run.read(run.folder, task))
    assert_same(run, reference)


@pytest.mark.slow
def test_trials_of_batch_sizes_do_not_change_the_state(task, tmp_path):
    states = []
    for size in ("auto", 8):
        run = start(task, tmp_path / str(size), batch_size=size)
        dataset = task.load_dataset(run.options)
        Trainer(task).begin(run, dataset)
        states.append(dataset.state()["generator"])
    np.testing.assert_array_equal(*states)


@pytest.mark.slow
def test_a_stage_does_not_change_the_state(task, tmp_path, monkeypatch):
    """A run whose stage was trained before it was interrupted continues like one that was not interrupted."""
    monkeypatch.setattr(
        type(task),
        "stages",
        lambda self, options: [Stage("first", options.model_copy(update={"epochs": 1}))],
    )
    Trainer(task).train(reference := start(task, tmp_path / "reference"))
    run = start(task, tmp_path / "run")
    shutil.copytree(reference.folder / "stages", run.folder / "stages")
    Trainer(task).train(run)
    assert_same(run, reference)
