"""Division of a prepared sentence into the parts that beam search gets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plexus_language.kept_spans import KeptSpan
from plexus_language.preparation import PreparedSentence


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
    spans: Sequence[KeptSpan] = ()


def search_parts(job: PreparedSentence, placeholders: Sequence[str]) -> list[SearchPart]:
    """Divide a sentence: with enough placeholders it is one part, else what stands between its spans are parts.

    Args:
        job: The sentence.
        placeholders: Texts of the placeholder tokens.

    Returns:
        The parts; none of a sentence that needs no search.
    """
    if job.fixed is not None:
        return []
    if len(job.spans) <= len(placeholders):
        return [SearchPart(job.masked(placeholders), True, job.spans)]
    return [part for part in _between(job) if part.text]


def _between(job: PreparedSentence) -> Iterator[SearchPart]:
    start = 0
    for span in job.spans:
        yield from _stripped(job.text[start : span.start])
        yield SearchPart(span.output, False)
        start = span.end
    yield from _stripped(job.text[start:])


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
