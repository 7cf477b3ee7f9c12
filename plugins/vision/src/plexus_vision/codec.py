"""Pictures to arrays, and logits to labels."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np

from plexus import Codec, Examples, InputError
from plexus.data.images import in_channels, in_shape, read_picture, shape_of, spread, suitable_shape
from plexus.metrics.classification import softmax
from plexus.prediction import LabelPrediction
from plexus_vision.convention import Convention

ALTERNATIVES = 3
FEW, SMALL = 8, 1 << 16
"""Pictures that are looked at for whether threads are worth their while, and the bytes of one that is read at once."""


class PictureCodec(Codec):
    """Pictures of any kind to bytes `(n, height, width, channels)`, and logits to calibrated labels.

    Args:
        labels: the classes, in the order of the network's outputs.
        shape: height, width and channels of the network's pictures.
        convention: the layout of the drawings learned from, if they share one.
        temperature: divides the logits (Guo et al. 2017).
    """

    def __init__(
        self,
        labels: Sequence[str],
        shape: tuple[int, int, int],
        convention: Convention | None = None,
        temperature: float = 1.0,
    ) -> None:
        self.labels, self.shape, self.convention, self.temperature = list(labels), shape, convention, temperature
        self._index = {label: i for i, label in enumerate(self.labels)}

    @classmethod
    def fit(cls, examples: Examples, size: int | None = None) -> Self:
        """Learn the classes, a size and the layout from the training examples."""
        labels = sorted(set(examples.labels), key=_natural)
        shape = suitable_shape(examples.raws, size)
        codec = cls(labels, shape)
        if shape[2] == 1 and {shape_of(raw) for raw in spread(examples.raws)} == {shape}:
            codec.convention = Convention.learn(codec.encode(spread(examples.raws))["image"])
        return codec

    def with_temperature(self, temperature: float) -> "PictureCodec":
        """The same codec, its confidence calibrated."""
        return PictureCodec(self.labels, self.shape, self.convention, temperature)

    def encode(self, raws: Sequence[Any]) -> dict[str, np.ndarray]:
        """Read pictures and bring them to the network's size: `image`, bytes `(n, height, width, channels)`.

        Args:
            raws: paths, bytes of files, or arrays; see `read_picture`.

        Raises:
            InputError: a picture cannot be read; the line names it.
        """
        if self._fits(raws):
            return {"image": raws}
        if len(raws) < FEW or not any(_takes_long(raw) for raw in raws[:FEW]):
            return {"image": np.stack([self._encode_one(raw) for raw in raws])}
        with ThreadPoolExecutor() as pool:
            return {"image": np.stack(list(pool.map(self._encode_one, raws)))}

    def decode(self, outputs: dict[str, np.ndarray]) -> list[LabelPrediction]:
        """The most probable label of each picture, and the next best."""
        answers = []
        for row in softmax(outputs["logits"], self.temperature):
            order = np.argsort(-row, kind="stable")[: ALTERNATIVES + 1]
            others = {self.labels[i]: round(float(row[i]), 6) for i in order[1:]}
            answers.append(
                LabelPrediction(
                    label=self.labels[order[0]], probability=round(float(row[order[0]]), 6), alternatives=others
                )
            )
        return answers

    def targets(self, labels: Sequence[str]) -> np.ndarray:
        """The classes' indices; for labels that are all numbers, where the classes have names, the numbers themselves.

        Raises:
            InputError: a label is not among those learned.
        """
        if self._are_indices(labels):
            return np.array([int(label) for label in labels], np.int32)
        strange = next((label for label in labels if label not in self._index), None)
        if strange is not None:
            known = ", ".join(self.labels[:12]) + (", …" if len(self.labels) > 12 else "")
            raise InputError(f"label {strange!r} is none of those that this model has learned: {known}")
        return np.array([self._index[label] for label in labels], np.int32)

    def _are_indices(self, labels: Sequence[str]) -> bool:
        distinct = set(labels)
        return not distinct & self._index.keys() and all(
            label.isdecimal() and int(label) < len(self.labels) for label in distinct
        )

    def _fits(self, raws: Sequence[Any]) -> bool:
        """Whether there is nothing to do."""
        if not isinstance(raws, np.ndarray) or raws.dtype != np.uint8 or raws.shape[1:] != self.shape:
            return False
        return self.convention is None or all(self.convention.holds_for(picture) for picture in raws)

    def _encode_one(self, raw: Any) -> np.ndarray:
        picture = read_picture(raw)
        if self.convention is not None:
            grey = in_channels(picture, 1)
            return grey if self.convention.holds_for(grey) else self.convention.bring(picture)
        return in_shape(picture, self.shape)

    def to_json(self) -> dict[str, Any]:
        """See `Codec.to_json`."""
        return {
            "labels": self.labels,
            "shape": list(self.shape),
            "convention": asdict(self.convention) if self.convention else None,
            "temperature": self.temperature,
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """See `Codec.from_json`."""
        convention = state["convention"]
        if convention is not None:
            convention = Convention(**convention | {"shape": tuple(convention["shape"])})
        return cls(state["labels"], tuple(state["shape"]), convention, state["temperature"])


def _takes_long(raw: Any) -> bool:
    """Whether it has to be fetched from a disk, or decoded from much."""
    return isinstance(raw, str | Path) or (isinstance(raw, bytes) and len(raw) > SMALL)


def _natural(label: str) -> tuple[bool, int, str]:
    return (False, int(label), label) if label.isdecimal() else (True, 0, label)
