"""A training in progress: the compiled learner and what keeps its state."""

import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from plexus.data.batches import Batches
from plexus.data.generated_batches import streamed
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.runtime.placement import Placement
from plexus.runtime.processes import of_the_first
from plexus.task import Task
from plexus.training.callbacks.callback_list import Callbacks
from plexus.training.callbacks.checkpoint import Checkpoint, source_state
from plexus.training.callbacks.gradient_monitor import GradientHealth
from plexus.training.callbacks.profiler import Profile
from plexus.training.callbacks.progress import Progress
from plexus.training.callbacks.weight_averaging import WeightAveraging
from plexus.training.compilation import compile_learner
from plexus.training.complexity import complexity
from plexus.training.device_cache import resident
from plexus.training.interrupts import on_interrupt
from plexus.training.keras_predictor import forward
from plexus.training.optimizers import plateau_rate
from plexus.training.saving import write_bundle
from plexus.training.state import assign, load_list, save_arrays, values
from plexus.training.timing import Clock
from plexus.utils.messages import note


class Session:
    """Fits a learner, an epoch at a time, so that it can be cut off at any moment and go on as if it had not been.

    Of no epochs there is nothing to fit: the network's weights were computed when it was made.

    Args:
        task, run: what is trained, and where to.
        source, codec, network, learner: what the task made of the options.
        placement: where it is computed.
        watchers: callbacks beside those of the plugins; tracked: whether those, and progress, are there.
    """

    def __init__(
        self,
        task: Task,
        run: Run,
        source: Any,
        codec: Any,
        network: keras.Model,
        learner: keras.Model,
        placement: Placement,
        watchers: Sequence[Any] = (),
        tracked: bool = True,
    ) -> None:
        self.task, self.run, self.source, self.codec = task, run, source, codec
        self.network, self.learner, self.placement = network, learner, placement
        self.predict, self.clock = forward(network), Clock()
        if not run.epochs:
            self.complexity = complexity(network, None, 1)
            return
        before = values(learner.variables), source_state(source)
        first = task.batches(source, codec, learner, run.options, 0)
        optimizer, self.complexity = compile_learner(task, run, network, learner, first, placement)
        if tracked:
            note(f"network: {self.complexity}")
        self._first: Batches | None = self._share(first)
        self.averaging = WeightAveraging(network, run.options.averaging)
        self.health = GradientHealth(optimizer, learner.trainable_variables, run)
        self.checkpoint = Checkpoint(run, source, self.averaging, len(first), run.options.checkpoint_minutes)
        self.checkpoint.begin_at(learner, *before)
        self.progress = Progress(run, task.score.name, len(first), first.total)
        shown = [self.progress, *self._trackers()] if tracked else []
        # What is not a number is found before it is averaged or saved.
        callbacks = [self.health, self.averaging, self.checkpoint, *shown, *watchers]
        if run.options.profile:
            callbacks = Profile(self.clock, run.folder / "tensorboard").around(callbacks)
        self.callbacks = Callbacks(callbacks, add_history=True, model=learner)
        if self.checkpoint.restore():
            self._first = None

    def _share(self, batches: Batches) -> Batches:
        placed = self.placement
        return batches.share(placed.process, placed.processes, len(placed.devices))

    def _trackers(self) -> list[Any]:
        """Of processes that train together, the first one is tracked."""
        return [] if self.placement.process else registry().callbacks(self.run)

    def fit(self) -> None:
        """Go through the epochs that are left, or until the score has not risen for long enough.

        Raises:
            KeyboardInterrupt: the user asked to stop; the checkpoint is saved.
        """
        self.callbacks.begin()
        try:
            with on_interrupt(self.request_stop):
                while self.run.epoch < self.run.epochs and not (self._is_good() or self._out_of_patience()):
                    self._fit_epoch()
                    self.checkpoint.raise_if_stopped()
        finally:
            self.checkpoint.save_ended_epochs()
            self.callbacks.end()

    def request_stop(self) -> None:
        """Have `fit` stop after the current step, with a checkpoint."""
        self.checkpoint.stop_requested = True

    def _fit_epoch(self) -> None:
        epoch, options = self.run.epoch, self.run.options
        if options.schedule == "plateau":
            self.learner.optimizer.learning_rate = plateau_rate(options, self.task.score, self.run.history)
        self.checkpoint.begin_epoch()
        started = time.monotonic()
        with self.clock.spent_on("making batches"):
            made = self._first or self._share(self.task.batches(self.source, self.codec, self.learner, options, epoch))
            batches = resident(made.skip(self.run.step), self.placement)
            x = streamed(batches.x)
        self._first = None
        self.checkpoint.enter_epoch()
        fitted = self.learner.fit(
            x,
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
        examples = batches.total
        self._end_epoch({name: values[-1] for name, values in fitted.history.items()}, seconds, examples)

    def _end_epoch(self, logs: dict[str, float], seconds: float, examples: int) -> None:
        line: dict[str, Any] = {"epoch": self.run.epoch, **logs, "seconds": seconds, "examples": examples}
        line |= {"gradients": self.health.epoch_ended()}
        ended = self.run.epoch + 1
        with self.averaging.applied():
            if ended % self.run.options.measure_every == 0 or ended == self.run.epochs:
                with self.clock.spent_on("measuring on the validation split"):
                    line |= self._measure()
            self.run.history.append(line)
            self.run.step = 0
            best = self.task.score.name in line and self._keep_if_best()
        with self.clock.spent_on("saving"):
            self.checkpoint.epoch_ended(must=best)
        if self.task.score.name in line:
            self.run.log()
            self.callbacks.epoch_measured(line)

    def _measure(self) -> dict[str, float]:
        """The scores on the validation split, the same in all processes: what they decide, all decide alike."""
        scores = self.task.measure(self.predict, self.source, self.codec, "val")
        return scores if self.placement.processes == 1 else dict(of_the_first(scores))

    def _keep_if_best(self) -> bool:
        """Keep the network's weights if the epoch just measured ranks first."""
        scores = [line[self.task.score.name] for line in self._measured()]
        best = self.task.kept_epoch(scores) == len(scores) - 1
        if best:
            save_arrays(self.run.best, network=values(self.network.variables))
        return best

    def _is_good(self) -> bool:
        """Whether the score that was asked for is reached."""
        wanted, score = self.run.options.stop_at, self.task.score
        return wanted is not None and any(not score.better(wanted, line[score.name]) for line in self._measured())

    def _out_of_patience(self) -> bool:
        patience, measured, name = self.run.options.patience, self._measured(), self.task.score.name
        if not patience or not measured:
            return False
        best = self.task.score.best([line[name] for line in measured])
        first_as_good = next(line for line in measured if line[name] == measured[best][name])
        return self.run.epoch - 1 - int(first_as_good["epoch"]) >= patience

    def _measured(self) -> list[dict[str, Any]]:
        """The epochs so far that were measured."""
        return [line for line in self.run.history if self.task.score.name in line]

    def take_best(self) -> None:
        """Give the network the weights of the epoch with the best score, or the last if the task keeps those."""
        with np.load(self.run.best, allow_pickle=False) as arrays:
            assign(self.network.variables, load_list(arrays, "network"))

    def save_bundle(self) -> None:
        """Write the network as a bundle, measured on the test split, and the report."""
        scores = write_bundle(self)
        if self.run.epochs:
            self.callbacks.bundle_written(self.run.out, scores)

    def examples_per_second(self) -> float:
        """The rate of the epochs after the first, which also traces the graph; of the first if it is alone."""
        lines = self.run.history[1:] or self.run.history
        if not lines:
            return 0.0
        return float(sum(line["examples"] for line in lines) / sum(line["seconds"] for line in lines))
