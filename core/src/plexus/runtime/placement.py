"""Backend, devices, threads, precision and seeds of a training, set in one place."""

import os
import random
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError
from plexus.runtime.backend import import_keras, resolve_backend, stderr_silenced
from plexus.runtime.memory import keep_memory
from plexus.runtime.processes import join_processes

if TYPE_CHECKING:
    import tensorflow as tf

    from plexus.options import Options


@dataclass(frozen=True)
class Placement:
    """The devices and processes of a training.

    Args:
        devices: Devices of all processes together, as Keras names them; each gets an equal part of every batch.
        processes: Number of processes that train together.
        process: Number of this process, from 0; process 0 writes the files.
        scope: Returns a context in which variables are created.

    Example:
        ```python
        placement = prepare_devices(options)
        with placement.scope():
            network = task.build_network(codec, options)
        ```
    """

    devices: tuple[str, ...]
    processes: int = 1
    process: int = 0
    scope: Callable[[], AbstractContextManager[object]] = nullcontext

    @property
    def description(self) -> str:
        """The devices, counted: `1 CPU`, `8 GPUs of 2 processes`."""
        count, kind = len(self.devices), self.devices[0].partition(":")[0].upper()
        processes = f" of {self.processes} processes" if self.processes > 1 else ""
        return f"{count} {kind}{'s' if count > 1 else ''}{processes}"


def prepare_devices(options: "Options") -> Placement:
    """Import Keras and set devices, threads, precision and seeds, so that a training depends on its options alone.

    Args:
        options: The options of the training.

    Returns:
        The placement.

    Raises:
        InputError: If the backend or a device is not available.
    """
    backend = resolve_backend(options.backend)
    if options.hosts != 1 and backend != "jax":
        raise InputError(f"--hosts {options.hosts} needs --backend jax: on {backend}, Keras trains on one machine")
    kind, _, indices = options.devices.partition(":")
    _hide_devices(kind, indices)
    keep_memory()
    import_keras(backend)
    import keras

    # The learner's layers are built when it is called.
    warnings.filterwarnings("ignore", message=r"`build\(\)` was called on layer")
    # TensorFlow orders sums by the names of layers: a second training in a process has to use the same names. This also
    # removes the distribution.
    keras.utils.clear_session(free_memory=False)
    placement = _PREPARE[backend](kind, indices.split(",") if indices else [], options)
    _set_seed(backend, options.seed)
    policy = options.precision if options.precision == "float32" else f"mixed_{options.precision}"
    keras.mixed_precision.set_global_policy(policy)
    return placement


def accelerators() -> list[str]:
    """Return the kinds of devices that Keras can use.

    Returns:
        `cpu`, and `gpu` or `tpu` if there are any; sorted.
    """
    import keras

    return sorted({name.split(":")[0] for name in keras.distribution.list_devices()} | {"cpu"})


def _set_seed(backend: str, seed: int) -> None:
    """Seed the generators. Keras's own function imports TensorFlow on every backend, which takes 8 s."""
    if backend == "tensorflow":
        import keras

        keras.utils.set_random_seed(seed)
        return
    random.seed(seed)  # Keras draws the seeds of its layers with it
    np.random.seed(seed)
    if backend == "torch":
        import torch

        torch.manual_seed(seed)


def _hide_devices(kind: str, indices: str) -> None:
    """Hide unused devices from the backend, before it is imported."""
    if kind == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        os.environ["JAX_PLATFORMS"] = "cpu"
    elif kind == "gpu" and indices:
        os.environ["CUDA_VISIBLE_DEVICES"] = indices


def _prepare_tensorflow(kind: str, indices: list[str], options: "Options") -> Placement:
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    if tf.config.threading.get_intra_op_parallelism_threads() != options.threads:
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    if kind == "tpu":
        raise InputError("--devices tpu needs --backend jax")
    if kind == "cpu" and len(indices) > 1:
        _split_tensorflow_cpu(len(indices))
    with stderr_silenced():
        names = [device.name.removeprefix("/device:").lower() for device in tf.config.list_logical_devices()]
    devices = _select(kind, indices, _of_kind(kind, names))
    if len(devices) == 1:
        return Placement(devices)
    strategy = tf.distribute.MirroredStrategy(devices, cross_device_ops=_cross_device_ops(kind))
    return Placement(devices, scope=strategy.scope)


def _cross_device_ops(kind: str) -> "tf.distribute.CrossDeviceOps | None":
    """Return how gradients are summed: the default, NCCL, supports GPUs only."""
    import tensorflow as tf

    return tf.distribute.ReductionToOneDevice() if kind == "cpu" else None


def _split_tensorflow_cpu(count: int) -> None:
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    configuration = tf.config.get_logical_device_configuration(cpu)
    if len(configuration or [None]) < count:
        try:
            tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
        except RuntimeError as error:
            raise _initialized_with_fewer(count) from error


def _prepare_jax(kind: str, indices: list[str], options: "Options") -> Placement:
    import jax
    import keras

    if kind == "cpu" and len(indices) > 1:
        _split_jax_cpu(len(indices))
    process, processes = (0, 1) if options.hosts == 1 else join_processes(options.hosts)
    available = _of_kind(kind, [f"{device.platform}:{device.id}" for device in jax.devices()])
    devices = available if processes > 1 else _select(kind, indices, available)
    distribution = None
    if len(devices) > 1:
        # Each process makes its own part of every batch, so that Keras has nothing to divide.
        distribution = keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)
    keras.distribution.set_distribution(distribution)
    return Placement(devices, processes, process)


def _split_jax_cpu(count: int) -> None:
    import jax

    try:
        if jax.config.jax_num_cpu_devices < count:
            jax.config.update("jax_num_cpu_devices", count)
    except RuntimeError as error:
        raise _initialized_with_fewer(count) from error


def _prepare_torch(kind: str, indices: list[str], options: "Options") -> Placement:
    import torch

    if options.threads:
        torch.set_num_threads(options.threads)
    device = "cuda:0" if torch.cuda.is_available() and kind != "cpu" else "cpu:0"
    if kind in {"gpu", "tpu"} and device == "cpu:0":
        raise _not_available(kind)
    if len(indices) > 1:
        raise InputError(f"--devices {options.devices}: on torch, Keras trains on one device; pass --backend jax")
    return Placement((device,))


_PREPARE = {"tensorflow": _prepare_tensorflow, "jax": _prepare_jax, "torch": _prepare_torch}


def _of_kind(kind: str, names: list[str]) -> tuple[str, ...]:
    """Return the devices of a kind; for `auto` the accelerators if there are any, else the first CPU."""
    names = [name.replace("cuda:", "gpu:") for name in names]
    if kind == "auto":
        return tuple(name for name in names if not name.startswith("cpu")) or tuple(names[:1])
    devices = tuple(name for name in names if name.startswith(kind))
    if not devices:
        raise _not_available(kind)
    return devices


def _select(kind: str, indices: list[str], devices: tuple[str, ...]) -> tuple[str, ...]:
    """Return as many CPUs as there are indices; for GPUs all, because others are hidden."""
    if kind == "cpu":
        return devices[: max(len(indices), 1)]
    if indices and len(devices) < len(indices):
        raise InputError(f"--devices {kind}:{','.join(indices)}: there are {len(devices)} of them, counted from 0")
    return devices


def _not_available(kind: str) -> InputError:
    return InputError(
        f"--devices {kind}: this machine has no {kind.upper()} that the backend can use; pass --devices cpu"
    )


def _initialized_with_fewer(count: int) -> InputError:
    return InputError(
        f"--devices: the backend of this process has fewer than {count} devices already; start another process"
    )
