"""Translation of texts: sentences are prepared, searched in batches, and put back into their layout."""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from plexus.codec import Input
from plexus.errors import unknown
from plexus_language.beam_search import BeamSearch
from plexus_language.finishing import Finished
from plexus_language.hypotheses import Constraint, Hypothesis, SearchSettings
from plexus_language.kept_spans import lacks_number
from plexus_language.layout import Segment, split_document
from plexus_language.prediction import SentencePrediction, TranslationPrediction
from plexus_language.preparation import MIN_DIGIT_SHARE, PreparedSentence, prepare, with_numbers
from plexus_language.request import TranslationInput, as_input
from plexus_language.search_parts import SearchPart, search_parts
from plexus_language.token_rules import TokenRules

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
            InputError: If an input is neither, or the model has no such direction.
        """
        requests = [as_input(value) for value in inputs]
        directions = [self.direction(request.to) for request in requests]
        documents = [split_document(request.text) for request in requests]
        sentences = [
            (segment.text, place, first)
            for place, document in enumerate(documents)
            for segment, first in _with_first(document)
        ]
        results = iter(
            self.translate_sentences(
                [text for text, _, _ in sentences],
                [directions[place] for _, place, _ in sentences],
                [_for_sentence(requests[place], first) for _, place, first in sentences],
            )
        )
        return [
            _join(document, [next(results) for segment in document if segment.is_sentence], direction[1])
            for document, direction in zip(documents, directions, strict=True)
        ]

    def stream(self, value: Input) -> Iterator[tuple[str, SentencePrediction | None]]:
        """Translate a text sentence by sentence.

        Args:
            value: A string or `TranslationInput`.

        Yields:
            The next part of the translation, and the prediction of its sentence; None for what stands between.

        Raises:
            InputError: If it is neither, or the model has no such direction.
        """
        request = as_input(value)
        direction = self.direction(request.to)
        document = split_document(request.text)
        firsts = iter(_with_first(document))
        for segment in document:
            if segment.is_sentence:
                _, first = next(firsts)
                result = self.translate_sentences([segment.text], [direction], [_for_sentence(request, first)])[0]
                yield result.translation, result
            else:
                yield segment.text, None

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
            return self.codec.directions[0]
        if to not in directions:
            raise unknown("target language", to, list(directions))
        return directions[to], to

    def translate_sentences(
        self,
        sentences: Sequence[str],
        directions: Sequence[tuple[str, str]],
        requests: Sequence[TranslationInput] | None = None,
    ) -> list[SentencePrediction]:
        """Translate sentences, those with the same beam in the same batches.

        Args:
            sentences: The sentences, without white space around them.
            directions: Codes of the source and the target language of each.
            requests: Options of each; by default those of a string.

        Returns:
            One prediction per sentence.
        """
        requests = requests or [TranslationInput(text=sentence) for sentence in sentences]
        jobs = [
            prepare(sentence, self.codec, direction, request.glossary)
            for sentence, direction, request in zip(sentences, directions, requests, strict=True)
        ]
        results = self._search(jobs, directions, requests)
        again = {
            place: repaired
            for place, (job, result) in enumerate(zip(jobs, results, strict=True))
            if (repaired := self._repaired(job, result)) is not None
        }
        places = list(again)
        repaired = self._search(
            [again[place] for place in places],
            [directions[place] for place in places],
            [requests[place] for place in places],
        )
        for place, result in zip(places, repaired, strict=True):
            results[place] = result if result.is_complete else results[place]
        return [result.prediction() for result in results]

    def _repaired(self, job: PreparedSentence, result: Finished) -> PreparedSentence | None:
        """Return a sentence whose numbers are masked, if the translation has other numbers; else None."""
        if job.fixed is not None or self.codec.digit_share < MIN_DIGIT_SHARE or not self.codec.placeholders:
            return None
        masked = with_numbers(job)
        is_possible = len(masked.spans) > len(job.spans) and len(masked.spans) <= len(self.codec.placeholders)
        return masked if is_possible and lacks_number(job.text, result.text) else None

    def _search(
        self,
        jobs: Sequence[PreparedSentence],
        directions: Sequence[tuple[str, str]],
        requests: Sequence[TranslationInput],
    ) -> list[Finished]:
        """Search for the parts of the sentences, those of all sentences with the same settings together."""
        parts = [search_parts(job, self.codec.placeholder_texts) for job in jobs]
        searched = [(place, part) for place, each in enumerate(parts) for part in each if part.is_searched]
        groups: dict[tuple[int, int], list[int]] = {}
        for number, (place, _) in enumerate(searched):
            request = requests[place]
            groups.setdefault((request.width, request.alternatives + 1), []).append(number)
        results: dict[int, list[Hypothesis]] = {}
        for (beam, alternatives), numbers in groups.items():
            sources = [self._encode(searched[number][1], directions[searched[number][0]]) for number in numbers]
            constraints = []
            for number, source in zip(numbers, sources, strict=True):
                place, part = searched[number]
                is_first = number == 0 or searched[number - 1][0] != place
                prefix = requests[place].prefix if is_first else ""
                constraints.append(self._constraint(jobs[place], part, len(source), prefix))
            search = BeamSearch(self.predictor, self._rules, SearchSettings(beam, alternatives=alternatives))
            results |= dict(zip(numbers, search.search(sources, constraints), strict=True))
        hypotheses = iter([results[number] for number in range(len(searched))])
        return [
            Finished(job, each, [next(hypotheses) for part in each if part.is_searched], self.codec, direction)
            for job, each, direction in zip(jobs, parts, directions, strict=True)
        ]

    def _encode(self, part: SearchPart, direction: tuple[str, str]) -> list[int]:
        return self.codec.encode_source([part.text], direction)[0]

    def _constraint(self, job: PreparedSentence, part: SearchPart, length: int, prefix: str) -> Constraint:
        forced = tuple(self.codec.encode_target([prefix])[0]) if prefix.strip() else ()
        placeholders = self.codec.placeholders[: len(part.spans)]
        longest = math.ceil(self.codec.length_ratio * length) + EXTRA_LENGTH + len(forced)
        return Constraint(longest, forced, frozenset(placeholders), job.may_repeat)


def _with_first(document: Sequence[Segment]) -> Iterator[tuple[Segment, bool]]:
    """Yield the sentences of a document, and whether each is the first one."""
    sentences = [segment for segment in document if segment.is_sentence]
    return ((segment, number == 0) for number, segment in enumerate(sentences))


def _for_sentence(request: TranslationInput, is_first: bool) -> TranslationInput:
    """Return the options of a sentence: only the first one has the prefix."""
    return request if is_first or not request.prefix else request.model_copy(update={"prefix": ""})


def _join(document: Sequence[Segment], sentences: Sequence[SentencePrediction], to: str) -> TranslationPrediction:
    """Return the prediction of a document by those of its sentences."""
    results = iter(sentences)
    translation = "".join(next(results).translation if part.is_sentence else part.text for part in document)
    confidences = [each.confidence for each in sentences if each.confidence is not None]
    return TranslationPrediction(
        translation=translation,
        to=to,
        confidence=min(confidences, default=None),
        alternatives=sentences[0].alternatives if len(sentences) == 1 else (),
        unknown_words=tuple(dict.fromkeys(word for each in sentences for word in each.unknown_words)),
        notes=tuple(dict.fromkeys(note for each in sentences for note in each.notes)),
        sentences=tuple(sentences) if len(sentences) > 1 else (),
    )
