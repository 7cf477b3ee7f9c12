"""Several JAX processes that train together, on one machine or several."""

import itertools
import json
import os
import sys
from typing import TypeVar

import numpy as np

from plexus.errors import InputError

COORDINATOR_ADDRESS, PROCESS_ID = "JAX_COORDINATOR_ADDRESS", "JAX_PROCESS_ID"
"""Environment variables: `host:port` of process 0, and the number of this process. SLURM, Kubernetes, Open MPI and
Cloud TPUs have their own, which JAX reads."""
HEARTBEAT_TIMEOUT = 20
"""Seconds without a heartbeat after which a process counts as ended; also how long a process waits at its end."""
BARRIER_TIMEOUT = 24 * 3600
"""Seconds that processes wait for the first one, which evaluates and writes the bundle."""
_barriers = itertools.count()

JsonT = TypeVar("JsonT")


def join_processes(hosts: int) -> tuple[int, int]:
    """Initialize `jax.distributed`. Idempotent.

    Args:
        hosts: Expected number of processes; 0 for the number that SLURM, Kubernetes or the TPU names.

    Returns:
        Number of this process, and number of processes.

    Raises:
        InputError: If the address of the first process is not known, or the number of processes is another.
    """
    import jax

    if not jax.distributed.is_initialized():
        _redirect_native_stdout()
        try:
            jax.distributed.initialize(
                os.environ.get(COORDINATOR_ADDRESS),
                hosts or None,
                int(os.environ[PROCESS_ID]) if PROCESS_ID in os.environ else None,
                heartbeat_timeout_seconds=HEARTBEAT_TIMEOUT,
                shutdown_timeout_seconds=HEARTBEAT_TIMEOUT,
            )
        except ValueError as error:
            raise InputError(
                f"--hosts {hosts}: the address of the first process is not known: set {COORDINATOR_ADDRESS} (its "
                f"host:port) and {PROCESS_ID} (from 0), or start by SLURM, Kubernetes or with --on ray"
            ) from error
    process, processes = jax.process_index(), jax.process_count()
    if hosts and processes != hosts:
        raise InputError(f"--hosts {hosts}: there are {processes} processes")
    return process, processes


def wait_for_all() -> None:
    """Wait until all processes call this function.

    It uses the coordination service, which notices processes that ended, and not a collective computation, which
    has time limits of its own.
    """
    from jax._src.distributed import global_state

    global_state.client.wait_at_barrier(f"plexus-{next(_barriers)}", timeout_in_ms=1000 * BARRIER_TIMEOUT)


def broadcast_from_first_process(value: JsonT) -> JsonT:
    """Return the value of process 0 in all processes, so that all of them decide alike.

    Args:
        value: The value of this process, of JSON types.

    Returns:
        The value of process 0.
    """
    import jax
    from jax.experimental.multihost_utils import broadcast_one_to_all

    content = np.frombuffer(json.dumps(value).encode(), np.uint8)
    size = int(broadcast_one_to_all(np.int32(len(content))))
    buffer = np.zeros(size, np.uint8)
    if jax.process_index() == 0:
        buffer[:] = content
    result: JsonT = json.loads(bytes(broadcast_one_to_all(buffer)))
    return result


def _redirect_native_stdout() -> None:
    """Send what native code prints to standard error: standard output is for the result."""
    stdout = sys.__stdout__
    if stdout is not None and sys.stdout is stdout and stdout.fileno() == 1:
        stdout.flush()
        sys.stdout = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)
