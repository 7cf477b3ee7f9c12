"""Pictures to arrays, and logits to labels."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, Self

import numpy as np

from plexus import Codec, Examples, InputError
from plexus.answer import Label
from plexus.metrics import softmax
from plexus_vision.convention import Convention
from plexus_vision.pictures import read_picture, shape_of

LARGEST_SIDE = 96
ALTERNATIVES = 3


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
        shapes = [shape_of(raw) for raw in _sample(examples.raws)]
        colours = max(channels for _, _, channels in shapes)
        height, width = (int(side) for side in np.median([shape[:2] for shape in shapes], axis=0))
        longest = size or min(max(height, width), LARGEST_SIDE)
        scale = longest / max(height, width)
        shape = max(round(height * scale), 4), max(round(width * scale), 4), colours
        codec = cls(labels, shape)
        if colours == 1 and len(set(shapes)) == 1 and scale == 1:
            codec.convention = Convention.learn(codec.encode(_sample(examples.raws))["image"])
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
        if len(raws) < 8:
            return {"image": np.stack([self._encode_one(raw) for raw in raws])}
        with ThreadPoolExecutor() as pool:
            return {"image": np.stack(list(pool.map(self._encode_one, raws)))}

    def decode(self, outputs: dict[str, np.ndarray]) -> list[Label]:
        """The most probable label of each picture, and the next best."""
        answers = []
        for row in softmax(outputs["logits"], self.temperature):
            order = np.argsort(-row, kind="stable")[: ALTERNATIVES + 1]
            others = {self.labels[i]: round(float(row[i]), 6) for i in order[1:]}
            answers.append(
                Label(label=self.labels[order[0]], probability=round(float(row[order[0]]), 6), alternatives=others)
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
            grey = _in_channels(picture, 1)
            return grey if self.convention.holds_for(grey) else self.convention.bring(picture)
        return _resized(_in_channels(picture, self.shape[2]), self.shape)

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


def _sample(raws: Sequence[Any], most: int = 1000) -> list[Any]:
    """Evenly spread raws, so that every class and folder has its say."""
    return [raws[i] for i in np.unique(np.linspace(0, len(raws) - 1, min(most, len(raws))).astype(int))]


def _natural(label: str) -> tuple[bool, int, str]:
    return (False, int(label), label) if label.isdecimal() else (True, 0, label)


def _in_channels(picture: np.ndarray, channels: int) -> np.ndarray:
    if picture.shape[2] == channels:
        return picture
    if channels == 3:
        return picture.repeat(3, axis=2)
    weights = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as Pillow and OpenCV have it
    return np.rint(picture @ weights).astype(np.uint8)[..., None]


def _resized(picture: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Scaled, with anti-aliasing, to the height and width; proportions that differ are not kept."""
    if picture.shape == shape:
        return picture
    from PIL import Image

    image = Image.fromarray(picture[..., 0] if shape[2] == 1 else picture)
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BILINEAR, reducing_gap=3)).reshape(shape)
