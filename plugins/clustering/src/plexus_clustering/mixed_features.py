"""Features of a table as clustering methods need them: numbers and one-hot categories apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True)
class MixedFeatures:
    """Rows of a table, with numbers and categories apart.

    The numbers are dequantized: noise of the width of their smallest step makes flags, ratings and rounded numbers
    continuous (uniform dequantization, Theis, van den Oord, Bethge 2016, arXiv:1511.01844). Without it, a normal
    distribution gains without bound from a component in which a number is constant.

    Args:
        encoded: All features as they are encoded, shape `(n, features)`.
        numbers: The dequantized numbers, of unit variance, shape `(n, numbers)`.
        one_hot: The categories as zeros and ones, shape `(n, categories)`.
        fields: Columns of `one_hot` that are categories of the same column of the table.

    Example:
        ```python
        features = MixedFeatures.split(encoder.encode(table)["x"], encoder.fields, seed=0)
        ```
    """

    encoded: np.ndarray
    numbers: np.ndarray
    one_hot: np.ndarray
    fields: Sequence[slice]

    def __len__(self) -> int:
        return len(self.encoded)

    @classmethod
    def split(cls, encoded: np.ndarray, fields: Sequence[slice], seed: int) -> Self:
        """Split encoded features.

        Args:
            encoded: Features of similar scale, shape `(n, features)`.
            fields: Columns of the features that are categories of the same column of the table.
            seed: Random seed of the noise.

        Returns:
            The numbers and the categories.
        """
        encoded = encoded.astype(np.float64)
        places = [np.arange(encoded.shape[1])[field] for field in fields]
        is_number = np.ones(encoded.shape[1], bool)
        for place in places:
            is_number[place] = False
        one_hot = np.concatenate([encoded[:, :0], *(encoded[:, place] > 0 for place in places)], axis=1)
        ends = np.cumsum([len(place) for place in places], dtype=int)
        columns = [slice(end - len(place), end) for end, place in zip(ends.tolist(), places, strict=True)]
        return cls(encoded, _dequantized(encoded[:, is_number], seed), one_hot.astype(np.float64), columns)

    def take(self, rows: np.ndarray) -> Self:
        """Select rows.

        Args:
            rows: Their indices.

        Returns:
            The features of these rows.
        """
        return type(self)(self.encoded[rows], self.numbers[rows], self.one_hot[rows], self.fields)


def _dequantized(numbers: np.ndarray, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    steps = np.array([np.diff(np.unique(column)).min(initial=np.inf) for column in numbers.T])
    noisy = numbers + generator.uniform(-0.5, 0.5, numbers.shape) * np.where(np.isfinite(steps), steps, 0)
    spread = noisy.std(axis=0)
    return np.asarray((noisy - noisy.mean(axis=0)) / np.where(spread > 0, spread, 1))
