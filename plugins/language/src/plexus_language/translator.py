"""Translation of texts: sentences are prepared, searched in batches, and put back into their layout."""

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from plexus.codec import Input
from plexus.errors import InputError, unknown
from plexus.inference.limits import limited_text
from plexus_language.beam_search import BeamSearch
from plexus_language.hypotheses import Constraint, Hypothesis, SearchSettings
from plexus_language.layout import Segment, split_document
from plexus_language.prediction import SentencePrediction, TranslationPrediction
from plexus_language.preparation import MIN_DIGIT_SHARE, PreparedSentence, prepare, with_numbers
from plexus_language.protected_spans import has_other_digits
from plexus_language.request import SentenceRequest, as_input
from plexus_language.search_parts import SearchPart, search_parts
from plexus_language.token_rules import TokenRules
from plexus_language.translated_sentence import TranslatedSentence

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_language.codec import TranslationCodec

EXTRA_LENGTH = 8
"""Tokens that a translation may be longer than the longest of training relative to its source."""


class Translator:
    """Translates texts with the networks of a bundle.

    Args:
        predictor: The networks `encoder` and `decoder`.
        codec: The codec.

    Example:
        ```python
        Translator(bundle.predictor, bundle.codec).translate(["Good evening. How are you?"])[0].translation
        ```
    """

    def __init__(self, predictor: "Predictor", codec: "TranslationCodec") -> None:
        self.predictor, self.codec = predictor, codec
        self._rules = TokenRules(
            codec.vocabulary_size, codec.begin, codec.end, codec.special_tokens, codec.digit_tokens
        )

    def translate(self, inputs: Sequence[Input]) -> list[TranslationPrediction]:
        """Translate texts, the sentences of all in the same batches.

        Args:
            inputs: Strings or `TranslationInput`s.

        Returns:
            One prediction per input.

        Raises:
            InputError: If an input is neither, it is too long, or the model has no such direction.
        """
        documents = [self.split(value) for value in inputs]
        requests = [part for document in documents for part in document if isinstance(part, SentenceRequest)]
        results = iter([result.prediction() for result in self.search(requests)])
        return [
            _join(
                [next(results) if isinstance(part, SentenceRequest) else part for part in document],
                self.direction(as_input(value).to)[1],
            )
            for value, document in zip(inputs, documents, strict=True)
        ]

    def stream(self, value: Input) -> Iterator[tuple[str, SentencePrediction | None]]:
        """Translate a text sentence by sentence.

        Args:
            value: A string or `TranslationInput`.

        Yields:
            The next part of the translation, and the prediction of its sentence; None for what stands between.

        Raises:
            InputError: If it is neither, it is too long, or the model has no such direction.
        """
        for part in self.split(value):
            if isinstance(part, Segment):
                yield part.text, None
            else:
                prediction = self.search([part])[0].prediction()
                yield prediction.translation, prediction

    def split(self, value: Input) -> list[SentenceRequest | Segment]:
        """Divide a text into sentences and what stands between them.

        Args:
            value: A string or `TranslationInput`.

        Returns:
            The parts in order; the prefix of the text is that of its first sentence.

        Raises:
            InputError: If it is neither, it is too long, or the model has no such direction.
        """
        options = as_input(value)
        direction = self.direction(options.to)
        options = options.model_copy(update={"prefix": " ".join(options.prefix.split())})
        if self.codec.has_unknown(options.prefix):
            raise InputError(f"prefix {options.prefix!r} has characters that the model does not know: use others")
        parts: list[SentenceRequest | Segment] = []
        for segment in split_document(limited_text(options.text), self.codec.max_words):
            parts.append(SentenceRequest(segment.text, direction, options) if segment.is_sentence else segment)
            if segment.is_sentence and options.prefix:
                options = options.model_copy(update={"prefix": ""})
        return parts

    def direction(self, to: str | None) -> tuple[str, str]:
        """Return the direction to a language.

        Args:
            to: Code of the target language; None for the model's first direction.

        Returns:
            Codes of the source and the target language.

        Raises:
            InputError: If the model does not translate to it.
        """
        directions = {target: source for source, target in reversed(self.codec.directions)}
        if to is None:
            to = self.codec.directions[0][1]
        if to not in directions:
            raise unknown("target language", to, list(directions))
        return directions[to], to

    def search(self, requests: Sequence[SentenceRequest]) -> list[TranslatedSentence]:
        """Search for the translations of sentences; those whose numbers are wrong are searched again.

        Args:
            requests: The sentences with their options.

        Returns:
            One translation per sentence, with its hypotheses.
        """
        sentences = list(map(self._prepare, requests))
        results = self._search(sentences, requests)
        masked = [self._with_numbers(sentence, result) for sentence, result in zip(sentences, results, strict=True)]
        again = {place: sentence for place, sentence in enumerate(masked) if sentence is not None}
        repaired = self._search(list(again.values()), [requests[place] for place in again]) if again else []
        for place, result in zip(again, repaired, strict=True):
            if result.is_complete:
                results[place] = result
        return results

    def _prepare(self, request: SentenceRequest) -> PreparedSentence:
        sentence = prepare(request.text, self.codec, request.direction, request.options.glossary)
        if sentence.fixed is None or not request.options.prefix:
            return sentence
        return replace(sentence, notes=(*sentence.notes, f"prefix {request.options.prefix!r} was not used"))

    def _with_numbers(self, sentence: PreparedSentence, result: TranslatedSentence) -> PreparedSentence | None:
        """Return a sentence whose numbers are masked, if the translation has other numbers; else None."""
        if sentence.fixed is not None or self.codec.digit_share < MIN_DIGIT_SHARE or not self.codec.placeholders:
            return None
        masked = with_numbers(sentence)
        is_possible = len(sentence.spans) < len(masked.spans) <= len(self.codec.placeholders)
        return (
            masked
            if is_possible and has_other_digits(html.unescape(sentence.source), html.unescape(result.text))
            else None
        )

    def _search(
        self, sentences: Sequence[PreparedSentence], requests: Sequence[SentenceRequest]
    ) -> list[TranslatedSentence]:
        """Search for the parts of the sentences, those of all sentences with the same settings together."""
        parts = [search_parts(sentence, self.codec.placeholder_texts) for sentence in sentences]
        searched = [(place, part) for place, each in enumerate(parts) for part in each if part.is_searched]
        groups: dict[SearchSettings, list[int]] = {}
        for number, (place, _) in enumerate(searched):
            options = requests[place].options
            settings = SearchSettings(options.width, alternatives=options.alternatives + 1)
            groups.setdefault(settings, []).append(number)
        results: dict[int, list[Hypothesis]] = {}
        for settings, numbers in groups.items():
            sources, constraints = [], []
            for number in numbers:
                place, part = searched[number]
                is_first = number == 0 or searched[number - 1][0] != place
                prefix = requests[place].options.prefix if is_first else ""
                sources.append(self.codec.encode_source([part.text], requests[place].direction)[0])
                constraints.append(self._constraint(sentences[place], part, len(sources[-1]), prefix))
            search = BeamSearch(self.predictor, self._rules, settings)
            results |= dict(zip(numbers, search.search(sources, constraints), strict=True))
        hypotheses = iter([results[number] for number in range(len(searched))])
        return [
            TranslatedSentence(
                sentence, each, [next(hypotheses) for part in each if part.is_searched], self.codec, request.direction
            )
            for sentence, each, request in zip(sentences, parts, requests, strict=True)
        ]

    def _constraint(self, sentence: PreparedSentence, part: SearchPart, length: int, prefix: str) -> Constraint:
        first = tuple(self.codec.encode_target([prefix])[0]) if prefix else ()
        placeholders = self.codec.placeholders[: len(part.spans)]
        longest = math.ceil(self.codec.length_ratio * length) + EXTRA_LENGTH + len(first)
        return Constraint(longest, first, frozenset(placeholders), sentence.may_repeat)


def _join(parts: Sequence[SentencePrediction | Segment], to: str) -> TranslationPrediction:
    """Return the prediction of a document by those of its sentences."""
    sentences = [part for part in parts if isinstance(part, SentencePrediction)]
    confidences = [each.confidence for each in sentences if each.confidence is not None]
    return TranslationPrediction(
        translation="".join(part.text if isinstance(part, Segment) else part.translation for part in parts),
        to=to,
        confidence=min(confidences, default=None),
        alternatives=sentences[0].alternatives if len(sentences) == 1 else (),
        unknown_words=tuple(dict.fromkeys(word for each in sentences for word in each.unknown_words)),
        notes=tuple(dict.fromkeys(note for each in sentences for note in each.notes)),
        sentences=tuple(sentences) if len(sentences) > 1 else (),
    )
