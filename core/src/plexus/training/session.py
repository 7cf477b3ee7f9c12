"""A training in progress."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras

from plexus.codec import JsonObject
from plexus.data.batches import Batches
from plexus.run import Run
from plexus.runtime.placement import Placement
from plexus.runtime.processes import broadcast_from_first_process
from plexus.task import AnyTask
from plexus.training.callbacks.callback_list import CallbackList
from plexus.training.callbacks.checkpoint import Checkpoint, dataset_state, read_best_weights
from plexus.training.callbacks.gradient_monitor import GradientMonitor
from plexus.training.callbacks.profiler import Profiler
from plexus.training.callbacks.progress_display import progress_display
from plexus.training.callbacks.weight_averaging import WeightAveraging
from plexus.training.compilation import compile_learner
from plexus.training.complexity import complexity
from plexus.training.device_cache import cached_on_device
from plexus.training.initial_bundle import InitialBundle, write_origin
from plexus.training.initial_weights import copy_initial_weights
from plexus.training.interrupts import on_interrupt
from plexus.training.keras_input import as_keras_input
from plexus.training.keras_predictor import KerasPredictor
from plexus.training.optimizers import plateau_learning_rate
from plexus.training.state import TrainingState
from plexus.training.timing import Stopwatch
from plexus.training.variables import assign, save_arrays, values
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.codec import Codec
    from plexus.dataset import Dataset

LOG_SECONDS = 1.0
"""Time between two writings of the log after epochs that are not evaluated: the file is written whole."""


@dataclass(frozen=True)
class Parts:
    """The objects that a task creates from its options.

    Args:
        dataset: The dataset.
        codec: The fitted codec.
        network: The inference graph.
        learner: The training graph, not compiled.

    Example:
        ```python
        parts = Parts(dataset, codec, network, task.build_learner(network, dataset, codec, options))
        ```
    """

    dataset: "Dataset"
    codec: "Codec"
    network: keras.Model
    learner: keras.Model


class TrainingSession:
    """Fits a learner one epoch at a time, so that it can be interrupted at any moment and resumed exactly.

    Without epochs there is nothing to fit: the weights were computed when the learner was built.

    Args:
        task: The task.
        run: The run, its options resolved.
        state: The progress; a checkpoint of the run replaces its content.
        parts: The objects that the task created.
        placement: Devices to compute on.
        callbacks: Keras callbacks of plugins and of the caller.
        quiet: Whether progress and the network's size are not printed.

    Example:
        ```python
        session = TrainingSession(task, run, TrainingState(), parts, placement)
        session.fit()
        ```
    """

    def __init__(
        self,
        task: AnyTask,
        run: Run,
        state: TrainingState,
        parts: Parts,
        placement: Placement,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        quiet: bool = False,
    ) -> None:
        self.task, self.run, self.state, self.parts, self.placement = task, run, state, parts, placement
        self._quiet, self._logged_at = quiet, time.monotonic()
        self.networks = task.export_networks(parts.network, parts.codec, run.options)
        self.predictor, self.stopwatch = KerasPredictor(self.networks), Stopwatch()
        self._copy_initial_weights()
        if not run.epochs:
            self.complexity = complexity(parts.network, None, 1)
            return
        before = values(parts.learner.variables), dataset_state(parts.dataset)
        first = task.batches(parts.dataset, parts.codec, parts.learner, run.options, 0)
        optimizer, self.complexity = compile_learner(task, run, parts.network, parts.learner, first, placement)
        if not quiet:
            note(f"network: {self.complexity}")
        self._first: Batches | None = self._shard(first)
        self.averaging = WeightAveraging(parts.network, run.options.averaging)
        self.monitor = GradientMonitor(optimizer, parts.learner.trainable_variables, run, state)
        self.checkpoint = Checkpoint(run, state, parts.dataset, self.averaging, len(first))
        self.checkpoint.start_from(parts.learner, *before)
        progress = [] if quiet else [progress_display(run, state, task.metric, len(first), first.total)]
        self.callbacks = self._callback_list([*progress, *callbacks])
        if self.checkpoint.restore():
            self._first = None

    def fit(self) -> None:
        """Fit the remaining epochs, or until early stopping.

        Raises:
            KeyboardInterrupt: If the user asked to stop; the checkpoint is saved.
        """
        self.callbacks.begin()
        try:
            with on_interrupt(self.request_stop):
                while self.state.epoch < self.run.epochs and not (reason := self._reason_to_stop()):
                    self.fit_epoch()
                    self.checkpoint.raise_if_stopped()
        finally:
            self.checkpoint.save_finished_epochs()
            self.state.write_log(self.run.folder)
            self.callbacks.end()
        if self.state.epoch < self.run.epochs and not self._quiet:
            note(f"stopped after {self.state.epoch} of {self.run.epochs} epochs: {reason}")

    def fit_epoch(self) -> None:
        """Fit one epoch, evaluate it and save a checkpoint; `fit` calls it."""
        epoch, options = self.state.epoch, self.run.options
        if options.schedule == "plateau":
            learning_rate = plateau_learning_rate(options, self.task.metric, self.state.history)
            self.parts.learner.optimizer.learning_rate = learning_rate
        self.checkpoint.begin_epoch()
        started = time.monotonic()
        with self.stopwatch.measure("making batches"):
            made = self._first or self._make_batches()
            batches = as_keras_input(cached_on_device(made.skip(self.state.step), self.placement))
        self._first = None
        self.checkpoint.enter_epoch()
        fit_history = self.parts.learner.fit(
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
        logs = {name: series[-1] for name, series in fit_history.history.items()}
        self._end_epoch(logs, time.monotonic() - started, batches.total)

    def request_stop(self) -> None:
        """Stop `fit` after the current step, with a checkpoint."""
        self.checkpoint.stop_requested = True

    def restore_kept_weights(self) -> None:
        """Assign the weights of the best epoch, or of the last for tasks that keep those."""
        assign(self.parts.network.variables, read_best_weights(self.run, self.parts.network))

    def examples_per_second(self) -> float:
        """Return the training speed.

        Returns:
            Examples per second of the epochs after the first, which also traces the graph; of the first if it is alone.
        """
        lines = self.state.history[1:] or self.state.history
        if not lines:
            return 0.0
        return float(sum(line["examples"] for line in lines) / sum(line["seconds"] for line in lines))

    def _copy_initial_weights(self) -> None:
        """Start from the weights of the bundle of `--from`; a checkpoint holds all weights already."""
        is_resumed = self.run.checkpoint.exists() or self.run.previous_checkpoint.exists()
        initial = None if is_resumed else InitialBundle.open(self.task, self.run.options)
        if initial is None:
            return
        copied = copy_initial_weights(initial, self.networks, self.parts.codec, self.run.options)
        write_origin(self.run, initial.origin(copied.copied, copied.layers))
        if not self._quiet:
            note(copied.describe(initial.name))
            if initial.has_other_splits(self.parts.dataset.fingerprint, self.run.options.seed):
                note(f"{initial.name} has learned from the same data with another --seed: some of the test split, too")

    def _callback_list(self, callbacks: list[keras.callbacks.Callback]) -> CallbackList:
        # Values that are not finite are detected before they are averaged or saved.
        ordered = [self.monitor, self.averaging, self.checkpoint, *callbacks]
        if self.run.options.profile:
            ordered = Profiler(self.stopwatch, self.run.folder / "tensorboard").enclose(ordered)
        return CallbackList(ordered, add_history=True, model=self.parts.learner)

    def _shard(self, batches: Batches) -> Batches:
        placement = self.placement
        return batches.shard(placement.process, placement.processes, len(placement.devices))

    def _make_batches(self) -> Batches:
        parts = self.parts
        return self._shard(
            self.task.batches(parts.dataset, parts.codec, parts.learner, self.run.options, self.state.epoch)
        )

    def _end_epoch(self, logs: dict[str, float], seconds: float, examples: int) -> None:
        metric = self.task.metric.name
        line: JsonObject = {"epoch": self.state.epoch, **logs, "seconds": seconds, "examples": examples}
        line |= {"gradients": self.monitor.end_epoch()}
        finished = self.state.epoch + 1
        with self.averaging.applied():
            if finished % (self.run.options.evaluate_every or 1) == 0 or finished == self.run.epochs:
                with self.stopwatch.measure("evaluation on the validation split"):
                    line |= self._evaluate()
            self.state.history.append(line)
            self.state.step = 0
            best = metric in line and self._keep_if_best()
        with self.stopwatch.measure("saving"):
            self.checkpoint.end_epoch(force=best)
        if metric in line or time.monotonic() - self._logged_at >= LOG_SECONDS:
            self.state.write_log(self.run.folder)
            self._logged_at = time.monotonic()
        if metric in line:
            self.callbacks.epoch_evaluated(line)

    def _evaluate(self) -> dict[str, float]:
        """Return the validation metrics, the same in all processes, so that all of them decide alike."""
        parts = self.parts
        metrics: dict[str, float] = self.task.evaluate(self.predictor, parts.dataset, parts.codec, "val")
        return metrics if self.placement.processes == 1 else dict(broadcast_from_first_process(metrics))

    def _keep_if_best(self) -> bool:
        """Save the network's weights if the last epoch ranks first."""
        metric_values = [line[self.task.metric.name] for line in self._evaluated()]
        best = self.task.best_epoch(metric_values) == len(metric_values) - 1
        if best:
            save_arrays(self.run.best, network=values(self.parts.network.variables))
        return best

    def _reason_to_stop(self) -> str:
        """Return why no epoch follows; empty if there is no reason."""
        metric, target, lines = self.task.metric, self.run.options.stop_at, self._evaluated()
        if target is not None and any(not metric.is_better(target, line[metric.name]) for line in lines):
            return f"{metric.name} has reached {target:g}"
        patience = self.run.options.patience
        if not patience or not lines:
            return ""
        best = lines[metric.best_index([line[metric.name] for line in lines])][metric.name]
        first_as_good = next(line for line in lines if line[metric.name] == best)
        epochs = self.state.epoch - 1 - int(first_as_good["epoch"])
        return f"no better {metric.name} for {epochs} epochs (--patience {patience})" if epochs >= patience else ""

    def _evaluated(self) -> list[JsonObject]:
        return self.state.evaluated(self.task.metric.name)
