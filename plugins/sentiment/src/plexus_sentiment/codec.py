"""Texts to the numbers of their n-grams and pieces, and logits to what a text feels."""

import base64
import re
from collections.abc import Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from plexus import Codec, InputError, Prediction
from plexus.metrics.calibration import softmax
from plexus_sentiment.duplicates import Fingerprints
from plexus_sentiment.ngrams import hashed_ngrams, padded
from plexus_sentiment.words import words_of

if TYPE_CHECKING:
    from plexus.codec import Arrays

LETTERS = (3, 6)
KNOWN = 0.5
"""Of a text's words, the share that training has to have seen for an answer to be sure."""
Mix = tuple[float, float, list[float]]
SURE = 0.6
"""The probability, of two classes, below which an answer is unsure."""


class Sentence(Prediction):
    """One sentence of a text, answered for alone."""

    text: str
    label: str
    probability: float


class Feeling(Prediction):
    """What a text feels.

    Attributes:
        label: the most probable; probability: how much, calibrated.
        probabilities: of every label.
        unsure: whether the text is empty, far from anything seen in training, or mixed.
        known: the share of its words that training has seen.
        expected: where labels are numbers in order, three or more: the mean of the probabilities, 3.7 stars.
        sentences: where there are several, what each of them feels alone.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    unsure: bool
    known: float
    expected: float | None = None
    sentences: tuple[Sentence, ...] = ()

    def __str__(self) -> str:
        told = f"{self.label}  {self.probability:.1%}"
        return f"unsure  ({told}; {self.known:.0%} of the words known)" if self.unsure else told


class TextCodec(Codec):
    """Everything that stands between a text and the network.

    Args:
        labels: in the order of the network's outputs.
        tokenizer: of the `tokenizers` library, as its JSON: pieces of words.
        words: the longest n-gram of words; gap: words between pairs; letters: whether their n-grams are there too.
        buckets: that n-grams are hashed to.
        seen: one bit a bucket of single words: whether training had one there.
        window: words read at once.
        fingerprints: of the texts that training saw.
        mix: what the logits of the n-grams and of the nets count, and the offset of each label.
        alone: the accuracy of a model without the unlabelled texts, if there were any.
    """

    def __init__(
        self,
        labels: Sequence[str],
        tokenizer: str,
        words: int,
        gap: int,
        letters: bool,
        buckets: int,
        seen: np.ndarray,
        window: int,
        fingerprints: Fingerprints,
        mix: Mix | None = None,
        alone: float | None = None,
    ) -> None:
        self.labels, self.tokenizer = list(labels), tokenizer
        self.words, self.gap, self.letters, self.buckets = words, gap, letters, buckets
        self.seen, self.window, self.fingerprints = seen, window, fingerprints
        self.mix = mix or (1.0, 1.0, [0.0] * len(labels))
        self.alone = alone

    @property
    def levels(self) -> np.ndarray | None:
        """The labels as numbers, if they are three or more whole numbers: stars."""
        ordered = len(self.labels) > 2 and all(map(is_level, self.labels))
        return np.array([int(label) for label in self.labels]) if ordered else None

    @property
    def vocabulary(self) -> int:
        """How many pieces of words there are."""
        return int(self._pieces.get_vocab_size())

    def windows(self, words: list[str]) -> list[list[str]]:
        """The words of a text, so many at once; at least one window, if an empty one."""
        return [words[start : start + self.window] for start in range(0, max(len(words), 1), self.window)]

    def encode(self, raws: Sequence[str]) -> "Arrays":
        """The first window of each text: `grams` and `pieces`, both whole numbers `(n, any)`, filled up with 0."""
        return self.encode_windows([self.windows(words_of(as_text(raw)))[0] for raw in raws])

    def encode_windows(self, windows: Sequence[list[str]]) -> "Arrays":
        """Arrays of windows of words, as of `encode`."""
        letters = LETTERS if self.letters else None
        owners, buckets = hashed_ngrams(windows, self.words, self.gap, letters, self.buckets)
        pieces = [encoding.ids for encoding in self._pieces.encode_batch_fast([" ".join(words) for words in windows])]
        wide = max(map(len, pieces), default=0)
        rows = np.zeros((len(windows), max(wide, 1)), np.int32)
        for row, ids in enumerate(pieces):
            rows[row, : len(ids)] = ids
        return {"grams": padded(owners, buckets, len(windows)), "pieces": rows}

    def probabilities(self, outputs: "Arrays") -> np.ndarray:
        """Of each label, calibrated: `(n, labels)`."""
        ngrams, nets, offsets = self.mix
        return softmax(ngrams * outputs["linear"] + nets * outputs["nets"].mean(axis=1) + np.array(offsets))

    def sentence(self, text: str, probabilities: np.ndarray) -> Sentence:
        """The answer to one sentence of several."""
        best = int(probabilities.argmax())
        return Sentence(text=text, label=self.labels[best], probability=float(probabilities[best]))

    def decode(self, outputs: "Arrays") -> list[Feeling]:
        """What each row feels, taking all of its words as known."""
        return [self.feeling(row, 1.0) for row in self.probabilities(outputs)]

    def feeling(self, probabilities: np.ndarray, known: float, sentences: tuple[Sentence, ...] = ()) -> Feeling:
        """The answer to one text, whose words are known to that share."""
        best = int(probabilities.argmax())
        even = 1 / len(self.labels)
        unsure = known < KNOWN or probabilities[best] < even + (SURE - 0.5) * 2 * (1 - even)
        return Feeling(
            label=self.labels[best],
            probability=float(probabilities[best]),
            probabilities={label: float(value) for label, value in zip(self.labels, probabilities, strict=True)},
            unsure=bool(unsure),
            known=known,
            expected=None if self.levels is None else float(probabilities @ self.levels),
            sentences=sentences,
        )

    def known(self, texts: Sequence[Sequence[str]]) -> np.ndarray:
        """The share of the different words of each text that training has seen `(n,)`; of a text without words, 0."""
        owners, buckets = hashed_ngrams(texts, 1, 0, None, self.buckets)
        counts = np.bincount(owners, minlength=len(texts))
        return np.bincount(owners, self.seen[buckets - 1], minlength=len(texts)) / np.maximum(counts, 1)

    def targets(self, labels: Sequence[str]) -> np.ndarray:
        """The labels' numbers.

        Raises:
            InputError: a label was not there in training.
        """
        numbers = {label: number for number, label in enumerate(self.labels)}
        strange = sorted(set(labels) - set(numbers))
        if strange:
            raise InputError(f"label {strange[0]!r} is none of the model's: {', '.join(self.labels)}")
        return np.array([numbers[label] for label in labels], np.int32)

    def with_mix(self, mix: Mix) -> Self:
        """The same, with what the two kinds of logits count."""
        mixed = copy(self)
        mixed.mix = mix
        return mixed

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "labels": self.labels,
            "tokenizer": self.tokenizer,
            "words": self.words,
            "gap": self.gap,
            "letters": self.letters,
            "buckets": self.buckets,
            "seen": base64.b64encode(np.packbits(self.seen).tobytes()).decode(),
            "window": self.window,
            "fingerprints": self.fingerprints.to_json(),
            "mix": list(self.mix),
            "alone": self.alone,
        }

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Self:
        """The codec that gave this state."""
        seen = np.unpackbits(np.frombuffer(base64.b64decode(state["seen"]), np.uint8))[: state["buckets"]].astype(bool)
        fingerprints = Fingerprints.from_json(state["fingerprints"])
        return cls(**state | {"seen": seen, "fingerprints": fingerprints, "mix": tuple(state["mix"])})

    @cached_property
    def _pieces(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_str(self.tokenizer)


def is_level(label: str) -> bool:
    """Whether a label is a whole number."""
    return re.fullmatch(r"-?[0-9]{1,9}", label) is not None


def as_text(raw: Any) -> str:
    """A raw input, which has to be a text.

    Raises:
        InputError: it is none.
    """
    if not isinstance(raw, str):
        raise InputError(f"a text is wanted, not {raw!r}")
    return raw
