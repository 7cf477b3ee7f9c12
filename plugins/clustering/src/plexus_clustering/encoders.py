"""Rows, pictures and texts as arrays."""

import base64
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from plexus import InputError
from plexus.data.images import read_image, resize
from plexus_clustering.columns import Column, fit_columns

if TYPE_CHECKING:
    import polars as pl

    from plexus.data.findings import Findings


class Encoder(Protocol):
    """Raw inputs to the network's one input: `x` (floats, a row an input) or `image` (bytes)."""

    kind: str
    shape: tuple[int, ...]
    features: list[str]
    """What the numbers of `x` stand for; none for pictures and texts."""

    def encode(self, raws: Any) -> dict[str, np.ndarray]:
        """Arrays of raw inputs; raises InputError."""

    def to_json(self) -> dict[str, Any]:
        """All that `from_json` needs."""


class TableEncoder:
    """The columns of a table, standardised; categories as one column each.

    Args:
        columns: those that are used.
    """

    kind = "table"

    def __init__(self, columns: list[Column]) -> None:
        self.columns = columns
        self.features = [feature for column in columns for feature in column.features()]
        self.shape = (len(self.features),)

    @classmethod
    def fit(cls, table: "pl.DataFrame", findings: "Findings") -> Self:
        """Learn the columns; what is left out or repaired goes into the findings; raises InputError."""
        return cls(fit_columns(table, findings))

    def encode(self, raws: Any) -> dict[str, np.ndarray]:
        """`x`, floats `(n, features)`, of a table or of a sequence of rows as dictionaries; raises InputError."""
        table = _as_table(raws)
        return {"x": np.concatenate([column.encode(table) for column in self.columns], axis=1)}

    def to_json(self) -> dict[str, Any]:
        """See `Encoder`."""
        return {"kind": self.kind, "columns": [column.to_json() for column in self.columns]}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The encoder that gave this state."""
        return cls([Column(**column) for column in state["columns"]])


def _as_table(raws: Any) -> "pl.DataFrame":
    import polars as pl

    if isinstance(raws, pl.DataFrame):
        return raws
    strange = next((row for row in raws if not isinstance(row, dict)), None)
    if strange is not None:
        raise InputError(f'{strange!r} is not a row: a table, or a row as JSON, {{"column": value}}, is wanted')
    names = dict.fromkeys(name for row in raws for name in row)
    as_text = {name: [None if row.get(name) is None else str(row[name]) for row in raws] for name in names}
    return pl.DataFrame(as_text, schema=dict.fromkeys(names, pl.String))


class PictureEncoder:
    """Pictures at one size.

    Args:
        shape: height, width, channels.
    """

    kind = "pictures"
    features: list[str] = []

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape

    def encode(self, raws: Any) -> dict[str, np.ndarray]:
        """`image`, bytes `(n, height, width, channels)`, of files, bytes or arrays; raises InputError."""
        if isinstance(raws, np.ndarray) and raws.dtype == np.uint8 and raws.shape[1:] == self.shape:
            return {"image": raws}
        return {"image": np.stack([resize(read_image(raw), self.shape) for raw in raws])}

    def to_json(self) -> dict[str, Any]:
        """See `Encoder`."""
        return {"kind": self.kind, "shape": list(self.shape)}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The encoder that gave this state."""
        return cls(tuple(state["shape"]))


class TextEncoder:
    """Texts as the hashed words they have, weighted by how rare these are, to unit length.

    Args:
        weights: the inverse document frequency of each bucket, the logarithm of Spärck Jones 1972.
    """

    kind = "texts"
    features: list[str] = []
    BUCKETS = 1024

    def __init__(self, weights: np.ndarray) -> None:
        self.weights = weights.astype(np.float32)
        self.shape = (len(weights),)

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Self:
        """Learn how rare words are."""
        documents = (cls._counts(texts) > 0).sum(axis=0)
        return cls(np.log((1 + len(texts)) / (1 + documents)) + 1)

    def encode(self, raws: Any) -> dict[str, np.ndarray]:
        """`x`, floats `(n, BUCKETS)`."""
        weighted = np.log1p(self._counts(raws)) * self.weights
        return {"x": weighted / np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-6)}

    @classmethod
    def _counts(cls, texts: Sequence[str]) -> np.ndarray:
        counts = np.zeros((len(texts), cls.BUCKETS), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                counts[row, zlib.crc32(word.strip(".,;:!?\"'()[]").encode()) % cls.BUCKETS] += 1
        return counts

    def to_json(self) -> dict[str, Any]:
        """See `Encoder`."""
        return {"kind": self.kind, "weights": base64.b64encode(self.weights.tobytes()).decode()}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The encoder that gave this state."""
        return cls(np.frombuffer(base64.b64decode(state["weights"]), np.float32))


ENCODERS = {encoder.kind: encoder for encoder in (TableEncoder, PictureEncoder, TextEncoder)}
