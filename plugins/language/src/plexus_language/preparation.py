"""Preparation of sentences for beam search: what is copied, masked, taken out or changed before."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from plexus_language.casing import is_all_capitals, to_sentence_case
from plexus_language.inline_marks import Mark, take_out
from plexus_language.protected_spans import (
    ProtectedSpan,
    find_fixed,
    find_names,
    find_numbers,
    find_terms,
    mask,
    without_overlaps,
)
from plexus_language.recognition import foreign_script, is_in_target, sentence_words
from plexus_language.typography import plain_spaces

if TYPE_CHECKING:
    from plexus_language.codec import TranslationCodec

MIN_DIGIT_SHARE = 0.2
"""Share of training pairs with the same digits on both sides from which on numbers are copied."""
MAX_CHARACTERS = 1000
"""Characters of the longest sentence that is translated: training has no longer ones."""
_REPEATING = re.compile(r"\b(\w+(?:\W+\w+){0,3})(?:\W+\1\b){2,}|([^\W\d_])\2{3}", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[A-Za-z]+|#\d+|#x[0-9A-Fa-f]+);")


@dataclass(frozen=True)
class PreparedSentence:
    """A sentence as beam search gets it.

    Args:
        source: The sentence as it is in the document.
        text: The sentence without marks, in lowercase if it was in uppercase.
        marks: Tags and emoji that were taken out.
        spans: Spans of `text` whose translation is known.
        fixed: The translation, if it needs no search.
        in_capitals: Whether the sentence was in uppercase.
        has_entities: Whether it had entities of HTML.
        unknown_words: Words that are not in the training sentences and are not copied.
        notes: What was done.

    Example:
        ```python
        prepare("Hello <b>Zorblax</b>!", codec, ("en", "fr"), {}).spans[0].output  # "Zorblax"
        ```
    """

    source: str
    text: str = ""
    marks: Sequence[Mark] = ()
    spans: Sequence[ProtectedSpan] = ()
    fixed: str | None = None
    in_capitals: bool = False
    has_entities: bool = False
    unknown_words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def masked(self, placeholders: Sequence[str]) -> str:
        """Return the text with placeholders for the spans.

        Args:
            placeholders: Texts of the placeholder tokens.

        Returns:
            The text.
        """
        return mask(self.text, self.spans, placeholders)

    @property
    def may_repeat(self) -> bool:
        """Whether up to four words are repeated three times in a row, or a letter four times."""
        return _REPEATING.search(self.text) is not None


def prepare(
    sentence: str, codec: "TranslationCodec", direction: tuple[str, str], glossary: Mapping[str, str]
) -> PreparedSentence:
    """Prepare a sentence: a pure function of its arguments.

    Args:
        sentence: The sentence, without white space around it.
        codec: The codec.
        direction: Codes of the source and the target language.
        glossary: Translation of each term.

    Returns:
        The prepared sentence.
    """
    if len(sentence) > MAX_CHARACTERS:
        note = f"more than {MAX_CHARACTERS:,} characters without a place to divide them: copied"
        return PreparedSentence(sentence, sentence, fixed=sentence, notes=(note,))
    has_entities = _ENTITY.search(sentence) is not None
    plain, marks = take_out(sentence)
    text = html.unescape(plain) if has_entities else plain
    text = re.sub(r"\s+", " ", plain_spaces(text)).strip()
    knows = partial(codec.knows_word, direction[0])
    terms, fixed_spans = find_terms(text, glossary), find_fixed(text)
    rest = mask(text, without_overlaps([*terms, *fixed_spans]), [" "] * len(text))
    words = sentence_words(rest)
    if (reason := _copy_reason(rest, words, codec, direction)) is not None and not terms:
        return PreparedSentence(sentence, text, fixed=sentence, notes=reason)
    notes: list[str] = []
    in_capitals = is_all_capitals(rest) and (len(words) > 1 or any(map(knows, words)))
    if in_capitals:
        text = _in_lowercase(text, without_overlaps([*terms, *fixed_spans]))
        terms, fixed_spans = find_terms(text, glossary), find_fixed(text)
        notes.append("uppercase: translated in lowercase and restored")
    names = [] if in_capitals else find_names(text, knows)
    spans = without_overlaps([*terms, *fixed_spans, *_unknown_characters(text, codec), *names])
    covered = mask(text, spans, [" "] * len(spans))
    unknown = tuple(dict.fromkeys(word for word in sentence_words(covered) if not knows(word)))
    has_rest = any(character.isalnum() for character in covered)
    if not has_rest:
        output = mask(text, spans, [span.output for span in spans])
        output = html.escape(output, quote=False) if has_entities else output
        fixed, kinds = None if marks else output, _span_notes(spans)
        return PreparedSentence(sentence, text, marks, spans, fixed, has_entities=has_entities, notes=kinds)
    notes += _span_notes(spans)
    return PreparedSentence(
        sentence, text, marks, spans, None, in_capitals, has_entities, unknown, tuple(dict.fromkeys(notes))
    )


def with_numbers(prepared: PreparedSentence) -> PreparedSentence:
    """Return a sentence whose numbers are kept, too.

    Args:
        prepared: The sentence.

    Returns:
        The sentence with more spans.
    """
    spans = without_overlaps([*prepared.spans, *find_numbers(prepared.text)])
    notes = tuple(dict.fromkeys([*prepared.notes, *_span_notes(spans)]))
    return replace(prepared, spans=spans, notes=notes)


def _copy_reason(
    text: str, words: Sequence[str], codec: "TranslationCodec", direction: tuple[str, str]
) -> tuple[str, ...] | None:
    """Return the note of a sentence that is copied as a whole; None if it is to be translated."""
    source, target = direction
    if not words:
        has_digits = any(character.isdigit() for character in text)
        is_copied = not has_digits or codec.digit_share >= MIN_DIGIT_SHARE
        return ("no words: copied",) if is_copied else None
    if (script := foreign_script(text, codec.scripts)) is not None:
        return (f"{script} script, which the model does not know: copied",)
    knows, knows_target = partial(codec.knows_word, source), partial(codec.knows_word, target)
    if is_in_target(words, knows, knows_target):
        return (f"already in the target language {target}: copied",)
    if not any(map(knows, words)):
        return ("no known word: copied",)
    return None


def _in_lowercase(text: str, spans: Sequence[ProtectedSpan]) -> str:
    """Return a text in lowercase, its spans as they are."""
    small = to_sentence_case(text)
    for span in spans:
        small = small[: span.start] + text[span.start : span.end] + small[span.end :]
    return small


def _unknown_characters(text: str, codec: "TranslationCodec") -> list[ProtectedSpan]:
    """Return the words with characters that the vocabulary does not have."""
    if not codec.has_unknown(text):
        return []
    return [
        ProtectedSpan(*match.span(), match.group(), "unknown characters")
        for match in re.finditer(r"\w+|[^\w\s]", text)
        if codec.has_unknown(match.group())
    ]


def _span_notes(spans: Sequence[ProtectedSpan]) -> tuple[str, ...]:
    notes = []
    for kind in dict.fromkeys(span.kind for span in spans):
        outputs = [span.output for span in spans if span.kind == kind]
        verb = "used" if kind == "glossary term" else "copied"
        notes.append(f"{kind} {verb}: {', '.join(outputs)}")
    return tuple(notes)
