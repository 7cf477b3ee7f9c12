"""Conversion between texts and token ids."""

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus.codec import Arrays, Codec, Input, JsonObject
from plexus_language.bpe import SPACE, apply_merges, join_tokens, split_words
from plexus_language.codec_state import TranslationState
from plexus_language.confidence import Confidence
from plexus_language.layout import MAX_WORDS
from plexus_language.recognition import known_scripts
from plexus_language.request import as_input

if TYPE_CHECKING:
    from plexus_language.prediction import TranslationPrediction

PADDING, UNKNOWN, BEGIN, END = range(4)
SPECIAL = ("<padding>", "<unknown>", "<begin>", "<end>")
MAX_CACHED_WORDS = 1 << 17

Direction = tuple[str, str]
"""Codes of the source and the target language."""


class TranslationCodec(Codec):
    """Converts sentences to token ids and back, for two languages with a joint vocabulary.

    Args:
        languages: Codes of the two languages.
        both_directions: Whether the model translates from the second language to the first, too.
        tokens: Tokens of byte-pair encoding, without special ones.
        merges: Its merges, in order.
        words: Words of the training sentences of each language, in lowercase.
        length_ratio: Largest ratio of the tokens of a translation to those of its source.
        digit_share: Share of pairs with digits whose sides have the same ones.
        placeholders: Number of placeholder tokens that the model was trained with.
        confidence: Calibrated confidence; None before the calibration.
        max_words: Words of the longest sentence that is translated as a whole.

    Attributes:
        begin: Id of the token that a translation begins with.
        end: Id of the token that ends sources and translations.
        directions: Codes of the source and the target language of each direction.
        placeholder_texts: Texts of the placeholders.
        placeholders: Ids of the placeholders.
        special_tokens: Ids that no translation has, unless placeholders are required.
        digit_tokens: Ids of digits.
        vocabulary_size: Number of tokens with special ones.
        scripts: Scripts of the vocabulary.

    Example:
        ```python
        codec = fit_codec(dataset["train"], ("en", "fr"), options)
        codec.decode_ids(codec.encode_target(["Bonsoir !"])[0])  # "Bonsoir !"
        ```
    """

    state = TranslationState
    begin, end = BEGIN, END

    def __init__(
        self,
        languages: Sequence[str],
        both_directions: bool,
        tokens: Sequence[str],
        merges: Sequence[Sequence[str]],
        words: Mapping[str, Sequence[str]],
        length_ratio: float,
        digit_share: float,
        placeholders: int,
        confidence: Confidence | None = None,
        max_words: int = MAX_WORDS,
    ) -> None:
        self.languages, self.both_directions = (languages[0], languages[1]), both_directions
        self.tokens, self.merges = list(tokens), [(first, second) for first, second in merges]
        self.words = {language: list(each) for language, each in words.items()}
        self.length_ratio, self.digit_share, self.confidence = length_ratio, digit_share, confidence
        self.max_words = max_words
        self.placeholder_texts = tuple(f"⟦{number}⟧" for number in range(1, placeholders + 1))
        tags = [f"<to {language}>" for _, language in self.directions]
        self.vocabulary = [*SPECIAL, *tags, *self.placeholder_texts, *self.tokens]
        first = len(SPECIAL) + len(tags)
        self.placeholders = tuple(range(first, first + placeholders))
        self.special_tokens = [PADDING, UNKNOWN, BEGIN, *range(len(SPECIAL), first + placeholders)]
        self.vocabulary_size = len(self.vocabulary)

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Codes of the source and the target language of each direction."""
        first, second = self.languages
        return ((first, second), (second, first)) if self.both_directions else ((first, second),)

    @cached_property
    def digit_tokens(self) -> list[int]:
        """Ids of the tokens that are a digit.

        Returns:
            The ids.
        """
        return [number for number, token in enumerate(self.vocabulary) if token.removeprefix(SPACE).isdigit()]

    @cached_property
    def scripts(self) -> frozenset[str]:
        """Scripts of the vocabulary.

        Returns:
            Their names in Unicode.
        """
        return known_scripts(self.tokens)

    def tag(self, direction: Direction) -> int:
        """Return the token that a source of a direction begins with.

        Args:
            direction: The direction.

        Returns:
            Its id.
        """
        return len(SPECIAL) + self.directions.index(direction)

    def knows_word(self, language: str, word: str) -> bool:
        """Return whether the training sentences have a word.

        Args:
            language: Code of the language.
            word: The word, in any case.

        Returns:
            Whether they do.
        """
        return word.casefold() in self._word_sets[language]

    def has_unknown(self, text: str) -> bool:
        """Return whether a text has characters that the vocabulary lacks.

        Args:
            text: The text.

        Returns:
            Whether it has.
        """
        return any(UNKNOWN in self.word_ids(word) for word in split_words(text))

    def word_ids(self, word: str) -> tuple[int, ...]:
        """Return the tokens of a word.

        Args:
            word: A word of `split_words`.

        Returns:
            Their ids.
        """
        ids = self._word_cache.get(word)
        if ids is None:
            ids = self.token_ids([word] if word in self.placeholder_texts else apply_merges(word, self.ranks))
            if len(self._word_cache) < MAX_CACHED_WORDS:
                self._word_cache[word] = ids
        return ids

    def token_ids(self, tokens: Sequence[str]) -> tuple[int, ...]:
        """Return the ids of tokens.

        Args:
            tokens: The tokens.

        Returns:
            Their ids, `UNKNOWN` for others than those of the vocabulary.
        """
        return tuple(self._ids.get(token, UNKNOWN) for token in tokens)

    def encode_source(self, texts: Sequence[str], direction: Direction) -> list[list[int]]:
        """Return the token ids of sources.

        Args:
            texts: The sentences.
            direction: Their direction.

        Returns:
            The ids of each: the tag of the direction, its tokens, the end.
        """
        tag = self.tag(direction)
        return [[tag, *ids, END] for ids in self.encode_target(texts)]

    def encode_target(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of translations.

        Args:
            texts: The translations.

        Returns:
            The ids of each, without begin and end.
        """
        return [[number for word in split_words(text) for number in self.word_ids(word)] for text in texts]

    def source_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return where the tokens of a source are in its text.

        Args:
            text: The sentence.

        Returns:
            First character, and the one after the last, of each token of `encode_source`; `(0, 0)` for tag and end.
        """
        spans, place = [(0, 0)], -1  # the space before the text
        for word in split_words(text):
            ids = self.word_ids(word)
            lengths = [len(self.vocabulary[number]) if number != UNKNOWN else 1 for number in ids]
            for length in lengths:
                spans.append((max(place, 0), max(place + length, 0)))
                place += length
        return [*spans, (0, 0)]

    def decode_ids(self, ids: Sequence[int]) -> str:
        """Return the text of token ids.

        Args:
            ids: The ids, without begin and end.

        Returns:
            The text.
        """
        return join_tokens([self.vocabulary[number] for number in ids])

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Convert sentences to the encoder's inputs.

        Args:
            inputs: Strings or `TranslationInput`s, each one sentence in the model's first direction.

        Returns:
            `source` of shape `(n, width)`, padded with 0.

        Raises:
            InputError: If an input is neither.
        """
        rows = self.encode_source([as_input(value).text for value in inputs], self.directions[0])
        source = np.zeros((len(rows), max(map(len, rows), default=0)), np.int32)
        for row, ids in zip(source, rows, strict=True):
            row[: len(ids)] = ids
        return {"source": source}

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> "list[TranslationPrediction]":
        """Return the translations of token ids; `Task.predict` does more.

        Args:
            outputs: `tokens` of shape `(n, width)`, each row up to its end.
            inputs: The raw inputs, which are not needed.

        Returns:
            One prediction per input.
        """
        from plexus_language.prediction import TranslationPrediction

        to = self.directions[0][1]
        ends = [[*row.tolist(), END].index(END) for row in outputs["tokens"]]
        rows = [row[:end].tolist() for row, end in zip(outputs["tokens"], ends, strict=True)]
        return [TranslationPrediction(translation=self.decode_ids(row), to=to) for row in rows]

    def with_confidence(self, confidence: Confidence) -> Self:
        """Return a copy with another confidence.

        Args:
            confidence: The calibrated confidence.

        Returns:
            The calibrated codec.
        """
        codec = copy(self)
        codec.confidence = confidence
        return codec

    def to_json(self) -> JsonObject:
        """Return the state.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "languages": list(self.languages),
            "both_directions": self.both_directions,
            "tokens": self.tokens,
            "merges": [list(pair) for pair in self.merges],
            "words": self.words,
            "length_ratio": self.length_ratio,
            "digit_share": self.digit_share,
            "placeholders": len(self.placeholders),
            "confidence": None if self.confidence is None else self.confidence.to_json(),
            "max_words": self.max_words,
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        confidence = state["confidence"]
        return cls(**{**state, "confidence": None if confidence is None else Confidence.from_json(confidence)})

    @cached_property
    def ranks(self) -> dict[tuple[str, str], int]:
        """Rank of each merge.

        Returns:
            Ranks by pair of symbols.
        """
        return {pair: rank for rank, pair in enumerate(self.merges)}

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.vocabulary)}

    @cached_property
    def _word_sets(self) -> dict[str, frozenset[str]]:
        return {language: frozenset(words) for language, words in self.words.items()}

    @cached_property
    def _word_cache(self) -> dict[str, tuple[int, ...]]:
        return {}
