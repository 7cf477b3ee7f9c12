"""Labelled raw inputs, and their splits."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from plexus.codec import Arrays, Codec
from plexus.data.findings import Findings
from plexus.data.splits import split_rows

HELD_OUT = 10_000
"""A validation or test split larger than this tells nothing more, and takes time each epoch."""


@dataclass
class Examples:
    """Raw inputs and their labels; encoded once for a codec, and kept.

    Args:
        raws: an array, or a list of files, texts or rows.
        labels: one a raw input.
    """

    raws: Sequence[Any]
    labels: Sequence[str]
    _encoded: tuple[Codec, Arrays] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.raws)

    def encode(self, codec: Codec) -> Arrays:
        """The network's inputs for all of the examples."""
        if self._encoded is None or self._encoded[0] is not codec:
            self._encoded = codec, codec.encode(self.raws)
        return self._encoded[1]

    def take(self, rows: np.ndarray) -> Self:
        """The examples of those rows."""
        raws = self.raws[rows] if isinstance(self.raws, np.ndarray) else [self.raws[i] for i in rows]
        return type(self)(raws, [self.labels[i] for i in rows])


@dataclass
class Splits:
    """Examples to learn from, to choose by, and to measure on once.

    Args:
        parts: `train`, and `val` and `test` if the data came with them; what is missing is split off the rest,
            the same share of every label, by the seed.
        seed: of the splitting.
        findings: what was wrong with the data.
        licence: of the data, for the model card.
        val_share: of what is not for testing, if `val` is missing.
        whole: all of it, if it came without a test split but is divided already.
        protocol: how it was divided, for the model card, if the task's own words do not tell.
    """

    parts: dict[str, Examples]
    seed: int
    findings: Findings
    licence: str = "not stated"
    val_share: float = 0.1
    protocol: str | None = None
    whole: Examples | None = None

    def __post_init__(self) -> None:
        self.fingerprint = _fingerprint(self.parts)
        self._given = dict(self.parts)
        if "test" not in self.parts:
            self.parts["train"], self.parts["test"] = self._split(0.15)
        if "val" not in self.parts:
            self.parts["train"], self.parts["val"] = self._split(self.val_share)

    def __getitem__(self, split: str) -> Examples:
        if split == "unseen":
            return self._unseen()
        return self.parts[split]

    def count(self, split: str) -> int:
        """How many examples a split has."""
        return len(self[split])

    def _unseen(self) -> Examples:
        """For data that the model did not learn from: its test split, or all of it if it came without."""
        if self.whole is not None:
            return self.whole
        if "test" in self._given or len(self._given) > 1:
            return self.parts["test"]
        return self._given["train"]

    def _split(self, share: float) -> tuple[Examples, Examples]:
        whole = self.parts["train"]
        kept, held = split_rows(whole.labels, min(share, HELD_OUT / len(whole)), self.seed)
        return whole.take(kept), whole.take(held)


def identical(examples: Examples, known: Examples) -> np.ndarray:
    """Which of the examples have the very bytes of one that is known `(n,)`; their labels are not looked at."""
    there = set(map(_content, known.raws))
    return np.array([_content(raw) in there for raw in examples.raws], bool)


def _content(raw: Any) -> bytes:
    content = raw.read_bytes() if isinstance(raw, Path) else raw.encode() if isinstance(raw, str) else None
    return hashlib.sha256(np.ascontiguousarray(raw).data if content is None else content).digest()


def _fingerprint(parts: dict[str, Examples]) -> str:
    """A checksum of the raw inputs (of files: their names and sizes) and labels, in order."""
    digest = hashlib.sha256()
    for name, examples in sorted(parts.items()):
        digest.update(f"{name} {len(examples)}\n".encode())
        if isinstance(examples.raws, np.ndarray):
            digest.update(np.ascontiguousarray(examples.raws).data)
        else:
            for raw in examples.raws:
                digest.update(
                    f"{getattr(raw, 'name', raw)} {raw.stat().st_size if hasattr(raw, 'stat') else ''}\n".encode()
                )
        digest.update("\n".join(examples.labels).encode())
    return digest.hexdigest()
