"""Running a network without a training framework."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.codec import Arrays

BATCH = 256


def open_session(file: Path, threads: int = 0) -> "Callable[[Arrays], Arrays]":
    """A function from a network's inputs to its outputs, in batches, by ONNX Runtime.

    Args:
        file: an ONNX file whose inputs and outputs are named.
        threads: of the CPU; 0: one a core.

    Raises:
        InputError: the file is not a network that ONNX Runtime can open.
    """
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
    except onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf as error:
        raise InputError(f"{file} is not an ONNX network: {error}") from error
    names = [output.name for output in session.get_outputs()]

    def run(arrays: "Arrays") -> "Arrays":
        rows = len(next(iter(arrays.values())))
        parts = [
            session.run(names, {name: values[start : start + BATCH] for name, values in arrays.items()})
            for start in range(0, max(rows, 1), BATCH)
        ]
        return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(names)}

    return run
