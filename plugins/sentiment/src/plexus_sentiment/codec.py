"""Conversion between texts, hashed n-grams and tokens, and sentiment predictions."""

import base64
import math
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import asdict
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus import ClassificationCodec, InputError
from plexus.codec import Arrays, Input, JsonObject
from plexus.metrics.calibration import softmax
from plexus.tasks.classification_codec import sort_labels
from plexus_sentiment.codec_state import TextState
from plexus_sentiment.duplicates import TextFingerprints
from plexus_sentiment.examples import TextExamples
from plexus_sentiment.ngrams import NgramHasher, pad_rows
from plexus_sentiment.options import ClassifyOptions
from plexus_sentiment.prediction import SentimentPrediction
from plexus_sentiment.pretrained import load_tokenizer
from plexus_sentiment.stacking import Stacking
from plexus_sentiment.tokenization import split_canonical_words, split_words
from plexus_sentiment.tokenizer import read_tokenizer, train_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MIN_KNOWN = 0.5
"""Fraction of known words below which a prediction is unsure."""
MIN_LEAD = 0.2
"""Fraction of the way from equal probabilities to 1 below which a prediction is unsure: of two classes, 0.6."""
SHORT_TEXT = 100
"""Mean number of words up to which n-grams of characters and skip-grams improve accuracy enough for their cost, and
small networks are enough."""
DEFAULT_GAP = 5
END_WORDS = 20
"""Words at the end of a window of long texts whose n-grams have buckets of their own; of 10, 20 and 40, 20 had the best
accuracy in five-fold cross-validation on film reviews, 0.27 points more than without."""
SHORT_VOCABULARY, LONG_VOCABULARY = 8_000, 20_000
"""Default vocabulary sizes for short and for long texts."""
MIN_BUCKET_BITS, MAX_BUCKET_BITS = 12, 23
WINDOW, PRESET_WINDOW = 400, 100
"""Default words per window: those for a preset have about as many tokens as the longest passage it is trained on."""


