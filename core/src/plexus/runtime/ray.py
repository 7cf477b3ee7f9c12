"""Training on a Ray cluster: one process per host, restarted from the last checkpoint when one ends early."""

import contextlib
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.errors import InputError
from plexus.plugins.user_modules import import_user_module, imported_user_modules
from plexus.run import Run, read_run_task
from plexus.runtime.processes import COORDINATOR_ADDRESS, PROCESS_ID

if TYPE_CHECKING:
    from plexus.codec import JsonObject

RESULT_FILE = "result.json"
MAX_FAILURES = 3
"""How often a training is restarted."""
PASSED_VARIABLES = ("PLEXUS_DATA", "XLA_FLAGS", "JAX_PLATFORMS")
"""Environment variables that the cluster's processes get."""


def train_on_ray(run: Run) -> "JsonObject":
    """Train with `run.options.hosts` processes, on the cluster that `RAY_ADDRESS` names or on this machine.

    Args:
        run: The run, whose folder is on storage that all hosts can access.

    Returns:
        The result of `plexus.training.trainer.Trainer.train`.

    Raises:
        InputError: If Ray is not installed, the options are not those of several processes, or the training failed
            more than `MAX_FAILURES` times.
    """
    options = run.options
    if options.backend != "jax" or not options.hosts:
        raise InputError("--on ray needs --backend jax and --hosts N, the number of processes that train together")
    environment = {"KERAS_BACKEND": "jax"} | ({"JAX_PLATFORMS": "cpu"} if options.devices == "cpu" else {})
    with ray_cluster(environment):
        _fit(run)
    return dict(json.loads((run.folder / RESULT_FILE).read_text()))


@contextlib.contextmanager
def ray_cluster(environment: Mapping[str, str]) -> Iterator[None]:
    """Connect to the cluster that `RAY_ADDRESS` names, or start one on this machine for the block.

    What Ray prints goes to standard error: standard output is for the result.

    Args:
        environment: Environment variables of the cluster's processes.

    Yields:
        Nothing.

    Raises:
        InputError: If Ray is not installed.
    """
    try:
        import ray
    except ModuleNotFoundError as error:
        raise InputError("--on ray needs ray: pip install 'plexus-core[ray]'") from error
    variables = {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}
    variables |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    with contextlib.redirect_stdout(sys.stderr):
        ray.init(
            runtime_env={"env_vars": variables}, include_dashboard=False, logging_level="warning", log_to_driver=False
        )
        try:
            yield
        finally:
            ray.shutdown()


def _fit(run: Run) -> None:
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.v2.api.exceptions import TrainingFailedError
    from ray.train.v2.jax import JaxTrainer

    folder = run.folder.resolve()
    accelerator = run.options.devices.partition(":")[0]
    trainer = JaxTrainer(
        _train_in_worker,
        train_loop_config={"run": str(folder), "working_folder": str(Path.cwd()), "modules": imported_user_modules()},
        scaling_config=ScalingConfig(
            num_workers=run.options.hosts,
            use_gpu=accelerator == "gpu",
            use_tpu=accelerator == "tpu",
            resources_per_worker={"GPU": _gpus_per_host()} if accelerator == "gpu" else None,
            placement_strategy="SPREAD",
        ),
        run_config=RunConfig(
            name="ray", storage_path=str(folder), failure_config=FailureConfig(max_failures=MAX_FAILURES)
        ),
    )
    try:
        trainer.fit()
    except TrainingFailedError as error:
        raise InputError(f"the training failed {MAX_FAILURES + 1} times; the last time: {error}") from error


def _gpus_per_host() -> int:
    import ray

    return int(max(node["Resources"].get("GPU", 0) for node in ray.nodes()))


def _train_in_worker(config: "JsonObject") -> None:
    """Train in a process of the cluster, from the beginning or from the checkpoint."""
    _set_coordinator()
    from plexus.plugins.registry import registry
    from plexus.training.trainer import Trainer
    from plexus.utils.files import write_whole

    os.chdir(config["working_folder"])
    for module in config["modules"]:
        import_user_module(module)
    folder = Path(config["run"])
    task = registry().task(read_run_task(folder))
    result = Trainer(task, registry().callbacks).train(Run.read(folder, task))
    if not result.get("process"):
        write_whole(folder / RESULT_FILE, json.dumps(result))


def _set_coordinator() -> None:
    """Set the variables that `join_processes` reads: on CPUs, Ray does not initialize `jax.distributed`."""
    import jax
    import ray.util
    from ray.train import get_context
    from ray.train.collective import broadcast_from_rank_zero

    if jax.distributed.is_initialized():
        return
    with socket.socket() as free_socket:
        free_socket.bind(("", 0))
        address = f"{ray.util.get_node_ip_address()}:{free_socket.getsockname()[1]}"
    os.environ[COORDINATOR_ADDRESS] = broadcast_from_rank_zero(address)
    os.environ[PROCESS_ID] = str(get_context().get_world_rank())
