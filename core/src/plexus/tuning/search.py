"""Search for the best options of a task."""

import time
from typing import TYPE_CHECKING

from plexus.bundle import Bundle
from plexus.errors import InputError
from plexus.run import Run
from plexus.tuning.study import Study

if TYPE_CHECKING:
    from plexus.codec import JsonObject

_STATES = {"complete": "complete", "pruned": "pruned", "failed": "fail"}
"""States of trials in the result, and their names in Optuna."""


def tune(study: Study, trials: int, minutes: float | None = None, on: str | None = None) -> "JsonObject":
    """Run trials until the study has a number of them, then write the bundle of the best one.

    Args:
        study: The study.
        trials: Number of trials in all, earlier ones included.
        minutes: Minutes after which no trial is started; None for no limit.
        on: `ray` to run trials at the same time on a cluster; None to run them one after another in this process.

    Returns:
        `task`, `study`, `storage`, `trials` (numbers of `complete`, `pruned` and `failed` ones), `best` (`trial`,
        `value` on the validation split, `options`), `bundle`, `score`, `scores`, `seconds`.

    Raises:
        InputError: If the data cannot be used, nothing is left to search, or no trial is complete.
    """
    started = time.monotonic()
    study.task.load_dataset(study.task.options.parse(study.fixed))  # fails here, once, instead of in every trial
    if not study.task.options.search_space.keys() - study.fixed.keys():
        raise InputError("all options that could be searched are fixed: omit one of them")
    if on == "ray":
        from plexus.tuning.ray_trials import run_trials_on_ray

        run_trials_on_ray(study, trials, minutes)
    else:
        study.fail_interrupted_trials()
        while (finished := study.finished_trials()) < trials and not _is_over(started, minutes):
            study.run_trial(finished)
    return _write_best_bundle(study) | {"seconds": round(time.monotonic() - started, 1)}


def _is_over(started: float, minutes: float | None) -> bool:
    return minutes is not None and time.monotonic() - started > 60 * minutes


def _write_best_bundle(study: Study) -> "JsonObject":
    from plexus.training.trainer import Trainer

    optuna_study = study.optuna_study()
    trials = optuna_study.get_trials(deepcopy=False)
    states = [trial.state.name.lower() for trial in trials]
    counts = {name: states.count(state) for name, state in _STATES.items()}
    if not counts["complete"]:
        reasons = [trial.user_attrs.get("ended", "it was interrupted") for trial in trials]
        raise InputError(f"no trial is complete; the last one: {reasons[-1] if reasons else 'there was none'}")
    best = optuna_study.best_trial
    folder = study.trial_folder(best.number)
    if not (folder / "bundle").exists():
        Trainer(study.task, study.callbacks).train(Run.read(folder, study.task))
    bundle = Bundle.open(folder / "bundle", study.task)
    return {
        "task": study.task.id,
        "study": str(study.folder),
        "storage": study.storage,
        "trials": counts,
        "best": {"trial": best.number, "value": best.value, "options": best.params},
        "bundle": str(bundle.folder),
        "score": bundle.score,
        "scores": bundle.metrics,
    }
