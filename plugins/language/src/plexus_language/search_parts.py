"""Division of a prepared sentence into the parts that beam search gets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plexus_language.preparation import PreparedSentence
from plexus_language.protected_spans import ProtectedSpan


@dataclass(frozen=True)
class SearchPart:
    """A part of a sentence.

    Args:
        text: Its text, with placeholders for its spans.
        is_searched: Whether it is translated, rather than copied.
        spans: The spans that its placeholders stand for.

    Example:
        ```python
        SearchPart("See ⟦1⟧.", True, spans)
        ```
    """

    text: str
    is_searched: bool
    spans: Sequence[ProtectedSpan] = ()


def search_parts(sentence: PreparedSentence, placeholders: Sequence[str]) -> list[SearchPart]:
    """Divide a sentence: with enough placeholders it is one part, else what stands between its spans are parts.

    Args:
        sentence: The sentence.
        placeholders: Texts of the placeholder tokens.

    Returns:
        The parts; none of a sentence that needs no search.
    """
    if sentence.fixed is not None:
        return []
    if len(sentence.spans) <= len(placeholders):
        return [SearchPart(sentence.masked(placeholders), True, sentence.spans)]
    return [part for part in _between(sentence) if part.text]


def _between(sentence: PreparedSentence) -> Iterator[SearchPart]:
    start = 0
    for span in sentence.spans:
        yield from _stripped(sentence.text[start : span.start])
        yield SearchPart(span.output, False)
        start = span.end
    yield from _stripped(sentence.text[start:])


def _stripped(text: str) -> Iterator[SearchPart]:
    """Yield a text without the white space around it, and the white space; punctuation alone is copied."""
    core = text.strip()
    if not any(character.isalnum() for character in core):
        yield SearchPart(text, False)
        return
    before, after = text.split(core, 1)
    yield SearchPart(before, False)
    yield SearchPart(core, True)
    yield SearchPart(after, False)
