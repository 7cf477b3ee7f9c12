"""A training in progress: the compiled learner and what keeps its state."""

import time
from typing import Any

import keras
import numpy as np

from plexus.batches import Batches
from plexus.callbacks.callbacks import Callbacks
from plexus.callbacks.checkpoint import Checkpoint
from plexus.callbacks.progress import Progress
from plexus.callbacks.weight_averaging import WeightAveraging
from plexus.codec import Arrays
from plexus.registry import registry
from plexus.run import Run
from plexus.task import Task
from plexus.training.interrupt import on_interrupt
from plexus.training.optimizer import make_optimizer, penalize_kernels, plateau_rate
from plexus.training.pace import steps_per_execution
from plexus.training.save import write_bundle
from plexus.training.state import assign, load_list, save_arrays, values


class Session:
    """Fits a learner, an epoch at a time, so that it can be cut off at any moment and go on as if it had not been.

    Of no epochs there is nothing to fit: the network's weights were computed when it was made.

    Args:
        task, run: what is trained, and where to.
        source, codec, network, learner: what the task made of the options.
    """

    def __init__(
        self, task: Task, run: Run, source: Any, codec: Any, network: keras.Model, learner: keras.Model
    ) -> None:
        self.task, self.run, self.source, self.codec = task, run, source, codec
        self.network, self.learner = network, learner
        if not run.epochs:
            return
        first = task.batches(source, codec, learner, run.options, 0)
        self._first: Batches | None = first
        self._compile(first)
        self.averaging = WeightAveraging(network, run.options.averaging)
        self.checkpoint = Checkpoint(run, self.averaging, len(first), run.options.checkpoint_minutes)
        self.progress = Progress(run, task.score.name, len(first), first.rows_a_step)
        callbacks = [self.averaging, self.checkpoint, self.progress, *registry().callbacks(run)]
        self.callbacks = Callbacks(callbacks, add_history=True, model=learner)
        if self.checkpoint.restore():
            self._first = None

    def _compile(self, first: Batches) -> None:
        options, steps = self.run.options, len(first)
        heads = [tensor._keras_history.operation.name for tensor in self.network.outputs]
        penalize_kernels(self.learner, options.l1, options.l2)
        self.learner.compile(
            optimizer=make_optimizer(options, self.learner, steps * self.run.epochs, heads),
            loss=self.task.loss(options),
            steps_per_execution=steps_per_execution(self.network, first.rows_a_step, steps),
            jit_compile="auto" if keras.backend.backend() == "jax" else False,
        )

    def fit(self) -> None:
        """Go through the epochs that are left, or until the score has not risen for long enough.

        Raises:
            KeyboardInterrupt: the user asked to stop; the checkpoint is saved.
        """
        self.callbacks.begin()
        try:
            with on_interrupt(self._request_stop):
                while self.run.epoch < self.run.epochs and not self._out_of_patience():
                    self._fit_epoch()
                    self.checkpoint.raise_if_stopped()
        finally:
            self.callbacks.end()

    def _request_stop(self) -> None:
        self.checkpoint.stop_requested = True

    def _fit_epoch(self) -> None:
        epoch, options = self.run.epoch, self.run.options
        if options.schedule == "plateau":
            self.learner.optimizer.learning_rate = plateau_rate(options, self.task.score, self.run.history)
        self.checkpoint.begin_epoch()
        batches = self._first or self.task.batches(self.source, self.codec, self.learner, options, epoch)
        self._first = None
        batches = batches.skip(self.run.step)
        self.checkpoint.enter_epoch()
        started = time.monotonic()
        fitted = self.learner.fit(
            batches.x,
            batches.y,
            batch_size=batches.batch_size,
            steps_per_epoch=None if batches.batch_size else len(batches),
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,
            verbose=0,
            callbacks=self.callbacks,
        )
        seconds = time.monotonic() - started
        examples = len(batches) * batches.rows_a_step
        self._end_epoch({name: values[-1] for name, values in fitted.history.items()}, seconds, examples)

    def _end_epoch(self, logs: dict[str, float], seconds: float, examples: int) -> None:
        with self.averaging.applied():
            measured = self.task.measure(self.predict, self.source, self.codec, "val")
            line = {"epoch": self.run.epoch, **logs, **measured, "seconds": seconds, "examples": examples}
            self.run.history.append(line)
            if self.task.kept_epoch(self._values()) == line["epoch"]:
                save_arrays(self.run.best, network=values(self.network.variables))
        self.run.step = 0
        self.checkpoint.save()
        self.run.log()
        self.progress.epoch_measured(line)

    def _out_of_patience(self) -> bool:
        patience, values = self.run.options.patience, self._values()
        if not patience or not values:
            return False
        first_as_good = values.index(values[self.task.score.best(values)])
        return self.run.epoch - 1 - first_as_good >= patience

    def _values(self) -> list[float]:
        """The score of every epoch so far."""
        return [line[self.task.score.name] for line in self.run.history]

    def predict(self, arrays: Arrays) -> Arrays:
        """The network's answers as it is now; in float32, whatever it was trained in."""
        found = self.network.predict(arrays, batch_size=256, verbose=0)
        return {name: np.asarray(values, np.float32) for name, values in found.items()}

    def take_best(self) -> None:
        """Give the network the weights of the epoch with the best score, or the last if the task keeps those."""
        with np.load(self.run.best, allow_pickle=False) as arrays:
            assign(self.network.variables, load_list(arrays, "network"))

    def save_bundle(self) -> None:
        """Write the network as a bundle, measured on the test split, and the report."""
        write_bundle(self.task, self.run, self.source, self.codec, self.network)

    def examples_per_second(self) -> float:
        """The rate of the epochs after the first, which also traces the graph; of the first if it is alone."""
        lines = self.run.history[1:] or self.run.history
        if not lines:
            return 0.0
        return float(sum(line["examples"] for line in lines) / sum(line["seconds"] for line in lines))
