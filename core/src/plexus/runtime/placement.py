"""What a training computes on: backend, devices, threads, precision and seeds, set in one place."""

import os
import random
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.errors import InputError
from plexus.runtime.backend import chosen_backend, import_keras, muted
from plexus.runtime.memory import keep_memory

if TYPE_CHECKING:
    from plexus.options import Options


@dataclass(frozen=True)
class Placement:
    """Where a training computes.

    Args:
        devices: of all processes together, as Keras names them; each gets an equal share of every batch.
        processes, process: how many train together, and which of them this is; the first one writes.
        scope: a context in which the variables are made.
    """

    devices: tuple[str, ...]
    processes: int = 1
    process: int = 0
    scope: Callable[[], AbstractContextManager[Any]] = nullcontext

    @property
    def description(self) -> str:
        """The devices, counted: `1 CPU`, `8 GPUs of 2 processes`."""
        count, kind = len(self.devices), self.devices[0].partition(":")[0].upper()
        several = f" of {self.processes} processes" if self.processes > 1 else ""
        return f"{count} {kind}{'s' if count > 1 else ''}{several}"


def prepare_devices(options: "Options") -> Placement:
    """Make everything that follows a function of the options alone.

    Raises:
        InputError: the backend is not installed, or has not the devices that are asked for.
    """
    backend = chosen_backend(options.backend)
    if options.hosts != 1 and backend != "jax":
        raise InputError(f"--hosts {options.hosts} needs --backend jax: on {backend}, Keras trains on one machine")
    kind, _, indices = options.devices.partition(":")
    _hide(kind, indices)
    keep_memory()
    import_keras(backend)
    import keras

    # The learner's layers are built as it is called.
    warnings.filterwarnings("ignore", message=r"`build\(\)` was called on layer")
    # TensorFlow orders sums by the names of layers: the second training in a process is to have those of the first.
    keras.utils.clear_session(free_memory=False)  # it forgets the distribution, too
    placement = _PLACED[backend](kind, indices.split(",") if indices else [], options)
    _seed(backend, options.seed)
    policy = options.precision if options.precision == "float32" else f"mixed_{options.precision}"
    keras.mixed_precision.set_global_policy(policy)
    return placement


def _seed(backend: str, seed: int) -> None:
    """Keras draws its seeds with Python's generator; its own function would import TensorFlow beside JAX, for 8 s."""
    if backend == "tensorflow":
        import keras

        keras.utils.set_random_seed(seed)
        return
    random.seed(seed)
    np.random.seed(seed)  # what others draw from
    if backend == "torch":
        import torch

        torch.manual_seed(seed)


def _hide(kind: str, indices: str) -> None:
    """What is not to be used is hidden from the backend, before it is imported."""
    if kind == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
        os.environ["JAX_PLATFORMS"] = "cpu"
    elif kind == "gpu" and indices:
        os.environ["CUDA_VISIBLE_DEVICES"] = indices


def _on_tensorflow(kind: str, indices: list[str], options: "Options") -> Placement:
    import tensorflow as tf

    # Sums in a fixed order: what makes two runs agree to the last digit.
    tf.config.experimental.enable_op_determinism()
    if tf.config.threading.get_intra_op_parallelism_threads() != options.threads:
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    if kind == "tpu":
        raise InputError("--devices tpu needs --backend jax")
    if kind == "cpu" and len(indices) > 1:
        _divide_cpu(len(indices))
    with muted():
        devices = tf.config.list_logical_devices()
    found = _of_kind(kind, [device.name.removeprefix("/device:").lower() for device in devices])
    chosen = _chosen(kind, indices, found)
    if len(chosen) == 1:
        return Placement(chosen)
    strategy = tf.distribute.MirroredStrategy(chosen, cross_device_ops=_reduction(kind))
    return Placement(chosen, scope=strategy.scope)


def _reduction(kind: str) -> Any:
    """How gradients are summed: NCCL where there are several GPUs; it knows no others."""
    import tensorflow as tf

    return tf.distribute.ReductionToOneDevice() if kind == "cpu" else None


def _divide_cpu(count: int) -> None:
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    has = tf.config.get_logical_device_configuration(cpu)
    if len(has or [None]) < count:
        try:
            tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
        except RuntimeError as error:
            raise _too_late(count) from error


def _on_jax(kind: str, indices: list[str], options: "Options") -> Placement:
    import jax
    import keras

    if kind == "cpu" and len(indices) > 1:
        _divide_jax_cpu(len(indices))
    process, processes = _joined(options)
    found = _of_kind(kind, [f"{device.platform}:{device.id}" for device in jax.devices()])
    chosen = found if processes > 1 else _chosen(kind, indices, found)
    if len(chosen) == 1:
        keras.distribution.set_distribution(None)
    else:
        # Each process makes its own share of every batch: nothing is left for Keras to divide.
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=chosen, auto_shard_dataset=False))
    return Placement(chosen, processes, process)


def _divide_jax_cpu(count: int) -> None:
    import jax

    try:
        if jax.config.jax_num_cpu_devices < count:
            jax.config.update("jax_num_cpu_devices", count)
    except RuntimeError as error:
        raise _too_late(count) from error


def _joined(options: "Options") -> tuple[int, int]:
    """This process's number, and how many there are."""
    if options.hosts == 1:
        return 0, 1
    from plexus.runtime.processes import join

    return join(options.hosts)


def _on_torch(kind: str, indices: list[str], options: "Options") -> Placement:
    import torch

    if options.threads:
        torch.set_num_threads(options.threads)
    found = ("cuda:0",) if torch.cuda.is_available() and kind != "cpu" else ("cpu:0",)
    if kind in {"gpu", "tpu"} and found == ("cpu:0",):
        raise _missing(kind)
    if len(indices) > 1:
        raise InputError(f"--devices {options.devices}: on torch, Keras trains on one device; take --backend jax")
    return Placement(found)


_PLACED = {"tensorflow": _on_tensorflow, "jax": _on_jax, "torch": _on_torch}


def _of_kind(kind: str, names: list[str]) -> tuple[str, ...]:
    """The devices of a kind; of `auto` the accelerators, where there are any.

    Raises:
        InputError: there are none.
    """
    names = [name.replace("cuda:", "gpu:") for name in names]
    fast = tuple(name for name in names if not name.startswith("cpu"))
    if kind == "auto":
        return fast or tuple(names[:1])
    found = tuple(name for name in names if name.startswith(kind))
    if not found:
        raise _missing(kind)
    return found


def _chosen(kind: str, indices: list[str], found: tuple[str, ...]) -> tuple[str, ...]:
    if kind == "cpu":
        return found[: max(len(indices), 1)]
    if indices and len(found) < len(indices):
        raise InputError(f"--devices {kind}:{','.join(indices)}: there are {len(found)} of these, counted from 0")
    return found


def _missing(kind: str) -> InputError:
    return InputError(
        f"--devices {kind}: this machine has no {kind.upper()} that the backend can use; leave it out or say cpu"
    )


def _too_late(count: int) -> InputError:
    return InputError(f"--devices: this process has begun to compute with fewer than {count}; take another process")


def accelerators() -> list[str]:
    """The kinds of device that Keras sees: `cpu`, `gpu`, `tpu`."""
    import keras

    return sorted({name.split(":")[0] for name in keras.distribution.list_devices()} | {"cpu"})
