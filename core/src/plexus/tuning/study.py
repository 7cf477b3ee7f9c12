"""A study: trials of one task in a database of Optuna (Akiba et al. 2019, arXiv:1907.10902)."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus.errors import InputError
from plexus.run import Run
from plexus.runtime.backend import import_keras, resolve_backend
from plexus.task import AnyTask
from plexus.training.data import load_dataset
from plexus.utils.boundary import message_of, reason_of
from plexus.utils.checked_json import parse_json
from plexus.utils.files import read_regular, write_whole, writing_to
from plexus.utils.messages import note

if TYPE_CHECKING:
    import optuna

    from plexus.codec import JsonObject
    from plexus.options import Options
    from plexus.training.trainer import CallbackFactory

STUDY_FILE = "study.json"
STARTUP_TRIALS, WARMUP_FRACTION = 5, 0.25
"""Trials that are never pruned, and the fraction of the epochs before which none is."""


@dataclass(frozen=True)
class Study:
    """Trials of one task, ranked by the validation metric; the test split is used once, for the best trial.

    Files of the folder:

    - `study.json`: task, fixed options and address of the database
    - `study.db`: SQLite, unless the database is elsewhere
    - `trials/0012/`: the run of each trial; that of the best one holds the bundle

    Args:
        folder: Folder of the study.
        task: The task.
        fixed: Options that are not searched, by name.
        storage: Address of the database.
        callbacks: Creates the callbacks of each training: those of plugins.

    Example:
        ```python
        study = Study.open(Path("study"), task, {"data": "digits", "epochs": 5})
        study.run_trial(0)
        ```
    """

    folder: Path
    task: AnyTask
    fixed: "JsonObject"
    storage: str
    callbacks: "CallbackFactory | None" = field(default=None, compare=False)

    @classmethod
    def open(
        cls,
        folder: Path,
        task: AnyTask,
        fixed: "JsonObject",
        storage: str | None = None,
        callbacks: "CallbackFactory | None" = None,
    ) -> Self:
        """Create a study, or open an existing one to continue it.

        Args:
            folder: Folder of the study.
            task: The task.
            fixed: Options that are not searched, by name.
            storage: Address of the database; by default SQLite in the folder.
            callbacks: Creates the callbacks of each training.

        Returns:
            The study.

        Raises:
            InputError: If the folder holds a study with another task or other options, or is not a study's.
        """
        file = folder / STUDY_FILE
        content = {"task": task.id, "fixed": fixed, "storage": storage}
        if file.exists():
            recorded = parse_json(read_regular(file, links=True), file, "name another folder with --study")
            if recorded != content:
                raise InputError(f"--study {folder} has another study, of other options: {json.dumps(recorded)}")
        else:
            if folder.exists() and any(folder.iterdir()):
                raise InputError(f"--study {folder} is not a study: it has no {STUDY_FILE}")
            with writing_to(folder):
                folder.mkdir(parents=True, exist_ok=True)
                write_whole(file, json.dumps(content) + "\n")
        return cls(folder, task, fixed, storage or f"sqlite:///{(folder / 'study.db').resolve()}", callbacks)

    def optuna_study(self, trial: int = 0) -> "optuna.Study":
        """Return Optuna's study, created if the database has none.

        Args:
            trial: Number of the trial that it will suggest. Each has a seed of its own, also if several start at the
                same time or the study is continued.

        Returns:
            The study.
        """
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        options = self.task.options.parse(self.fixed)
        seed = int(np.random.SeedSequence((options.seed, trial)).generate_state(1)[0])
        return optuna.create_study(
            storage=self.storage,
            study_name=str(self.folder.resolve()),
            load_if_exists=True,
            direction="maximize" if self.task.metric.higher_is_better else "minimize",
            # The constant liar keeps trials that run at the same time from trying the same options.
            sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
            pruner=optuna.pruners.MedianPruner(STARTUP_TRIALS, int((options.epochs or 1) * WARMUP_FRACTION)),
        )

    def fail_interrupted_trials(self) -> None:
        """Mark running trials as failed, before any is started: their processes were killed."""
        from optuna.trial import TrialState

        study = self.optuna_study()
        for trial in study.get_trials(states=(TrialState.RUNNING,)):
            study.tell(trial.number, state=TrialState.FAIL)

    def finished_trials(self) -> int:
        """Return the number of finished trials: complete, pruned and failed.

        Returns:
            The number of trials.
        """
        return sum(trial.state.is_finished() for trial in self.optuna_study().get_trials(deepcopy=False))

    def run_trial(self, number: int) -> None:
        """Run one trial. One that fails is recorded as failed and does not end the study.

        Args:
            number: Number of the trial.
        """
        # Any exception: out of memory, an option that the data does not allow, gradients that explode.
        self.optuna_study(number).optimize(self._objective, n_trials=1, catch=(Exception,))

    def trial_folder(self, number: int) -> Path:
        """Return the folder of a trial's run.

        Args:
            number: Number of the trial.

        Returns:
            The folder.
        """
        return self.folder / "trials" / f"{number:04}"

    def _objective(self, trial: "optuna.Trial") -> float:
        options = self._suggest_options(trial)
        import_keras(resolve_backend(options.backend))  # before modules that derive from its classes
        from plexus.training.trainer import Trainer
        from plexus.tuning.pruning import Pruning

        values = ", ".join(f"{name} {_format_value(value)}" for name, value in trial.params.items())
        note(f"trial {trial.number}: {values}")
        metric, run = self.task.metric, Run.start(self.task.id, options, folder=self.trial_folder(trial.number))
        try:
            trainer = Trainer(self.task, self.callbacks)
            dataset = trainer.train_stages(run, load_dataset(self.task, options))
            session = trainer.begin(run, dataset, [Pruning(trial, metric)])
            session.fit()
        except Exception as error:
            trial.set_user_attr("ended", reason_of(error))
            note(f"trial {trial.number} ended early: {message_of(error) or reason_of(error)}")
            run.checkpoint.unlink(missing_ok=True)
            raise
        metric_values = [float(line[metric.name]) for line in session.state.evaluated(metric.name)]
        return metric_values[self.task.best_epoch(metric_values)]

    def _suggest_options(self, trial: "optuna.Trial") -> "Options":
        option_class: type[Options] = self.task.options
        suggested = {
            name: space.suggest(trial, name, option_class.model_fields[name].default)
            for name, space in option_class.search_space.items()
            if name not in self.fixed
        }
        return option_class.parse(self.fixed | suggested)


def _format_value(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
