"""Trials at the same time on a Ray cluster."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.plugins.user_modules import import_user_module, imported_user_modules
from plexus.runtime.ray import ray_cluster
from plexus.tuning.study import Study
from plexus.utils.messages import note

if TYPE_CHECKING:
    import ray

    from plexus.codec import JsonObject


def run_trials_on_ray(study: Study, trials: int, minutes: float | None) -> None:
    """Run trials on the cluster that `RAY_ADDRESS` names or on this machine: one per GPU, or one per core.

    The study's folder is on storage that all hosts can access, and so is the database, unless a server holds it.

    Args:
        study: The study.
        trials: Number of trials in all, earlier ones included.
        minutes: Minutes after which unfinished trials are cancelled; None for no limit.

    Raises:
        InputError: If Ray is not installed.
    """
    study.fail_interrupted_trials()
    with ray_cluster({}):
        _run_trials(study, trials, minutes)
    study.fail_interrupted_trials()


def _run_trials(study: Study, trials: int, minutes: float | None) -> None:
    import ray

    study.optuna_study()  # creates the database, once
    gpus = ray.cluster_resources().get("GPU", 0)
    # One process per trial, so that a training leaves nothing to the next one.
    remote = ray.remote(num_cpus=1, num_gpus=1 if gpus else 0, max_calls=1, max_retries=0)(_run_in_worker)
    folder, working_folder = str(study.folder.resolve()), str(Path.cwd())
    tasks = [
        remote.remote(
            number, folder, study.task.id, study.fixed, study.storage, working_folder, imported_user_modules()
        )
        for number in range(study.finished_trials(), trials)
    ]
    done, unfinished = ray.wait(tasks, num_returns=len(tasks), timeout=60 * minutes if minutes else None)
    for task in unfinished:
        ray.cancel(task)
    for task in done:
        _report_failure(task)


def _report_failure(task: "ray.ObjectRef") -> None:
    """Print why the process of a trial died, for lack of memory for example; the trial counts as failed."""
    import ray

    try:
        ray.get(task)
    except ray.exceptions.RayError as error:
        note(f"the process of a trial died: {error}")


def _run_in_worker(
    number: int, folder: str, task: str, fixed: "JsonObject", storage: str, working_folder: str, modules: list[str]
) -> None:
    from plexus.plugins.registry import registry

    os.chdir(working_folder)
    for module in modules:
        import_user_module(module)
    Study(Path(folder), registry().task(task), fixed, storage, registry().callbacks).run_trial(number)
