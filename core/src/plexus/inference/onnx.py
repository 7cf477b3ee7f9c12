"""Prediction with ONNX Runtime."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from plexus.codec import Arrays
from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation
from plexus.inference.narrow_weights import widen_weights
from plexus.inference.onnx_file import inspect_onnx
from plexus.inference.predictor import NETWORK, Predictor
from plexus.inference.time_limit import TimeLimit
from plexus.utils.ordered_map import ordered_map
from plexus.utils.row_parts import available_cores

if TYPE_CHECKING:
    import onnxruntime

BATCH_SIZE, PARALLEL_BATCHES = 128, 2
"""Rows of a batch, and batches that are computed at the same time.

On two cores, two batches at the same time with one thread each take half of the time of one after the other with two
threads (measured with the network of `german_credit`): the threads of a batch wait for each other after each operation.
"""
MAX_LOOP_SECONDS = 60.0
"""Longest time that a network with loops computes a batch: an untrusted file may have one without an end."""
MAX_SECONDS = 600.0
"""Longest time that any other network computes a batch."""
MAX_OPENING_SECONDS = 60.0
"""Longest time in which ONNX Runtime prepares a network."""
MIN_MEMORY_LIMIT = 4 << 30
"""Networks may take so many bytes for what they compute, and half of the machine's memory if that is more."""
MAX_REASON = 300
"""Characters of ONNX Runtime's reason in an error message."""


class Tensor(NamedTuple):
    """An input or output of a network.

    Attributes:
        name: Its name.
        shape: Its shape; -1 stands for a free axis.
        kind: Element type as ONNX names it: `float`, `int32`.

    Example:
        ```python
        Tensor("image", [-1, 28, 28, 1], "uint8")
        ```
    """

    name: str
    shape: list[int]
    kind: str


