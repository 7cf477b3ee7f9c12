"""From hypotheses of beam search to the translation of a sentence."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from plexus_language.alignment import align_words, aligned_words, positions, token_words, word_spans
from plexus_language.hypotheses import Hypothesis
from plexus_language.inline_marks import put_back
from plexus_language.prediction import Alternative, SentencePrediction
from plexus_language.preparation import PreparedSentence
from plexus_language.protected_spans import unmask
from plexus_language.search_parts import SearchPart
from plexus_language.typography import restore_spaces

if TYPE_CHECKING:
    from plexus_language.codec import TranslationCodec

NOT_FINISHED = "no translation ended within the length limit: copied"


@dataclass(frozen=True)
class TranslatedSentence:
    """The translation of a prepared sentence.

    Args:
        sentence: The sentence.
        parts: Its parts.
        hypotheses: The hypotheses of each part that was searched, the best first.
        codec: The codec.
        direction: Codes of the source and the target language.

    Example:
        ```python
        TranslatedSentence(sentence, parts, hypotheses, codec, ("en", "fr")).text
        ```
    """

    sentence: PreparedSentence
    parts: Sequence[SearchPart]
    hypotheses: Sequence[Sequence[Hypothesis]]
    codec: "TranslationCodec"
    direction: tuple[str, str]

    @property
    def is_complete(self) -> bool:
        """Whether every part ended within its length limit."""
        return all(each[0].is_complete for each in self.hypotheses)

    @cached_property
    def text(self) -> str:
        """The translation.

        Returns:
            The text; that of the source if the search did not end.
        """
        if self.sentence.fixed is not None:
            return self.sentence.fixed
        if not self.is_complete:
            return self.sentence.source
        hypotheses = iter(self.hypotheses)
        best = "".join(
            self._part_text(part, next(hypotheses)[0]) if part.is_searched else part.text for part in self.parts
        )
        return self._with_marks(best, self.hypotheses[0][0] if len(self.parts) == len(self.hypotheses) == 1 else None)

    @property
    def mean_log_probability(self) -> float | None:
        """The mean log-probability of the tokens of the best hypotheses; None without one."""
        best = [each[0] for each in self.hypotheses]
        tokens = sum(len(each.tokens) + each.is_complete for each in best)
        return sum(each.log_probability for each in best) / tokens if best else None

    def prediction(self) -> SentencePrediction:
        """Return the prediction of the sentence.

        Returns:
            The prediction.
        """
        sentence, mean = self.sentence, self.mean_log_probability
        if mean is None or not self.is_complete:
            notes = sentence.notes if self.is_complete else (*sentence.notes, NOT_FINISHED)
            return SentencePrediction(
                text=sentence.source, translation=self.text, unknown_words=sentence.unknown_words, notes=notes
            )
        confidence = self.codec.confidence
        return SentencePrediction(
            text=sentence.source,
            translation=self.text,
            score=round(sum(each[0].score for each in self.hypotheses), 6),
            confidence=None if confidence is None else confidence.probability(mean),
            alternatives=self._alternatives(),
            unknown_words=sentence.unknown_words,
            notes=sentence.notes,
        )

    def word_attention(self) -> tuple[str, np.ndarray] | None:
        """Return the alignment of the translation without marks.

        Returns:
            The translation, and the attention of its words to those of the sentence, shape `(target words, source
            words)`; None for a sentence that was copied or searched in several parts.
        """
        if len(self.parts) != 1 or not self.hypotheses:
            return None
        best = self.hypotheses[0][0]
        text = self._part_text(self.parts[0], best)
        return text, self._attention(text, best)

    def _alternatives(self) -> tuple[Alternative, ...]:
        """Return the next best translations that differ; of a sentence in several parts none."""
        if len(self.parts) != 1 or not self.hypotheses:
            return ()
        texts = {self.text: 0.0}
        for hypothesis in self.hypotheses[0][1:]:
            text = self._with_marks(self._part_text(self.parts[0], hypothesis), hypothesis)
            texts.setdefault(text, hypothesis.score)
        return tuple(Alternative(translation=text, score=round(score, 6)) for text, score in list(texts.items())[1:])

    def _part_text(self, part: SearchPart, hypothesis: Hypothesis) -> str:
        text = self.codec.decode_ids(hypothesis.tokens)
        text = text.upper() if self.sentence.in_capitals else text
        text = restore_spaces(text, self.direction[1])
        return unmask(text, part.spans, self.codec.placeholder_texts)

    def _with_marks(self, text: str, hypothesis: Hypothesis | None) -> str:
        shown = html.escape(text, quote=False) if self.sentence.has_entities else text
        if not self.sentence.marks:
            return shown
        words = len(self.sentence.text.split())
        size = len(word_spans(text))
        if hypothesis is None:
            alignment = [min(round(place / max(size, 1) * words), words - 1) for place in range(size)]
        else:
            alignment = aligned_words(self._attention(text, hypothesis))
        return put_back(shown, self.sentence.marks, alignment, words)

    def _attention(self, text: str, hypothesis: Hypothesis) -> np.ndarray:
        """Return the attention of the words of a translation to those of the sentence."""
        part, codec, sentence = self.parts[0], self.codec, self.sentence
        places = codec.placeholder_texts[: len(part.spans)]
        lengths = [len(codec.decode_ids(hypothesis.tokens[:end])) for end in range(len(hypothesis.tokens) + 1)]
        decoded = codec.decode_ids(hypothesis.tokens)
        target_tokens = list(zip(accumulate(lengths[:-1], max), accumulate(lengths[1:], max), strict=True))
        outputs = dict(zip(places, (span.output for span in part.spans), strict=True))
        originals = dict(zip(places, (sentence.text[span.start : span.end] for span in part.spans), strict=True))
        source_words, target_words = word_spans(sentence.text), word_spans(text)
        return align_words(
            hypothesis.attention,
            token_words(positions(decoded, target_tokens, outputs), positions(text, target_words)),
            token_words(
                positions(part.text, codec.source_offsets(part.text), originals),
                positions(sentence.text, source_words),
            ),
            (len(target_words), len(source_words)),
        )
