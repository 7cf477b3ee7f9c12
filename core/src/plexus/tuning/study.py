"""A search for good options: trials, kept in a database, by Optuna (Akiba et al. 2019, arXiv:1907.10902)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.runtime.backend import chosen_backend, import_keras
from plexus.task import Task
from plexus.utils.files import write_whole, writing_to
from plexus.utils.messages import note

if TYPE_CHECKING:
    import optuna

FILE = "study.json"
FIRST_TRIALS, FIRST_SHARE = 5, 0.25
"""Trials that are never given up early, and the share of the epochs for which none is."""


@dataclass(frozen=True)
class Study:
    """A folder of trials of one task.

    Files:
        study.json   the task, the options that are fixed, where the database is
        study.db     SQLite, unless the database is elsewhere
        trials/0012  the run of each trial; that of the best has the bundle

    Trials are ranked by the score on the validation split; the test split is looked at once, of the best one.
    """

    folder: Path
    task: Task
    fixed: dict[str, Any]
    storage: str
    callbacks: Any = None

    @classmethod
    def open(cls, folder: Path, task: str, fixed: dict[str, Any], storage: str | None = None) -> Self:
        """A new study, or one to go on with.

        Raises:
            InputError: the folder has a study of another task or with other fixed options, or it is none.
        """
        file = folder / FILE
        content = {"task": task, "fixed": fixed, "storage": storage}
        if file.exists():
            if json.loads(file.read_text()) != content:
                raise InputError(f"--study {folder} has another study, of other options: {file.read_text().strip()}")
        else:
            if folder.exists() and any(folder.iterdir()):
                raise InputError(f"--study {folder} is not a study: it has no {FILE}")
            with writing_to(folder):
                folder.mkdir(parents=True, exist_ok=True)
                write_whole(file, json.dumps(content) + "\n")
        storage = storage or f"sqlite:///{(folder / 'study.db').resolve()}"
        return cls(folder, registry().task(task), fixed, storage, registry().callbacks)

    def trials(self, number: int = 0) -> "optuna.Study":
        """Optuna's study: what the database has.

        Args:
            number: of the trial that is to be suggested: each has random numbers of its own, also where several are
                begun at once, or a study is gone on with.
        """
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        options = self.task.options.parse(self.fixed)
        seed = int(np.random.SeedSequence((options.seed, number)).generate_state(1)[0])
        return optuna.create_study(
            storage=self.storage,
            study_name=str(self.folder.resolve()),
            load_if_exists=True,
            direction="maximize" if self.task.metric.higher_is_better else "minimize",
            # Trials that run at the same time do not try the same.
            sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
            pruner=optuna.pruners.MedianPruner(FIRST_TRIALS, int((options.epochs or 1) * FIRST_SHARE)),
        )

    def fail_unfinished(self) -> None:
        """Trials that were cut off, by a kill say, are failed ones: nobody goes on with them."""
        from optuna.trial import TrialState

        study = self.trials()
        for trial in study.get_trials(states=(TrialState.RUNNING,)):
            study.tell(trial.number, state=TrialState.FAIL)

    def finished(self) -> int:
        """How many trials have ended, in whatever way."""
        return sum(trial.state.is_finished() for trial in self.trials().get_trials(deepcopy=False))

    def run_one(self, number: int) -> None:
        """Run one trial; one that fails is written down as such, and takes nothing else with it."""
        # Whatever it fails of: out of memory, an option that the data forbids, gradients that explode.
        self.trials(number).optimize(self._trial, n_trials=1, catch=(Exception,))

    def run_of(self, number: int) -> Path:
        """The folder of a trial's run."""
        return self.folder / "trials" / f"{number:04}"

    def _trial(self, trial: "optuna.Trial") -> float:
        options = self._options(trial)
        import_keras(chosen_backend(options.backend))  # what follows derives from it
        from plexus.training.trainer import Trainer
        from plexus.tuning.pruning import Pruning

        note(f"trial {trial.number}: {', '.join(f'{name} {_shown(value)}' for name, value in trial.params.items())}")
        run = Run.start(self.task.id, options, folder=self.run_of(trial.number))
        try:
            session = Trainer(self.task, self.callbacks).begin(
                run, self.task.load_dataset(options), [Pruning(trial, self.task.metric)]
            )
            session.fit()
        except Exception as error:
            trial.set_user_attr("ended", f"{type(error).__name__}: {error}")
            note(f"trial {trial.number} ended early: {error}")
            run.checkpoint.unlink(missing_ok=True)
            raise
        values = [line[self.task.metric.name] for line in session.state.history if self.task.metric.name in line]
        return float(values[self.task.best_epoch(values)])

    def _options(self, trial: "optuna.Trial") -> Any:
        fields = self.task.options.model_fields
        tried = {
            name: span.suggest(trial, name, fields[name].default)
            for name, span in self.task.options.search_space.items()
            if name not in self.fixed
        }
        return self.task.options.parse(self.fixed | tried)


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
