"""Several processes, on one machine or many, that train as one: JAX's multi-controller runtime."""

import itertools
import json
import os
import sys
from typing import Any

from plexus.errors import InputError

ADDRESS, NUMBER = "JAX_COORDINATOR_ADDRESS", "JAX_PROCESS_ID"
"""Where the first process listens, as `host:port`, and which process this is, counted from 0: set by hand, or by Ray.
SLURM, Kubernetes, Open MPI and Cloud TPUs say it in their own way, which JAX reads."""
SILENCE = 20
"""Seconds after which a process that says nothing is taken for dead, and that one waits at its end for the others."""
WAITING = 24 * 3600
"""Seconds that processes wait for the first one, which measures and writes the bundle."""
_waits = itertools.count()


def join(hosts: int) -> tuple[int, int]:
    """Meet the other processes; the second time, nothing is done.

    Returns:
        This process's number, and how many there are.

    Raises:
        InputError: nothing says where the others are, or there are fewer or more.
    """
    import jax

    if not jax.distributed.is_initialized():
        _keep_standard_output()
        try:
            jax.distributed.initialize(
                os.environ.get(ADDRESS),
                hosts or None,
                int(os.environ[NUMBER]) if NUMBER in os.environ else None,
                heartbeat_timeout_seconds=SILENCE,
                shutdown_timeout_seconds=SILENCE,
            )
        except ValueError as error:
            raise InputError(
                f"--hosts {hosts}: nothing says where the others are: set {ADDRESS} (host:port of the first) and "
                f"{NUMBER} (from 0), or start it by SLURM, Kubernetes or with --on ray"
            ) from error
    process, processes = jax.process_index(), jax.process_count()
    if hosts and processes != hosts:
        raise InputError(f"--hosts {hosts}: there are {processes} processes")
    return process, processes


def wait_for_all() -> None:
    """Wait until all processes have come here: until the first one has written the bundle, say.

    Not a collective computation, which has time limits of its own, but the service that also notices the dead.
    """
    from jax._src.distributed import global_state

    global_state.client.wait_at_barrier(f"plexus-{next(_waits)}", timeout_in_ms=1000 * WAITING)


def _keep_standard_output() -> None:
    """What JAX's libraries print of their connections goes to standard error: standard output is the result's."""
    out = sys.__stdout__
    if out is not None and sys.stdout is out and out.fileno() == 1:
        out.flush()
        sys.stdout = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)


def broadcast_from_first_process(value: Any) -> Any:
    """The first process's value in all of them, of what JSON can say: so that all decide alike.

    Alone, it is the value itself.
    """
    import jax
    import numpy as np
    from jax.experimental.multihost_utils import broadcast_one_to_all

    said = np.frombuffer(json.dumps(value).encode(), np.uint8)
    size = int(broadcast_one_to_all(np.int32(len(said))))
    padded = np.zeros(size, np.uint8)
    if jax.process_index() == 0:
        padded[:] = said
    return json.loads(bytes(broadcast_one_to_all(padded)))
