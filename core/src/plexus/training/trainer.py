"""Training of runs, from options to a bundle."""

import gc
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.bundle import Bundle
from plexus.dataset import Stateful
from plexus.errors import InputError
from plexus.options import AUTO_BATCH_SIZE
from plexus.run import RUN_FILE, Run
from plexus.runtime.placement import Placement, prepare_devices
from plexus.runtime.processes import wait_for_all
from plexus.task import AnyTask
from plexus.training.data import load_dataset
from plexus.training.initial_bundle import InitialBundle
from plexus.training.state import TrainingState
from plexus.utils.locks import locked
from plexus.utils.messages import note

if TYPE_CHECKING:
    import keras

    from plexus.codec import JsonObject
    from plexus.dataset import Dataset
    from plexus.options import Options
    from plexus.task import Stage
    from plexus.training.session import TrainingSession

    CallbackFactory = Callable[[Run, TrainingState], Sequence[keras.callbacks.Callback]]

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

    def train(self, run: Run, dataset: "Dataset | None" = None) -> "JsonObject":
        """Train all stages, evaluate once on the test split, and save the bundle.

        A run with a checkpoint is resumed from it, and ends with the metrics of one that was never interrupted.

        Args:
            run: The run.
            dataset: The dataset, if it is in memory; by default the task reads `options.data`.

        Returns:
            `task`, `run`, `bundle`, `score` (name and value), `scores`, `seconds`, `examples_per_second`; `task` and
            `process` in every process but the first, if several train together.

        Raises:
            InputError: If the data or an option cannot be used, or another process trains the run.
            KeyboardInterrupt: If the user asked to stop; the checkpoint is saved.
        """
        if run.options.hosts != 1 and self.task.stages(run.options):
            raise InputError(f"--hosts {run.options.hosts}: {self.task.id} is trained in stages, by one process")
        with self._lock(run):
            return self._train(run, dataset)

    def _lock(self, run: Run) -> "AbstractContextManager[None]":
        """Return the lock of the run's folder, which the first of several processes holds."""
        if run.options.hosts != 1 and prepare_devices(run.options).process:
            return nullcontext()
        return locked(run.lock_file, "trained")

    def _train(self, run: Run, dataset: "Dataset | None") -> "JsonObject":
        started = time.monotonic()
        if not run.has_checkpoint:
            InitialBundle.open(self.task, run.options)  # its errors show before the data is read
        dataset = load_dataset(self.task, run.options) if dataset is None else dataset
        session = self._train_last(run, self.train_stages(run, dataset))
        if session.placement.process:
            return {"task": self.task.id, "process": session.placement.process}
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
        self, run: Run, dataset: "Dataset", callbacks: "Sequence[keras.callbacks.Callback]" = ()
    ) -> "TrainingSession":
        """Create a session that is ready to fit: codec, network and learner, compiled.

        Args:
            run: The run.
            dataset: The dataset, from `train_stages`.
            callbacks: Keras callbacks in addition to those of the factory.

        Returns:
            The session.

        Raises:
            InputError: If the data or an option cannot be used.
        """
        if not self.quiet:
            for line in dataset.findings.lines():
                note(line)
        placement = prepare_devices(run.options)
        if placement.processes > 1 and not placement.process:
            folder = shlex.quote(str(run.folder))
            note(f"{placement.processes} processes; if one fails, all end: plexus train --resume {folder}")
        if placement.process:
            run = run.copy_to(Path(tempfile.mkdtemp(prefix="plexus-")))
        largest = None
        if run.options.batch_size == AUTO_BATCH_SIZE:
            largest = self._largest_batch_size(run, dataset, placement)
            run = run.with_options(batch_size=None)
            placement = prepare_devices(run.options)  # the trials have changed the backend's state
        with placement.scope():
            return self._build_session(run, dataset, placement, largest, callbacks)

    def _build_session(
        self,
        run: Run,
        dataset: "Dataset",
        placement: Placement,
        largest: int | None,
        callbacks: "Sequence[keras.callbacks.Callback]",
    ) -> "TrainingSession":
        from plexus.training.heuristics import resolve_options
        from plexus.training.session import Parts, TrainingSession

        run, codec = resolve_options(self.task, run, dataset, len(placement.devices), largest)
        network = self.task.build_network(codec, run.options)
        learner = self.task.build_learner(network, dataset, codec, run.options)
        run = self._without_idle_epochs(run, learner)
        state = TrainingState()
        plugin_callbacks = () if placement.process else self.callbacks(run, state)
        parts = Parts(dataset, codec, network, learner)
        return TrainingSession(
            self.task, run, state, parts, placement, [*plugin_callbacks, *callbacks], quiet=self.quiet
        )

    def _without_idle_epochs(self, run: Run, learner: "keras.Model") -> Run:
        """Return the run with 0 epochs if the learner has no weights that training would change."""
        if not run.epochs or learner.trainable_variables:
            return run
        note(f"--epochs {run.epochs} is ignored: this model is computed without training")
        run = run.with_options(epochs=0)
        run.save()
        return run

    def train_stages(self, run: Run, dataset: "Dataset") -> "Dataset":
        """Train the stages before the last training, or open the bundles of those that are finished.

        Args:
            run: The run.
            dataset: The result of the task's `load_dataset`.

        Returns:
            The dataset of the last training.

        Raises:
            InputError: If the data or an option cannot be used.
        """
        bundles: dict[str, Bundle] = {}
        for stage in self.task.stages(run.options):
            bundles[stage.name] = self._train_stage(run.stage_folder(stage.name), stage, dataset, bundles)
        last: Dataset = self.task.stage_dataset(dataset, bundles, run.options)
        return last

    def _train_stage(
        self, folder: Path, stage: "Stage[Options]", dataset: "Dataset", bundles: dict[str, Bundle]
    ) -> Bundle:
        if not (folder / "bundle").exists():
            note(f"stage {stage.name}")
            if (folder / RUN_FILE).exists():
                run = Run.read(folder, self.task)
            else:
                shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed before it wrote `run.json`
                run = Run.start(self.task.id, stage.options, folder=folder)
            # The next stage starts from the same state, whether this one was trained by this process or before.
            state = dataset.state() if isinstance(dataset, Stateful) else None
            with locked(run.lock_file, "trained"):
                self._train_last(run, self.task.stage_dataset(dataset, bundles, stage.options))
            if state is not None and isinstance(dataset, Stateful):
                dataset.restore(state)
        return Bundle.open(folder / "bundle", self.task)

    def _train_last(self, run: Run, dataset: "Dataset") -> "TrainingSession":
        """Train a run without its stages and write its bundle, in the first of several processes."""
        session = self._fit(run, dataset)
        if session is None:  # its memory is free now
            raise self._batch_too_large(run, dataset)
        if session.placement.process:
            shutil.rmtree(session.run.folder)
        else:
            from plexus.training.saving import write_bundle

            if session.run.epochs:
                session.restore_kept_weights()
            write_bundle(session)
            session.run.previous_checkpoint.unlink(missing_ok=True)
        if session.placement.processes > 1:
            wait_for_all()
        return session

    def _fit(self, run: Run, dataset: "Dataset") -> "TrainingSession | None":
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

    def _batch_too_large(self, run: Run, dataset: "Dataset") -> InputError:
        from plexus.training.batch_size_finder import largest_batch_size
        from plexus.training.data_defaults import default_batch_size

        devices = len(prepare_devices(run.options).devices)
        size = run.options.batch_size or default_batch_size(dataset.count("train"))
        largest = largest_batch_size(lambda smaller: self._fits(run, dataset, smaller), size // 2, devices)
        if largest is None:
            return InputError(NETWORK_TOO_LARGE)
        return InputError(
            f"--batch-size {size} does not fit in memory; {largest} does (--batch-size auto finds the largest)"
        )

    def _largest_batch_size(self, run: Run, dataset: "Dataset", placement: Placement) -> int:
        from plexus.training.batch_size_finder import first_batch_size, largest_batch_size

        first = first_batch_size(dataset.count("train"))
        size = largest_batch_size(lambda smaller: self._fits(run, dataset, smaller), first, len(placement.devices))
        if size is None:
            raise InputError(NETWORK_TOO_LARGE)
        note(f"--batch-size auto: {size}")
        return size

    def _fits(self, run: Run, dataset: "Dataset", batch_size: int) -> bool:
        """Return whether the first steps of a training with this batch size fit in memory."""
        from plexus.training.batch_size_finder import is_out_of_memory, memory_errors

        state = dataset.state() if isinstance(dataset, Stateful) else None
        with tempfile.TemporaryDirectory(prefix="plexus-") as folder:
            options = run.options.model_copy(update={"batch_size": batch_size})
            try:
                session = Trainer(self.task, quiet=True).begin(
                    Run(Path(folder), run.task, options, Path(folder) / "bundle"), dataset
                )
                if not session.run.epochs:
                    return True
                session.request_stop()
                session.fit()
            except KeyboardInterrupt:  # stopped after the first steps, as requested
                return True
            except memory_errors() as error:
                if not is_out_of_memory(error):
                    raise
                return False
            finally:
                if state is not None and isinstance(dataset, Stateful):
                    dataset.restore(state)
                gc.collect()
        return True
