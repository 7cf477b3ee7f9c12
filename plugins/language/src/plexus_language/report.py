"""The report of a translation model: mistakes, confidence and word alignment of test pairs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.report.reliability_diagram import draw_reliability_diagram
from plexus_language.evaluation import EvaluationPair, is_good, translate_pairs
from plexus_language.explanation import aligned_sentence, draw_alignment

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus_language.codec import TranslationCodec
    from plexus_language.translated_sentence import TranslatedSentence

MAX_PAIRS = 200
MAX_MISTAKES = 30
ALIGNED_SENTENCES = 3
TEMPLATE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ title }}</title>
<style>:root { color-scheme: light dark } body { font: 15px/1.5 system-ui, sans-serif; margin: 2em }
div { overflow-x: auto } td, th { padding: .3em .8em; vertical-align: top; text-align: left }</style>
<h1>{{ title }}</h1>
<div tabindex="0" role="region" aria-label="Translations">
<table><tr><th>chrF2<th>Confidence<th>Source<th>Translation<th>Reference
{% for score, confidence, source, translation, reference in rows -%}
<tr><td>{{ "{:.2f}".format(score) }}<td>{{ "" if confidence is none else "{:.0%}".format(confidence) }}
<td dir="auto">{{ source }}<td dir="auto">{{ translation }}<td dir="auto">{{ reference }}
{% endfor %}
</table></div></html>
"""


def write_report(
    predictor: "Predictor", codec: "TranslationCodec", pairs: Sequence[EvaluationPair], folder: Path
) -> None:
    """Write the worst translations, the calibration of the confidence, and alignments.

    Args:
        predictor: The networks.
        codec: The calibrated codec.
        pairs: Test pairs; at most 200 of them, equally spaced, are translated.
        folder: Folder to write `mistakes.html`, `calibration.svg` and `alignment.svg` to.
    """
    sample = pairs[:: -(-len(pairs) // MAX_PAIRS)]
    results = translate_pairs(predictor, codec, sample)
    write_mistakes(sample, results, folder / "mistakes.html")
    predictions = zip(sample, results, [result.prediction().confidence for result in results], strict=True)
    rated = [(value, is_good(result.text, pair.references)) for pair, result, value in predictions if value is not None]
    if rated:
        confidence, good = zip(*rated, strict=True)
        draw_reliability_diagram(np.array(confidence), np.array(good), folder / "calibration.svg")
    aligned = [sentence for result in results if (sentence := aligned_sentence(result)).weights is not None]
    if aligned:
        draw_alignment(aligned[:: -(-len(aligned) // ALIGNED_SENTENCES)], folder / "alignment.svg")


def write_mistakes(pairs: Sequence[EvaluationPair], results: "Sequence[TranslatedSentence]", file: Path) -> None:
    """Write a page of the translations that differ most from their references.

    Args:
        pairs: Sentences with references.
        results: The translation of each.
        file: The HTML file to write.
    """
    from jinja2 import Environment

    from plexus_language.translation_metrics import sentence_chrf

    rows = [
        (
            sentence_chrf(result.text, pair.references),
            result.prediction().confidence,
            pair.source,
            result.text,
            " / ".join(pair.references),
        )
        for pair, result in zip(pairs, results, strict=True)
        if result.text not in pair.references
    ]
    worst = sorted(rows, key=lambda row: row[0])[:MAX_MISTAKES]
    title = (
        f"{len(rows)} of {len(pairs)} translated test pairs differ from their reference; the {len(worst)} with the most"
    )
    page = Environment(autoescape=True).from_string(TEMPLATE).render(title=f"{title} differences", rows=worst)
    file.write_text(page, encoding="utf-8")
