"""Explanation of translations: word alignment by cross-attention, confidence, out-of-vocabulary words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus.codec import Input
from plexus.inference.limits import input_limits
from plexus_language.alignment import word_spans
from plexus_language.recognition import sentence_words
from plexus_language.request import SentenceRequest, as_input
from plexus_language.translated_sentence import TranslatedSentence
from plexus_language.translator import Translator

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_language.codec import TranslationCodec

MIN_WEIGHT = 0.05
"""Attention below which a word is not marked."""
TEMPLATE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>
:root { color-scheme: light dark; --text: #1c2430; --page: #fff; --dim: #5b6675; --line: #d5dae1; --mark: 42,111,219 }
@media (prefers-color-scheme: dark) {
 :root { --text: #e6e9ee; --page: #14181f; --dim: #9aa5b4; --line: #39424f; --mark: 96,156,255 }
}
body { font: 17px/1.7 system-ui, sans-serif; max-width: 46em; margin: 1.5em auto; padding: 0 1em }
body { color: var(--text); background: var(--page) }
section { border-top: 1px solid var(--line); padding: .6em 0 }
section:first-of-type { border-top: 0 }
p { margin: .3em 0 } small { color: var(--dim) }
.target span { cursor: default }
.target span, .source span { border-radius: .2em; padding: .1em .1em; outline-offset: 1px }
.target span:hover, .target span:focus { outline: 2px solid rgb(var(--mark)) }
.unknown { text-decoration: underline wavy #d9822b; text-underline-offset: .25em }
details { margin: .4em 0 } summary { cursor: pointer; color: var(--dim) }
.matrix { overflow-x: auto } table { border-collapse: collapse; font-size: .8em }
td { width: 1.6em; min-width: 1.6em; height: 1.6em; border: 1px solid var(--line); text-align: center }
th { font-weight: normal; text-align: right; padding: 0 .4em; white-space: nowrap }
thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; padding: .4em 0 }
</style>
{% for sentence in sentences -%}
<section>
<p class="source" dir="auto">{% for word in sentence.source -%}
<span{{ ' class="unknown" title="not in the vocabulary"' | safe if word.is_unknown }}>{{ word.text }}</span>
{% endfor %}</p>
<p class="target" dir="auto">{% for word in sentence.target -%}
<span tabindex="0" data-weights="{{ word.weights | join(' ') }}" title="{{ word.title }}">{{ word.text }}</span>
{% endfor %}</p>
<p><small>{{ sentence.caption }}</small></p>
{% if sentence.matrix -%}
<details><summary>Alignment</summary><div class="matrix"><table>
<thead><tr><th></th>{% for word in sentence.source %}<th>{{ word.text }}</th>{% endfor %}</tr></thead>
{% for word in sentence.target -%}
<tr><th>{{ word.text }}</th>{% for weight in word.weights -%}
<td style="background:rgba(var(--mark),{{ weight }})" title="{{ '{:.0%}'.format(weight) }}"></td>{% endfor %}</tr>
{% endfor %}</table></div></details>
{% endif -%}
</section>
{% endfor %}
<p><small>Point at a word of the translation to see the words that it attends to (mean cross-attention of the
decoder's heads; it is no proof that a word comes from another).</small></p>
<script>
for (const section of document.querySelectorAll("section")) {
  const words = section.querySelectorAll(".source span")
  for (const word of section.querySelectorAll(".target span")) {
    const weights = word.dataset.weights ? word.dataset.weights.split(" ") : []
    const paint = (shown) => weights.forEach((weight, i) => {
      words[i].style.background = shown && weight >= MIN_WEIGHT ? `rgba(var(--mark),${weight * .7})` : ""
    })
    for (const event of ["mouseenter", "focus", "click"]) word.addEventListener(event, () => paint(true))
    for (const event of ["mouseleave", "blur"]) word.addEventListener(event, () => paint(false))
  }
}
</script>
</html>
"""


@dataclass(frozen=True)
class AlignedSentence:
    """A sentence and its translation, word by word.

    Args:
        source: Words of the sentence.
        target: Words of the translation.
        weights: Attention of each word of the translation to each word of the sentence, shape `(target, source)`; None
            for a sentence that was copied or translated in several parts.
        unknown: Whether the words of the sentence are out of vocabulary.
        caption: Confidence and notes.

    Example:
        ```python
        align(predictor, codec, "Good evening.")[0].weights.argmax(axis=1)
        ```
    """

    source: Sequence[str]
    target: Sequence[str]
    weights: np.ndarray | None
    unknown: Sequence[bool]
    caption: str


