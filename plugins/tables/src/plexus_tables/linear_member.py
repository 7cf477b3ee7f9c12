"""Linear models of a cross-validation, as arrays."""

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus.metrics.calibration import softmax
from plexus.utils.packed_array import pack, unpack


class LinearMember:
    """A linear model per fold: logistic regression for labels, ridge regression for numbers.

    The fitted numbers are stored, not scikit-learn's objects: prediction imports NumPy alone.

    Args:
        kernel: Coefficients of `numbers` and `indicators`, shape `(folds, features, outputs)`.
        bias: Shape `(folds, outputs)`.
        tables: For each column of `codes` the coefficients of its codes, shape `(codes, folds, outputs)`.

    Example:
        ```python
        member = LinearMember(np.zeros((5, 30, 2)), np.zeros((5, 2)), [])
        member.predict(encoder.encode(rows)).shape  # (n, 5, 2)
        ```
    """

    def __init__(self, kernel: np.ndarray, bias: np.ndarray, tables: Sequence[np.ndarray]) -> None:
        self.kernel, self.bias, self.tables = kernel, bias, list(tables)

    @property
    def folds(self) -> int:
        """Number of folds."""
        return len(self.kernel)

    def predict(self, arrays: Arrays) -> np.ndarray:
        """Compute probabilities or standardized numbers.

        Args:
            arrays: The arrays of the encoder.

        Returns:
            Array of shape `(n, folds, outputs)`.
        """
        values = np.einsum("nd,fdo->nfo", dense_features(arrays), self.kernel, optimize=True) + self.bias
        for column, table in enumerate(self.tables):
            values = values + table[arrays["codes"][:, column]]
        return softmax(values) if values.shape[-1] > 1 else values

    def to_json(self) -> JsonObject:
        """Return the numbers as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        arrays = self.kernel, self.bias, *self.tables
        kernel, bias, *tables = (pack(array.astype(np.float32)) for array in arrays)
        return {"kernel": kernel, "bias": bias, "tables": tables}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create the model from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The model.

        Raises:
            ValueError: If the shapes do not belong together, or a number is not finite.
        """
        kernel, bias = unpack(state["kernel"], np.float32), unpack(state["bias"], np.float32)
        tables = [unpack(table, np.float32) for table in state["tables"]]
        if kernel.ndim != 3 or any(array.shape[-2:] != (len(kernel), kernel.shape[2]) for array in (bias, *tables)):
            raise ValueError("linear: the shapes of kernel, bias and tables do not belong together")
        if not all(np.isfinite(array).all() for array in (kernel, bias, *tables)):
            raise ValueError("linear: a coefficient is not a finite number")
        return cls(kernel, bias, tables)

    def check(self, features: Mapping[str, int], code_sizes: Sequence[int], outputs: int) -> None:
        """Check that the numbers are those of an encoder.

        Args:
            features: Number of features in each array of the encoder.
            code_sizes: Number of codes of each column of `codes`.
            outputs: Number of outputs.

        Raises:
            ValueError: If they are not.
        """
        dense = sum(count for name, count in features.items() if name != "codes")
        shapes = self.kernel.shape[1:], [table.shape for table in self.tables]
        if shapes != ((dense, outputs), [(size, self.folds, outputs) for size in code_sizes]) or self.bias.ndim != 2:
            raise ValueError(f"linear: expected {dense} features, {len(code_sizes)} tables, {outputs} outputs")


def dense_features(arrays: Arrays) -> np.ndarray:
    """Return `numbers` and `indicators` side by side.

    Args:
        arrays: The arrays of the encoder.

    Returns:
        Array of shape `(n, features)`, float32; without features if there are codes alone.
    """
    parts = [arrays[name] for name in ("numbers", "indicators") if name in arrays]
    return np.concatenate(parts, axis=1) if parts else np.zeros((len(arrays["codes"]), 0), np.float32)
