"""Explanation of sentiment predictions by leaving out words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus.codec import Arrays
from plexus.inference.limits import input_limits
from plexus_sentiment.codec import TextCodec
from plexus_sentiment.prediction import SentimentPrediction
from plexus_sentiment.windows import MAX_CHARACTERS, compute_sections

if TYPE_CHECKING:
    from plexus import Predictor

FULL_COLOR = 1.5
"""Size of an attribution, in log-odds, that is drawn in full color."""
MIN_COLORED = FULL_COLOR / 5
"""Size from which a word is colored in a terminal."""
BATCH_SIZE = 64
"""Windows that are computed at once; fewer of long words: memory does not grow with the text."""
BLUE, ORANGE, RESET = "\033[34m", "\033[33m", "\033[0m"
TEMPLATE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>
:root { color-scheme: light dark; --text: #1c2430; --page: #fff; --quiet: #5b6675 }
@media (prefers-color-scheme: dark) { :root { --text: #e4e8ef; --page: #12161d; --quiet: #a3adbb } }
body { font: 18px/1.7 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em }
body { color: var(--text); background: var(--page) }
mark { color: var(--text); border-radius: .2em; padding: .1em .05em }
h1 { font-size: 1.2em; font-weight: 400 } h2 { font-size: 1.2em } small { color: var(--quiet) }
td { padding: .2em .8em .2em 0; vertical-align: top }
</style>
<main><h1><b>{{ prediction.label }}</b> {{ "{:.1%}".format(prediction.probability) }}
{{- " (unsure)" if prediction.unsure }}</h1>
<p dir="auto">{% for word in words -%}
<mark style="background:{{ color(word.value) }}" title="{{ '{:+.2f}'.format(word.value) }}">{{ word.word }}</mark>
{% endfor %}</p>
<p><small>Color: decrease of the log-odds of “{{ prediction.label }}” without the word.
<mark style="background:{{ color(full) }}">supports</mark>
<mark style="background:{{ color(-full) }}">opposes</mark></small></p>
{% if prediction.sentences -%}
<h2>Sentences</h2><table>
{% for sentence in prediction.sentences -%}
<tr><td dir="auto">{{ sentence.text }}<td>{{ sentence.label }}<td>{{ "{:.0%}".format(sentence.probability) }}
{% endfor %}</table>
{% endif -%}
</main></html>
"""


@dataclass(frozen=True)
class WordAttribution:
    """The contribution of a word to a prediction.

    Args:
        word: The word.
        value: Decrease of the predicted label's log-odds without the word.

    Example:
        ```python
        WordAttribution("wonderful", 2.1)
        ```
    """

    word: str
    value: float


def attribute_words(predictor: "Predictor", codec: TextCodec, text: str) -> list[WordAttribution]:
    """Attribute a prediction to words by leaving each out (Li et al. 2016, arXiv:1612.08220, section 3).

    A word belongs to one window, so that only this window is computed without it, and the n-grams of its section.

    Args:
        predictor: The network.
        codec: The codec.
        text: The text.

    Returns:
        One attribution per word, in order.

    Raises:
        InputError: If the text has more words than `InputLimits.explained_words`.
    """
    words = codec.split_words(text)
    _require_explainable(len(words))
    sections = codec.sections(words)
    outputs = compute_sections(predictor, codec, sections)
    word_counts = np.array([len(words)])
    (log_odds,), label = _log_odds(codec, codec.pool(outputs, word_counts), None)
    values, first = [], 0
    for section in sections:
        rows = slice(first, first + len(codec.windows(section)))
        first = rows.stop
        for row, variants in _left_out(predictor, codec, section):
            pooled = _pool_with(outputs, rows, rows.start + row, variants, len(words))
            values.extend(log_odds - _log_odds(codec, pooled, label)[0])
    return [WordAttribution(word, float(value)) for word, value in zip(words, values, strict=True)]


def write_explanation(prediction: SentimentPrediction, words: Sequence[WordAttribution], file: Path) -> Path:
    """Write a page of the text with its words colored by their attribution, and of its sentences.

    Args:
        prediction: The prediction.
        words: The attributions.
        file: The HTML file to write.

    Returns:
        The file.
    """
    from jinja2 import Environment

    template = Environment(autoescape=True).from_string(TEMPLATE)
    title = f"{prediction.label} {prediction.probability:.1%}"
    page = template.render(title=title, prediction=prediction, words=words, color=_css_color, full=FULL_COLOR)
    file.write_text(page, encoding="utf-8")
    return file


def terminal_text(words: Sequence[WordAttribution]) -> str:
    """Return the text for a terminal: words that support the prediction in blue, words that oppose it in orange.

    Args:
        words: The attributions.

    Returns:
        The words with ANSI colors.
    """
    return " ".join(
        f"{BLUE if word.value > 0 else ORANGE}{word.word}{RESET}" if abs(word.value) > MIN_COLORED else word.word
        for word in words
    )


def _require_explainable(words: int) -> None:
    most = input_limits().explained_words
    if words > most:
        raise InputError(f"the text has {words:,} words, and at most {most:,} are explained: shorten it")


def _left_out(predictor: "Predictor", codec: TextCodec, section: Sequence[str]) -> Iterator[tuple[int, Arrays]]:
    """Yield the number of a window and its outputs without each of its words in turn, of some words at once."""
    start, batch_size = 0, max(min(BATCH_SIZE, MAX_CHARACTERS // max(sum(map(len, section)), 1)), 1)
    for row, window in enumerate(codec.windows(section)):
        for first in range(0, len(window), batch_size):
            places = range(first, min(first + batch_size, len(window)))
            windows = [_without(window, place) for place in places]
            inputs = codec.encode_windows(windows, [_without(section, start + place) for place in places])
            yield row, predictor(inputs)
        start += len(window)


def _without(words: Sequence[str], place: int) -> list[str]:
    return [*words[:place], *words[place + 1 :]]


def _pool_with(outputs: Arrays, rows: slice, row: int, variants: Arrays, words: int) -> Arrays:
    """Return the outputs of a text for variants of a row and the n-grams of its section; its length stays as is.

    Args:
        outputs: The outputs of all windows.
        rows: The rows of the section.
        row: The row of the window.
        variants: The outputs of variants of the window.
        words: Number of words of the text.

    Returns:
        Outputs as `TextCodec.pool` returns them, the first axis along the variants.
    """
    windows = len(outputs["linear"])
    linear = outputs["linear"].sum(axis=0) - outputs["linear"][rows].sum(axis=0)
    nets = outputs["nets"].sum(axis=0) - outputs["nets"][row]
    return {
        "linear": linear + variants["linear"],
        "nets": (nets + variants["nets"]) / np.float32(windows),
        "words": np.full(len(variants["linear"]), words),
    }


def _log_odds(codec: TextCodec, outputs: Arrays, label: int | None) -> tuple[np.ndarray, int]:
    """Return the log-odds of a label, by default that which is the most probable in the first row, and the label."""
    probabilities = codec.probabilities(outputs)
    label = int(probabilities[0].argmax()) if label is None else label
    of_label = np.clip(probabilities[:, label], 1e-9, 1 - 1e-9)
    return np.asarray(np.log(of_label / (1 - of_label))), label


def _css_color(value: float) -> str:
    opacity = 0.6 * min(abs(value) / FULL_COLOR, 1)
    return f"rgba({'42,111,219' if value > 0 else '217,130,43'},{opacity:.2f})"
