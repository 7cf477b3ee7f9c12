"""Words in recordings of any length."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus_speech.audio import heard_pieces
from plexus_speech.codec import Heard, Word, WordCodec
from plexus_speech.recordings import UNKNOWN, in_16_bits
from plexus_speech.segments import Segment, segments, trimmed

if TYPE_CHECKING:
    from plexus.task import Predictor

PAUSE = 0.15
"""Seconds of silence that end a word."""
LONGEST = 1.6
"""Windows that one word may last, of which the middle is heard."""
TOGETHER = 128
"""Windows that are answered at once."""


def words_in(predictor: "Predictor", codec: WordCodec, raw: Any) -> Heard:
    """The word of a recording of one; else each word, with its times, and the surest.

    Raises:
        InputError: it cannot be read, or there is nothing to hear; the line names it.
    """
    found = [word for word, _ in _words(predictor, codec, raw)]
    surest = max(found, key=_sure)
    fields = surest.model_dump(include={"label", "probability", "alternatives"})
    return Heard(**fields, words=tuple(found) if len(found) > 1 else ())


def surest_stretch(predictor: "Predictor", codec: WordCodec, raw: Any) -> tuple[np.ndarray, Word]:
    """What the network hears `(frames, bands)` of the surest word of a recording, and that word.

    Raises:
        InputError: as of `words_in`.
    """
    word, segment = max(_words(predictor, codec, raw), key=lambda pair: _sure(pair[0]))
    return codec.encode_sounds([in_16_bits(segment.samples)])["sound"][0], word


def _sure(word: Word) -> tuple[bool, float]:
    return word.label != UNKNOWN, word.probability


def _words(predictor: "Predictor", codec: WordCodec, raw: Any) -> Iterator[tuple[Word, Segment]]:
    stretches = _stretches(codec, raw)
    while held := list(itertools.islice(stretches, TOGETHER)):
        arrays = codec.encode_sounds([in_16_bits(one.samples) for one in held])
        for one, row in zip(held, codec.probabilities(predictor(arrays)), strict=True):
            end = one.start + len(one.samples) / codec.rate
            yield Word(start=round(one.start, 2), end=round(end, 2), **codec.fields(row)), one


def _stretches(codec: WordCodec, raw: Any) -> Iterator[Segment]:
    """All speech of a recording, if it fits a window; else each stretch of it between two pauses."""
    rate, pieces = codec.rate, heard_pieces(raw, codec.rate)
    first = next(pieces)
    second = next(pieces, None)
    alone = trimmed(first, rate)
    if second is None and len(alone) <= LONGEST * codec.window * rate:
        yield Segment(alone, 0.0)
        return
    rest = itertools.chain([first], [] if second is None else [second], pieces)
    found = segments(rest, rate, PAUSE, LONGEST * codec.window)
    yield next(found, Segment(alone, 0.0))
    yield from found