class TextCodec(ClassificationCodec):
    """Texts of any length to windows of hashed n-grams and tokens, and logits to predictions.

    A text is split into windows of `window` words; the network computes each window, and `pool_windows` combines them.
    N-grams are those of sections of `ngram_windows` windows: a transformer is slow on long windows, a linear classifier
    is more accurate with them. Probabilities are calibrated by stacking in place of a temperature.

    Args:
        labels: The labels in the order of the network's outputs.
        tokenizer: A tokenizer of the library `tokenizers`, as its JSON.
        ngrams: The hasher of n-grams.
        seen_words: Whether training saw a word of each bucket, shape `(buckets,)`.
        window: Words per window.
        fingerprints: Fingerprints of the training texts.
        stacking: Weights of the two kinds of logits; equal weights before calibration.
        teacher_accuracy: Accuracy of the model without the unlabelled texts; None if there were none.
        canonical: Whether texts are split in their canonical form; not by bundles of before it was added.
        preset: Name of the pretrained encoder; None for networks that start from random weights.
        ngram_windows: Number of windows per section.

    Example:
        ```python
        codec = TextCodec.fit(dataset["train"], options)
        codec.encode(["A warm, funny film."])["pieces"].shape
        ```
    """

    state = TextState

    def __init__(
        self,
        labels: Sequence[str],
        tokenizer: str,
        ngrams: NgramHasher,
        seen_words: np.ndarray,
        window: int,
        fingerprints: TextFingerprints,
        stacking: Stacking | None = None,
        teacher_accuracy: float | None = None,
        canonical: bool = True,
        preset: str | None = None,
        ngram_windows: int = 1,
    ) -> None:
        super().__init__(labels)
        self.tokenizer, self.ngrams, self.seen_words, self.window = tokenizer, ngrams, seen_words, window
        self.fingerprints, self.teacher_accuracy, self.canonical = fingerprints, teacher_accuracy, canonical
        self.preset, self.ngram_windows = preset, ngram_windows
        self.stacking = stacking or Stacking.constant(1.0, 1.0, [0.0] * len(labels))

    @classmethod
    def fit(cls, examples: TextExamples, options: ClassifyOptions) -> Self:
        """Fit labels, tokenizer, known words and fingerprints on training texts.

        Args:
            examples: The training texts.
            options: The options.

        Returns:
            The codec.

        Raises:
            InputError: If the preset cannot be loaded.
        """
        words = [split_canonical_words(text) for text in examples.inputs]
        is_short = sum(map(len, words)) / len(words) <= SHORT_TEXT
        ngrams = _suitable_ngrams(sum(map(len, words)), is_short, options)
        seen_words, window, ngram_windows = np.zeros(ngrams.buckets, bool), options.window or WINDOW, 1
        seen_words[ngrams.unigrams().hash(words)[1] - 1] = True
        if options.preset is None:
            size = options.vocabulary_size or (SHORT_VOCABULARY if is_short else LONG_VOCABULARY)
            tokenizer = train_tokenizer([" ".join(line) for line in words], size)
        else:
            tokenizer, max_words = load_tokenizer(options.preset)
            window = min(options.window or PRESET_WINDOW, max_words)
            ngram_windows = max(WINDOW // window, 1)
        return cls(
            sort_labels(examples.targets),
            tokenizer,
            ngrams,
            seen_words,
            window,
            TextFingerprints.fit(list(examples.inputs)),
            teacher_accuracy=examples.teacher_accuracy,
            preset=options.preset,
            ngram_windows=ngram_windows,
        )

    @property
    def label_values(self) -> np.ndarray | None:
        """The labels as numbers, shape `(labels,)`, if they are three or more whole numbers, such as stars."""
        ordered = len(self.labels) > 2 and all(re.fullmatch(r"-?[0-9]{1,9}", label) for label in self.labels)
        return np.array([int(label) for label in self.labels]) if ordered else None

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens."""
        return self._tokenizer.get_vocab_size()

    def split_words(self, text: str) -> list[str]:
        """Split a text into words and punctuation marks.

        Args:
            text: The text.

        Returns:
            The words in order.
        """
        return split_canonical_words(text) if self.canonical else split_words(text)

    def word_counts(self, texts: Sequence[Input]) -> np.ndarray:
        """Count the words and punctuation marks of texts.

        Args:
            texts: The texts.

        Returns:
            The numbers, shape `(texts,)`.

        Raises:
            InputError: If a text is not a string.
        """
        return np.array([len(self.split_words(as_text(text))) for text in texts], np.int64)

    def windows(self, words: Sequence[str]) -> list[Sequence[str]]:
        """Split the words of a text or section into windows.

        Args:
            words: The words.

        Returns:
            Windows of at most `window` words; one empty window if there are no words.
        """
        return _split(words, self.window)

    def sections(self, words: Sequence[str]) -> list[Sequence[str]]:
        """Split the words of a text into sections.

        Args:
            words: The words.

        Returns:
            Sections of at most `ngram_windows` windows; one empty section for a text without words.
        """
        return _split(words, self.window * self.ngram_windows)

    def window_counts(self, word_counts: np.ndarray) -> np.ndarray:
        """Return the number of windows of texts.

        Args:
            word_counts: Number of words of each text, shape `(texts,)`.

        Returns:
            Number of windows of each text, shape `(texts,)`.
        """
        return np.asarray(-(-np.maximum(word_counts, 1) // self.window))

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Convert texts to n-grams and tokens.

        Args:
            inputs: Texts, any number.

        Returns:
            `grams`, buckets of n-grams, and `pieces`, ids of tokens: integers of shape `(windows, width)`, padded with
            0. The first axis runs along the windows of all texts in order; an n-gram of a section is in one of its
            windows.

        Raises:
            InputError: If an input is not a string.
        """
        return self.encode_sections(
            list(chain.from_iterable(self.sections(self.split_words(as_text(x))) for x in inputs))
        )

    def encode_sections(self, sections: Sequence[Sequence[str]]) -> Arrays:
        """Convert sections to n-grams and tokens.

        Args:
            sections: The words of each section.

        Returns:
            Arrays as those of `encode`. The n-grams of a section are spread over the rows of its windows: their logits
            are summed.
        """
        owners, buckets = self.ngrams.hash(sections)
        windows = [self.windows(words) for words in sections]
        rows = np.array([len(of_section) for of_section in windows], np.int64)
        ngrams = np.bincount(owners, minlength=len(sections))
        ranks = np.arange(len(owners)) - (np.cumsum(ngrams) - ngrams)[owners]
        owners = (np.cumsum(rows) - rows)[owners] + ranks * rows[owners] // ngrams[owners]
        return self._make_arrays(list(chain.from_iterable(windows)), owners, buckets)

    def encode_windows(self, windows: Sequence[Sequence[str]], sections: Sequence[Sequence[str]]) -> Arrays:
        """Convert windows to tokens, and the whole section of each to n-grams.

        Args:
            windows: The words of each window.
            sections: The words of the section of each window.

        Returns:
            Arrays as those of `encode`, one row per window.
        """
        return self._make_arrays(windows, *self.ngrams.hash(sections))

    def _make_arrays(self, windows: Sequence[Sequence[str]], owners: np.ndarray, buckets: np.ndarray) -> Arrays:
        encodings = self._tokenizer.encode_batch_fast([" ".join(words) for words in windows])
        lengths = [len(encoding.ids) for encoding in encodings]
        ids = np.fromiter(chain.from_iterable(encoding.ids for encoding in encodings), np.int32, sum(lengths))
        token_owners = np.repeat(np.arange(len(windows)), lengths)
        return {
            "grams": pad_rows(owners, buckets, len(windows)),
            "pieces": pad_rows(token_owners, ids, len(windows)),
        }

    def probabilities(self, outputs: Arrays) -> np.ndarray:
        """Return calibrated probabilities.

        Args:
            outputs: Outputs of texts as `pool` returns them.

        Returns:
            Array of shape `(n, labels)` whose rows sum to 1.
        """
        return softmax(self.stacking.combine(outputs["linear"], outputs["nets"].mean(axis=1), outputs["words"]))

    def pool(self, outputs: Arrays, word_counts: np.ndarray) -> Arrays:
        """Combine the outputs of windows to those of texts.

        Args:
            outputs: `linear` of shape `(windows, labels)` and `nets` of shape `(windows, networks, labels)`.
            word_counts: Number of words of each text, shape `(texts,)`.

        Returns:
            The sum of `linear` and the mean of `nets` over the windows of each text, and `words`, the word counts.
        """
        return {**pool_windows(outputs, self.window_counts(word_counts)), "words": word_counts}

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> list[SentimentPrediction]:
        """Return the prediction of each text.

        Args:
            outputs: The network's outputs for `encode(inputs)`.
            inputs: The texts.

        Returns:
            One prediction per text.
        """
        words = [self.split_words(as_text(text)) for text in inputs]
        word_counts = np.array([len(line) for line in words], np.int64)
        probabilities = self.probabilities(self.pool(outputs, word_counts))
        return [self._predict(*pair) for pair in zip(probabilities, self.known_fractions(words), strict=True)]

    def known_fractions(self, texts: Sequence[Sequence[str]]) -> np.ndarray:
        """Compute the fraction of each text's different words that training saw.

        Args:
            texts: The words of each text.

        Returns:
            Fractions from 0 to 1, shape `(texts,)`; 0 for a text without words.
        """
        owners, buckets = self.ngrams.unigrams().hash(texts)
        counts = np.bincount(owners, minlength=len(texts))
        seen = np.bincount(owners, self.seen_words[buckets - 1], minlength=len(texts))
        return np.asarray(seen / np.maximum(counts, 1))

    def with_stacking(self, stacking: Stacking) -> Self:
        """Return a copy with other weights of the two kinds of logits.

        Args:
            stacking: The weights.

        Returns:
            The calibrated codec.
        """
        codec = copy(self)
        codec.stacking = stacking
        return codec

    def to_json(self) -> JsonObject:
        """Return the state.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "labels": self.labels,
            "tokenizer": self.tokenizer,
            "ngrams": asdict(self.ngrams),
            "seen_words": base64.b64encode(np.packbits(self.seen_words).tobytes()).decode(),
            "window": self.window,
            "fingerprints": self.fingerprints.to_json(),
            "stacking": self.stacking.to_json(),
            "teacher_accuracy": self.teacher_accuracy,
            "canonical": self.canonical,
            "preset": self.preset,
            "ngram_windows": self.ngram_windows,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        ngrams = NgramHasher(**state["ngrams"])
        bits = np.unpackbits(np.frombuffer(base64.b64decode(state["seen_words"]), np.uint8))
        return cls(
            state["labels"],
            state["tokenizer"],
            ngrams,
            bits[: ngrams.buckets].astype(bool),
            state["window"],
            TextFingerprints.from_json(state["fingerprints"]),
            Stacking.from_json(state["stacking"]),
            state["teacher_accuracy"],
            state.get("canonical", False),
            state.get("preset"),
            state.get("ngram_windows", 1),
        )

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        return read_tokenizer(self.tokenizer)

    def _predict(self, probabilities: np.ndarray, known_fraction: float) -> SentimentPrediction:
        equal, values = 1 / len(self.labels), self.label_values
        is_clear = probabilities.max() >= equal + MIN_LEAD * (1 - equal)
        return SentimentPrediction.from_probabilities(
            self.labels,
            probabilities,
            probabilities={label: round(p, 6) for label, p in zip(self.labels, probabilities.tolist(), strict=True)},
            unsure=bool(known_fraction < MIN_KNOWN or not is_clear),
            known=float(known_fraction),
            expected=None if values is None else float(probabilities @ values),
        )


def pool_windows(outputs: Arrays, window_counts: np.ndarray) -> Arrays:
    """Combine the outputs of windows to those of texts.

    Args:
        outputs: `linear` of shape `(windows, labels)` and `nets` of shape `(windows, networks, labels)`.
        window_counts: Number of windows of each text, shape `(texts,)`.

    Returns:
        The sum of `linear` and the mean of `nets` over the windows of each text.
    """
    starts = np.cumsum(window_counts) - window_counts
    sums = {name: np.add.reduceat(values, starts, axis=0) for name, values in outputs.items()}
    return {"linear": sums["linear"], "nets": sums["nets"] / window_counts[:, None, None]}


def as_text(value: Input) -> str:
    """Return a raw input, which has to be a string; lone surrogates become question marks.

    Args:
        value: The raw input.

    Returns:
        The text.

    Raises:
        InputError: If it is not a string.
    """
    if not isinstance(value, str):
        raise InputError(f"expected a string, got {type(value).__name__}")
    # A lone surrogate, as of an argument with bytes that are not UTF-8, cannot be encoded.
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _split(words: Sequence[str], size: int) -> list[Sequence[str]]:
    return [words[start : start + size] for start in range(0, max(len(words), 1), size)]


def _suitable_ngrams(words: int, is_short: bool, options: ClassifyOptions) -> NgramHasher:
    """Return the n-grams that the options name, or that suit the length and number of the texts."""
    characters = options.character_ngrams == "yes" or (options.character_ngrams == "auto" and is_short)
    max_gap = options.max_gap if options.max_gap is not None else DEFAULT_GAP * is_short
    bits = math.ceil(math.log2(words * (4 if characters else 1)))
    buckets = options.hash_buckets or 1 << min(max(bits, MIN_BUCKET_BITS), MAX_BUCKET_BITS)
    end_words = 0 if is_short else END_WORDS
    return NgramHasher(options.max_ngram, max_gap, characters, buckets, negation=True, end_words=end_words)
