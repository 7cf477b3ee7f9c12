"""From a task to its best options, and a bundle trained with them."""

import time
from typing import Any

from plexus.bundle import Bundle
from plexus.errors import InputError
from plexus.run import Run
from plexus.tuning.study import Study


def tune(study: Study, trials: int, minutes: float | None = None, on: str | None = None) -> dict[str, Any]:
    """Run trials until there are that many, then make the best one's bundle.

    Args:
        trials: of the study in all, those it had before included.
        minutes: after which no trial is begun any more.
        on: `ray`: trials side by side on a cluster, as many as it has room for.

    Returns:
        `task`, `study`, `storage`, `trials` (how many are complete, pruned, failed), `best` (`trial`, `value` on the
        validation split, `options`), `bundle`, `score`, `scores`, `seconds`.

    Raises:
        InputError: the data cannot be used, or no trial came to its end.
    """
    started = time.monotonic()
    study.task.load_dataset(study.task.options.parse(study.fixed))  # to be told now, once, rather than by every trial
    if not study.task.options.search_space.keys() - study.fixed.keys():
        raise InputError("every option that could be tuned is given: leave one out")
    if on == "ray":
        from plexus.tuning.ray_trials import run_side_by_side

        run_side_by_side(study, trials, minutes)
    else:
        study.fail_unfinished()
        while (done := study.finished()) < trials and not _late(started, minutes):
            study.run_one(done)
    return _ended(study) | {"seconds": round(time.monotonic() - started, 1)}


def _late(started: float, minutes: float | None) -> bool:
    return minutes is not None and time.monotonic() - started > 60 * minutes


def _ended(study: Study) -> dict[str, Any]:
    from plexus.training.trainer import Trainer

    of_optuna = study.trials()
    states = [trial.state.name.lower() for trial in of_optuna.get_trials(deepcopy=False)]
    counts = {name: states.count(state) for name, state in _NAMES.items()}
    if not counts["complete"]:
        ended = [t.user_attrs.get("ended", "it was cut off") for t in of_optuna.get_trials(deepcopy=False)]
        raise InputError(f"no trial came to its end; the last one: {ended[-1] if ended else 'there was none'}")
    best = of_optuna.best_trial
    folder = study.run_of(best.number)
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


_NAMES = {"complete": "complete", "pruned": "pruned", "failed": "fail"}
