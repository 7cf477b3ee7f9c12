"""Training on a cluster of Ray: one process a host, begun again from the last checkpoint when one dies."""

import contextlib
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plexus.errors import InputError
from plexus.plugins.user_modules import import_own, own_modules
from plexus.run import Run, read_run_task
from plexus.runtime.processes import ADDRESS, NUMBER

RESULT = "result.json"
FAILURES = 3
"""How often a training is begun again before it is given up."""


def train_on_ray(run: Run) -> dict[str, Any]:
    """Train with as many processes as `run.options.hosts` says, on the cluster that `RAY_ADDRESS` names, else here.

    The run's folder has to be on storage that all hosts see.

    Returns:
        As `plexus.training.trainer.train`.

    Raises:
        InputError: Ray is not installed, the options are not for several processes, or the training failed too often.
    """
    options = run.options
    if options.backend != "jax" or not options.hosts:
        raise InputError("--on ray needs --backend jax, and --hosts N: how many processes train together")
    environment = {"KERAS_BACKEND": "jax"} | ({"JAX_PLATFORMS": "cpu"} if options.devices == "cpu" else {})
    with ray_cluster(environment):
        _fit(run)
    return dict(json.loads((run.folder / RESULT).read_text()))


def _fit(run: Run) -> None:
    options = run.options
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.v2.api.exceptions import TrainingFailedError
    from ray.train.v2.jax import JaxTrainer

    folder = run.folder.resolve()
    accelerator = options.devices.partition(":")[0]
    trainer = JaxTrainer(
        _train_here,
        train_loop_config={"run": str(folder), "where": str(Path.cwd()), "modules": own_modules()},
        scaling_config=ScalingConfig(
            num_workers=options.hosts,
            use_gpu=accelerator == "gpu",
            use_tpu=accelerator == "tpu",
            resources_per_worker={"GPU": _gpus_a_host()} if accelerator == "gpu" else None,
            placement_strategy="SPREAD",
        ),
        run_config=RunConfig(name="ray", storage_path=str(folder), failure_config=FailureConfig(max_failures=FAILURES)),
    )
    try:
        trainer.fit()
    except TrainingFailedError as error:
        raise InputError(f"the training failed {FAILURES + 1} times; the last time: {error}") from error


@contextlib.contextmanager
def ray_cluster(environment: dict[str, str]) -> Iterator[None]:
    """Within the block there is the cluster that `RAY_ADDRESS` names, or one on this machine; its processes get this
    environment. What Ray prints goes to standard error: standard output is the result's.

    Raises:
        InputError: Ray is not installed.
    """
    try:
        import ray
    except ModuleNotFoundError as error:
        raise InputError("--on ray needs ray: pip install 'plexus-suite[ray]'") from error
    passed = {name: os.environ[name] for name in ("PLEXUS_DATA", "XLA_FLAGS", "JAX_PLATFORMS") if name in os.environ}
    passed |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TF_CPP_MIN_LOG_LEVEL": "3"} | environment
    with contextlib.redirect_stdout(sys.stderr):
        ray.init(
            runtime_env={"env_vars": passed}, include_dashboard=False, logging_level="warning", log_to_driver=False
        )
        try:
            yield
        finally:
            ray.shutdown()


def _gpus_a_host() -> int:
    import ray

    return int(max(node["Resources"].get("GPU", 0) for node in ray.nodes()))


def _train_here(given: dict[str, Any]) -> None:
    """What each process does: go on with the run, from its beginning or from its checkpoint."""
    _meet()
    from plexus.plugins.registry import registry
    from plexus.training.trainer import Trainer
    from plexus.utils.files import write_whole

    os.chdir(given["where"])
    for module in given["modules"]:
        import_own(module)
    folder = Path(given["run"])
    task = registry().task(read_run_task(folder))
    result = Trainer(task, registry().callbacks).train(Run.read(folder, task))
    if not result.get("process"):
        write_whole(folder / RESULT, json.dumps(result))


def _meet() -> None:
    """Tell all processes where the first one listens: on CPUs, Ray leaves that to us."""
    import jax
    import ray.util
    from ray.train import get_context
    from ray.train.collective import broadcast_from_rank_zero

    if jax.distributed.is_initialized():
        return
    with socket.socket() as one:
        one.bind(("", 0))
        here = f"{ray.util.get_node_ip_address()}:{one.getsockname()[1]}"
    os.environ[ADDRESS] = broadcast_from_rank_zero(here)
    os.environ[NUMBER] = str(get_context().get_world_rank())
