"""Small networks that learned the predictions of the ensemble, as arrays."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus.metrics.calibration import softmax
from plexus.utils.packed_array import pack, unpack
from plexus.utils.row_parts import map_rows
from plexus_tables.linear_member import dense_features

PART = 2048
"""Rows that are computed at once, so that the units stay in the cache of the processor."""
MAX_UNITS = 4096
"""Largest number of units of a layer, by which the memory of a prediction is bounded."""


class Layer(NamedTuple):
    """A dense layer of each fold.

    Attributes:
        kernel: Shape `(folds, inputs, units)`.
        bias: Shape `(folds, units)`.

    Example:
        ```python
        Layer(np.zeros((5, 30, 64), np.float32), np.zeros((5, 64), np.float32))
        ```
    """

    kernel: np.ndarray
    bias: np.ndarray


class StudentMember:
    """A multilayer perceptron per fold that learned the predictions of the ensemble of the fold.

    They are stored as arrays: prediction imports NumPy alone.

    Args:
        layers: The layers, all but the last one with ReLU. The last one computes logits, or standardized numbers. The
            inputs of the first one are `numbers`, `indicators` and, of each column of `codes`, an indicator of each
            code but 0.
        code_sizes: Number of codes of each column of `codes`.

    Example:
        ```python
        member = fit_student(teacher, rows, seed=0)
        member.predict(encoder.encode(rows)).shape  # (n, 5, 2)
        ```
    """

    def __init__(self, layers: Sequence[Layer], code_sizes: Sequence[int]) -> None:
        self.layers, self.code_sizes = list(layers), list(code_sizes)
        kernel = self.layers[0].kernel.transpose(1, 0, 2).reshape(self.layers[0].kernel.shape[1], -1)
        dense = len(kernel) - sum(size - 1 for size in code_sizes)
        # The first layer of all folds is one product, which takes a third of the time of one per fold.
        self._dense, *tables = np.split(kernel, dense + np.cumsum([0, *(size - 1 for size in code_sizes)])[:-1])
        self._tables = [np.pad(table, ((1, 0), (0, 0))) for table in tables]

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(self.layers[0].kernel)

    def predict(self, arrays: Arrays) -> np.ndarray:
        """Compute probabilities or standardized numbers.

        Args:
            arrays: The arrays of the encoder.

        Returns:
            Array of shape `(n, folds, outputs)`.
        """
        dense = dense_features(arrays)
        codes = arrays.get("codes", np.empty((len(dense), 0), np.int32))
        values = map_rows(lambda part: self._values(dense[part], codes[part]), len(dense), PART)
        return softmax(values) if values.shape[-1] > 1 else values

    def to_json(self) -> JsonObject:
        """Return the layers as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        layers = [{"kernel": pack(layer.kernel), "bias": pack(layer.bias)} for layer in self.layers]
        return {"layers": layers, "code_sizes": self.code_sizes}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the member from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The member.

        Raises:
            ValueError: If the shapes do not belong together, a layer is too wide, or a number is not finite.
        """
        layers = [Layer(*(unpack(layer[name], np.float32) for name in Layer._fields)) for layer in state["layers"]]
        if any(layer.kernel.ndim != 3 or layer.bias.shape != layer.kernel.shape[::2] for layer in layers):
            raise ValueError("student: a kernel and a bias do not belong together")
        shapes = [layer.kernel.shape for layer in layers]
        if any(units > MAX_UNITS for _, _, units in shapes):
            raise ValueError(f"student: expected at most {MAX_UNITS:,} units in a layer")
        if any((folds, units) != after[:2] for (folds, _, units), after in pairwise(shapes)):
            raise ValueError("student: the layers do not belong together")
        if shapes[0][1] < sum(size - 1 for size in state["code_sizes"]):
            raise ValueError("student: the first layer has fewer inputs than codes")
        if not all(np.isfinite(array).all() for layer in layers for array in layer):
            raise ValueError("student: a weight is not a finite number")
        return cls(layers, state["code_sizes"])

    def check(self, features: Mapping[str, int], code_sizes: Sequence[int], outputs: int) -> None:
        """Check that the layers are those of an encoder.

        Args:
            features: Number of features in each array of the encoder.
            code_sizes: Number of codes of each column of `codes`.
            outputs: Number of outputs.

        Raises:
            ValueError: If they are not.
        """
        dense = sum(count for name, count in features.items() if name != "codes")
        expected = dense, list(code_sizes), outputs
        if (len(self._dense), self.code_sizes, self.layers[-1].kernel.shape[2]) != expected:
            raise ValueError(f"student: expected {dense} features, {len(code_sizes)} tables, {outputs} outputs")

    def _values(self, dense: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """Return the outputs of the last layer, shape `(n, folds, outputs)`."""
        x = dense @ self._dense
        for column, table in enumerate(self._tables):
            x += table[codes[:, column]]
        first, *others = self.layers
        x = x.reshape(len(x), *first.bias.shape).transpose(1, 0, 2) + first.bias[:, None]
        for layer in others:
            x = np.matmul(np.maximum(x, 0, out=x), layer.kernel)
            x += layer.bias[:, None]
        return np.asarray(x.transpose(1, 0, 2))
