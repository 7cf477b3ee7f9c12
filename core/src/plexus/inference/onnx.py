"""Running a network without a training framework."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.codec import Arrays

BATCH = 256


class Network:
    """A network's inputs to its outputs, in batches, by ONNX Runtime.

    Args:
        file: an ONNX file whose inputs and outputs are named.
        threads: of the CPU; 0: one a core.

    Raises:
        InputError: the file is not a network that ONNX Runtime can open.
    """

    def __init__(self, file: Path, threads: int = 0) -> None:
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf as error:
            raise InputError(f"{file} is not an ONNX network: {error}") from error
        self._names = [output.name for output in self._session.get_outputs()]

    def __call__(self, arrays: "Arrays") -> "Arrays":
        """The outputs, for inputs of any number."""
        rows = len(next(iter(arrays.values())))
        parts = [
            self._session.run(self._names, {name: values[start : start + BATCH] for name, values in arrays.items()})
            for start in range(0, max(rows, 1), BATCH)
        ]
        return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(self._names)}

    def signature(self) -> "tuple[list[Tensor], list[Tensor]]":
        """Inputs and outputs."""
        return list(map(_tensor, self._session.get_inputs())), list(map(_tensor, self._session.get_outputs()))


class Tensor(NamedTuple):
    """An input or an output: a size of -1 may be any; the kind is ONNX's word, as `float`."""

    name: str
    shape: list[int]
    kind: str


def _tensor(node: Any) -> Tensor:
    shape = [size if isinstance(size, int) else -1 for size in node.shape]
    return Tensor(node.name, shape, node.type.removeprefix("tensor(").removesuffix(")"))