def align(predictor: "Predictor", codec: "TranslationCodec", raw_input: Input) -> list[AlignedSentence]:
    """Translate a text and align the words of each sentence.

    Args:
        predictor: The networks.
        codec: The codec.
        raw_input: A string or `TranslationInput`.

    Returns:
        The sentences.

    Raises:
        InputError: If the text has more words than `InputLimits.explained_words`, or cannot be translated.
    """
    words, most = len(as_input(raw_input).text.split()), input_limits().explained_words
    if words > most:
        raise InputError(f"the text has {words:,} words, and at most {most:,} are explained: shorten it")
    translator = Translator(predictor, codec)
    requests = [part for part in translator.split(raw_input) if isinstance(part, SentenceRequest)]
    return [aligned_sentence(result) for result in translator.search(requests)]


def write_explanation(sentences: Sequence[AlignedSentence], file: Path) -> Path:
    """Write a page that shows the alignment of words on hover, and as a matrix.

    Args:
        sentences: The sentences.
        file: The HTML file to write.

    Returns:
        The file.
    """
    from jinja2 import Environment

    template = Environment(autoescape=True).from_string(TEMPLATE.replace("MIN_WEIGHT", str(MIN_WEIGHT)))
    page = template.render(title="Translation", sentences=[_view(sentence) for sentence in sentences])
    file.write_text(page, encoding="utf-8")
    return file


def draw_alignment(sentences: Sequence[AlignedSentence], file: Path) -> None:
    """Draw the alignment of sentences as matrices, one below the other.

    Args:
        sentences: Sentences with an alignment; at least one.
        file: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    aligned = [(sentence, sentence.weights) for sentence in sentences if sentence.weights is not None]
    heights = [1.5 + 0.3 * len(sentence.target) for sentence, _ in aligned]
    width = 2.5 + 0.4 * max(len(sentence.source) for sentence, _ in aligned)
    figure = Figure(figsize=(width, sum(heights)), layout="constrained")
    axes = figure.subplots(len(aligned), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axis, (sentence, weights) in zip(axes, aligned, strict=True):
        axis.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axis.set_xticks(range(len(sentence.source)), sentence.source, rotation=45, ha="left", rotation_mode="anchor")
        axis.set_yticks(range(len(sentence.target)), sentence.target)
        axis.xaxis.tick_top()
        axis.tick_params(length=0)
    save_figure(figure, file, dpi=100)


def aligned_sentence(result: TranslatedSentence) -> AlignedSentence:
    """Return a finished translation word by word.

    Args:
        result: The translation of a sentence.

    Returns:
        The sentence, without weights if nothing was searched for or it was translated in several parts.
    """
    prediction, attention = result.prediction(), result.word_attention()
    text = result.sentence.text if attention is not None else result.sentence.source
    source = [text[start:end] for start, end in word_spans(text)]
    translation, weights = attention or (result.text, None)
    parts = [] if prediction.confidence is None else [f"confidence {prediction.confidence:.0%}"]
    unknown = set(prediction.unknown_words)
    return AlignedSentence(
        source,
        [translation[start:end] for start, end in word_spans(translation)],
        weights,
        [not unknown.isdisjoint(sentence_words(word)) for word in source],
        "; ".join([*parts, *prediction.notes, *(f"or: {each.translation}" for each in prediction.alternatives)]),
    )


def _view(sentence: AlignedSentence) -> dict[str, object]:
    """Return the fields of a sentence for the template."""
    target = []
    for number, word in enumerate(sentence.target):
        weights = [] if sentence.weights is None else [round(float(x), 2) for x in sentence.weights[number]]
        sources = sorted(zip(weights, sentence.source, strict=False), reverse=True)[:3]
        title = ", ".join(f"{source} {weight:.0%}" for weight, source in sources if weight >= MIN_WEIGHT)
        target.append({"text": word, "weights": weights, "title": title})
    source = [
        {"text": word, "is_unknown": is_unknown}
        for word, is_unknown in zip(sentence.source, sentence.unknown, strict=True)
    ]
    return {
        "source": source,
        "target": target,
        "matrix": sentence.weights is not None,
        "caption": sentence.caption,
    }
