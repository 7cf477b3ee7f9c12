"""From a run to a bundle."""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plexus.bundle import Bundle
from plexus.errors import InputError
from plexus.options import AUTO_BATCH_SIZE
from plexus.run import RUN_FILE, Run
from plexus.runtime.placement import prepare_devices
from plexus.runtime.processes import wait_for_all
from plexus.task import AnyTask
from plexus.training.state import TrainingState
from plexus.utils.messages import note

if TYPE_CHECKING:
    import keras

    from plexus.codec import JsonObject
    from plexus.dataset import Dataset
    from plexus.training.session import TrainingSession

    CallbackFactory = Callable[[Run[Any], TrainingState], Sequence[keras.callbacks.Callback]]

NETWORK_TOO_LARGE = "the network does not fit in memory with any batch size: choose a smaller network"


class Trainer:
    """Trains runs of one task, and saves their bundles.

    Args:
        task: The task.
        callbacks: Creates the callbacks of a training, from its run and state: those of plugins.
        quiet: Whether nothing is printed.

    Example:
        ```python
        result = Trainer(task, registry().callbacks).train(Run.start(task.id, options))
        ```
    """

    def __init__(self, task: AnyTask, callbacks: "CallbackFactory | None" = None, quiet: bool = False) -> None:
        self.task, self.callbacks, self.quiet = task, callbacks or (lambda _run, _state: ()), quiet

    def train(self, run: Run[Any], dataset: "Dataset | None" = None) -> "JsonObject":
        """Train all stages, evaluate once on the test split, and save the bundle.

        A run with a checkpoint is resumed from it, and ends with the metrics of one that was never interrupted.

        Args:
            run: The run.
            dataset: The dataset, if it is in memory; by default the task reads `options.data`.

        Returns:
            `task`, `run`, `bundle`, `score` (name and value), `scores`, `seconds`, `examples_per_second`; `task` and
            `process` in every process but the first, if several train together.

        Raises:
            InputError: If the data or an option cannot be used.
            KeyboardInterrupt: If the user asked to stop; the checkpoint is saved.
        """
        started = time.monotonic()
        dataset = self.task.load_dataset(run.options) if dataset is None else dataset
        dataset = self._train_stages(run, dataset)
        session = self._fit(run, dataset)
        if session is None:  # its memory is free now
            raise self._too_large(run, dataset)
        if session.placement.process:
            shutil.rmtree(session.run.folder)
            wait_for_all()
            return {"task": self.task.id, "process": session.placement.process}
        from plexus.training.saving import write_bundle

        if session.run.epochs:
            session.restore_kept_weights()
        write_bundle(session)
        if session.placement.processes > 1:
            wait_for_all()
        bundle = Bundle.open(run.out, self.task)
        return {
            "task": self.task.id,
            "run": str(run.folder),
            "bundle": str(run.out),
            "score": bundle.score,
            "scores": bundle.metrics,
            "seconds": round(time.monotonic() - started, 1),
            "examples_per_second": round(session.examples_per_second(), 1),
        }

    def begin(
        self, run: Run[Any], dataset: "Dataset", callbacks: "Sequence[keras.callbacks.Callback]" = ()
    ) -> "TrainingSession":
        """Create a session that is ready to fit: codec, network and learner, compiled.

        Args:
            run: The run.
            dataset: The dataset.
            callbacks: Keras callbacks in addition to those of the factory.

        Returns:
            The session.

        Raises:
            InputError: If the data or an option cannot be used.
        """
        for line in () if self.quiet else dataset.findings.lines():
            note(line)
        placement = prepare_devices(run.options)
        if placement.processes > 1 and not placement.process:
            note(f"{placement.processes} processes; if one dies, all end: plexus train --resume {run.folder}")
        if placement.process:
            run = run.copy_to(Path(tempfile.mkdtemp(prefix="plexus-")))
        from plexus.training.heuristics import resolve_options
        from plexus.training.session import Parts, TrainingSession

        largest = None
        if run.options.batch_size == AUTO_BATCH_SIZE:
            largest = self._largest_batch(run, dataset, len(placement.devices))
            run = run.with_options(batch_size=None)
            placement = prepare_devices(run.options)  # the trials have changed the backend's state
        with placement.scope():
            run, codec = resolve_options(self.task, run, dataset, len(placement.devices), largest)
            network = self.task.build_network(codec, run.options)
            learner = self.task.build_learner(network, dataset, codec, run.options)
            state = TrainingState()
            plugin_callbacks = () if placement.process else self.callbacks(run, state)
            parts = Parts(dataset, codec, network, learner)
            every = [*plugin_callbacks, *callbacks]
            return TrainingSession(self.task, run, state, parts, placement, every, self.quiet)

    def _train_stages(self, run: Run[Any], dataset: "Dataset") -> "Dataset":
        """Train the stages before the last one, or open their bundles; return the last stage's dataset."""
        bundles: dict[str, Bundle] = {}
        for stage in self.task.stages(run.options):
            folder = run.folder / "stages" / stage.name
            if not (folder / "bundle").exists():
                note(f"stage {stage.name}")
                started = (folder / RUN_FILE).exists()
                stage_run = (
                    Run.read(folder, self.task) if started else Run.start(self.task.id, stage.options, folder=folder)
                )
                self.train(stage_run, self.task.stage_dataset(dataset, bundles, stage.options))
            bundles[stage.name] = Bundle.open(folder / "bundle", self.task)
        prepared: Dataset = self.task.stage_dataset(dataset, bundles, run.options) if bundles else dataset
        return prepared

    def _fit(self, run: Run[Any], dataset: "Dataset") -> "TrainingSession | None":
        """Return the finished session; None if it ran out of memory."""
        session = self.begin(run, dataset)
        from plexus.training.batch_size_finder import is_out_of_memory, memory_errors

        try:
            if session.run.epochs:
                session.fit()
        except memory_errors() as error:
            if not is_out_of_memory(error):
                raise
            return None
        return session

    def _too_large(self, run: Run[Any], dataset: "Dataset") -> InputError:
        from plexus.training.batch_size_finder import largest_batch_size
        from plexus.training.heuristics import default_batch_size

        devices = len(prepare_devices(run.options).devices)
        size = run.options.batch_size or default_batch_size(dataset.count("train"))
        fits = largest_batch_size(Trainer(self.task, quiet=True), run, dataset, size // 2, devices)
        if fits is None:
            return InputError(NETWORK_TOO_LARGE)
        return InputError(
            f"--batch-size {size} does not fit in memory; {fits} does (--batch-size auto finds the largest)"
        )

    def _largest_batch(self, run: Run[Any], dataset: "Dataset", devices: int) -> int:
        from plexus.training.batch_size_finder import first_batch_size, largest_batch_size

        first = first_batch_size(dataset.count("train"))
        size = largest_batch_size(Trainer(self.task, quiet=True), run, dataset, first, devices)
        if size is None:
            raise InputError(NETWORK_TOO_LARGE)
        note(f"--batch-size auto: {size}")
        return size