class OnnxPredictor:
    """A `Predictor` that computes with ONNX Runtime; each network is opened when it is first used.

    It is opened again, with fewer threads, when it first computes several batches at the same time: an open network has
    a fixed number of threads.

    Args:
        files: The ONNX file of each network by name.
        threads: CPU threads; 0: one per core.

    Example:
        ```python
        predictor = OnnxPredictor({"network": Path("bundle/network.onnx")})
        predictor({"image": images})["logits"]
        ```
    """

    def __init__(self, files: Mapping[str, Path], threads: int = 0) -> None:
        self.files, self.threads = dict(files), threads
        self._session = cache(self._open)

    def __call__(self, inputs: Arrays, network: str = NETWORK, cancellation: Cancellation | None = None) -> Arrays:
        """Compute the outputs of a network.

        Args:
            inputs: The network's inputs by name.
            network: Name of the network.
            cancellation: Ends the computation from another thread; by default nothing does.

        Returns:
            The network's outputs by name.

        Raises:
            InputError: If ONNX Runtime cannot open the network or compute these inputs, or an output is NaN.
            InferenceCancelledError: If it was cancelled.
        """
        rows = len(next(iter(inputs.values())))
        in_parallel = rows > BATCH_SIZE and self.threads != 1
        session, names, has_loops = self._session(network, in_parallel)

        def compute(start: int) -> list[np.ndarray]:
            batch = {name: values[start : start + BATCH_SIZE] for name, values in inputs.items()}
            return _run(session, names, batch, cancellation, has_loops)

        with self._one_line(network, "cannot compute these inputs"):
            starts = range(0, max(rows, 1), BATCH_SIZE)
            parts = list(ordered_map(compute, starts, PARALLEL_BATCHES) if in_parallel else map(compute, starts))
        if len(parts) == 1:
            outputs = dict(zip(names, parts[0], strict=True))
        else:
            outputs = {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(names)}
        for name, values in outputs.items():
            if values.dtype.kind == "f" and np.isnan(values).any():
                raise InputError(f"{self.files[network]}: its output {name} is not a number (NaN) for these inputs")
        return outputs

    def cancelled_by(self, cancellation: Cancellation) -> Predictor:
        """Return a predictor with the same networks whose computations are ended by a cancellation.

        Args:
            cancellation: The cancellation.

        Returns:
            The predictor.
        """

        def predict(inputs: Arrays, network: str = NETWORK) -> Arrays:
            return self(inputs, network, cancellation)

        return predict

    def open(self) -> None:
        """Open all networks now.

        Raises:
            InputError: If ONNX Runtime cannot open one.
        """
        for name in self.files:
            self._session(name, False)

    def signature(self, network: str = NETWORK) -> tuple[list[Tensor], list[Tensor]]:
        """Return the inputs and outputs of a network.

        Args:
            network: Name of the network.

        Returns:
            Inputs and outputs.
        """
        session, _, _ = self._session(network, False)
        return list(map(_tensor, session.get_inputs())), list(map(_tensor, session.get_outputs()))

    def _open(self, network: str, shares_cores: bool) -> "tuple[onnxruntime.InferenceSession, list[str], bool]":
        import onnxruntime

        file = self.files[network]
        content = inspect_onnx(file)
        if content.has_external_data:
            raise InputError(f"{file} stores a part of its data in another file: export it as one file")
        settings = onnxruntime.SessionOptions()
        threads = self.threads or (available_cores() if shares_cores else 0)
        settings.intra_op_num_threads = -(-threads // PARALLEL_BATCHES) if shares_cores else threads
        settings.log_severity_level = 4  # errors are raised, and printed by who catches them
        settings.add_session_config_entry("session.use_env_allocators", "1")
        with self._one_line(network, "cannot be opened"), _limited_opening(settings):
            _limit_memory()
            model = widen_weights(file.read_bytes()) if content.has_narrow_weights else file
            # Folding would compute what depends on constants alone, without a limit of time; a run computes the same.
            session = onnxruntime.InferenceSession(
                model, settings, providers=["CPUExecutionProvider"], disabled_optimizers=["ConstantFolding"]
            )
            session._model_bytes = None  # kept for other providers, of which there are none
        return session, [output.name for output in session.get_outputs()], content.has_loops

    @contextmanager
    def _one_line(self, network: str, problem: str) -> Iterator[None]:
        """Convert the errors of ONNX Runtime, which have no common class, to one line."""
        from onnxruntime.capi import onnxruntime_pybind11_state as runtime

        names = "EPFail Fail InvalidArgument InvalidGraph InvalidProtobuf NoModel NotImplemented RuntimeException"
        kinds = tuple(getattr(runtime, name) for name in names.split())
        try:
            yield
        except (*kinds, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:MAX_REASON]
            if "smaller than requested bytes" in str(error):
                reason = f"it needs more than {_memory_limit():,} bytes of memory"
            raise InputError(f"{self.files[network]} {problem}: {reason}") from error


def _run(
    session: "onnxruntime.InferenceSession",
    names: Sequence[str],
    inputs: Arrays,
    cancellation: Cancellation | None,
    has_loops: bool,
) -> list[np.ndarray]:
    """Compute a batch; it ends if it is cancelled, and at the limit of time."""
    with (cancellation or Cancellation()).run_options() as options, _limited(options, has_loops):
        return list(session.run(names, inputs, options))


@contextmanager
def _limited(options: "onnxruntime.RunOptions", has_loops: bool) -> Iterator[None]:
    """End a run at the limit of time: ONNX Runtime looks at the flag before every operator."""
    seconds = MAX_LOOP_SECONDS if has_loops else MAX_SECONDS
    limit = TimeLimit(seconds, lambda: setattr(options, "terminate", True))
    try:
        with limit:
            yield
    except Exception as error:
        if limit.expired:
            raise RuntimeError(
                f"{'its loops have' if has_loops else 'it has'} not ended after {seconds:g} s"
            ) from error
        raise


@contextmanager
def _limited_opening(settings: "onnxruntime.SessionOptions") -> Iterator[None]:
    limit = TimeLimit(MAX_OPENING_SECONDS, lambda: settings.set_load_cancellation_flag(True))
    try:
        with limit:
            yield
    except Exception as error:
        if limit.expired:
            raise RuntimeError(f"it is not prepared after {MAX_OPENING_SECONDS:g} s") from error
        raise


@cache
def _limit_memory() -> None:
    """Limit the memory of all networks of this process, which have one allocator then."""
    import onnxruntime

    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(memory, onnxruntime.OrtArenaCfg({"max_mem": _memory_limit()}))


@cache
def _memory_limit() -> int:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return max(MIN_MEMORY_LIMIT, memory // 2)


def _tensor(node: "onnxruntime.NodeArg") -> Tensor:
    shape = [size if isinstance(size, int) else -1 for size in node.shape]
    return Tensor(node.name, shape, node.type.removeprefix("tensor(").removesuffix(")"))
