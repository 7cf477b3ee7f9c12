"""Trials side by side."""

from pathlib import Path
from typing import Any

from plexus.plugins.user_modules import import_own, own_modules
from plexus.runtime.ray import ray_cluster
from plexus.tuning.study import Study


def run_side_by_side(study: Study, trials: int, minutes: float | None) -> None:
    """Run trials on the cluster that `RAY_ADDRESS` names, else on this machine: one a GPU, or one a core.

    The study's folder has to be on storage that all hosts see, and so has the database, unless it is a server's.

    Raises:
        InputError: Ray is not installed.
    """
    study.fail_unfinished()
    with ray_cluster({}):
        _run_all(study, trials, minutes)
    study.fail_unfinished()


def _run_all(study: Study, trials: int, minutes: float | None) -> None:
    import ray

    study.trials()  # the database, made once
    gpus = ray.cluster_resources().get("GPU", 0)
    # A process a trial: what a training leaves behind in one is gone with it.
    one = ray.remote(num_cpus=1, num_gpus=1 if gpus else 0, max_calls=1, max_retries=0)(_run_one)
    given = str(study.folder.resolve()), study.task.id, study.fixed, study.storage, str(Path.cwd()), own_modules()
    waiting = [one.remote(number, *given) for number in range(study.finished(), trials)]
    done, late = ray.wait(waiting, num_returns=len(waiting), timeout=60 * minutes if minutes else None)
    for trial in late:
        ray.cancel(trial)
    for trial in done:
        _get(trial)


def _get(trial: Any) -> None:
    """A process that died, for lack of memory say, is a trial that failed."""
    import ray

    from plexus.utils.messages import note

    try:
        ray.get(trial)
    except ray.exceptions.RayError as error:
        note(f"a trial's process died: {error}")


def _run_one(
    number: int, folder: str, task: str, fixed: dict[str, Any], storage: str, where: str, modules: list[str]
) -> None:
    import os

    from plexus.plugins.registry import registry

    os.chdir(where)
    for module in modules:
        import_own(module)
    Study(Path(folder), registry().task(task), fixed, storage).run_one(number)
