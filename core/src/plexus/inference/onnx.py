"""Prediction with ONNX Runtime."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from plexus.codec import Arrays
from plexus.errors import InputError
from plexus.inference.cancellation import Cancellation
from plexus.inference.predictor import NETWORK, Predictor

if TYPE_CHECKING:
    import onnxruntime

BATCH_SIZE = 256
"""Inputs that a network computes at once."""


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
            InputError: If ONNX Runtime cannot open the network.
            InferenceCancelledError: If it was cancelled.
        """
        session, names = self._session(network)
        rows = len(next(iter(inputs.values())))
        parts = []
        for start in range(0, max(rows, 1), BATCH_SIZE):
            batch = {name: values[start : start + BATCH_SIZE] for name, values in inputs.items()}
            if cancellation is None:
                parts.append(session.run(names, batch))
            else:
                with cancellation.run_options() as options:
                    parts.append(session.run(names, batch, options))
        if len(parts) == 1:
            return dict(zip(names, parts[0], strict=True))
        return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(names)}

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
            self._session(name)

    def signature(self, network: str = NETWORK) -> tuple[list[Tensor], list[Tensor]]:
        """Return the inputs and outputs of a network.

        Args:
            network: Name of the network.

        Returns:
            Inputs and outputs.
        """
        session, _ = self._session(network)
        return list(map(_tensor, session.get_inputs())), list(map(_tensor, session.get_outputs()))

    def _open(self, network: str) -> "tuple[onnxruntime.InferenceSession, list[str]]":
        import onnxruntime

        file = self.files[network]
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = self.threads
        settings.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf as error:
            raise InputError(f"{file} is not an ONNX network: {error}") from error
        return session, [output.name for output in session.get_outputs()]


def _tensor(node: "onnxruntime.NodeArg") -> Tensor:
    shape = [size if isinstance(size, int) else -1 for size in node.shape]
    return Tensor(node.name, shape, node.type.removeprefix("tensor(").removesuffix(")"))
