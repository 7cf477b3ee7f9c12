"""The page of the most confident mistakes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

MAX_MISTAKES = 30
SHOWN_CHARACTERS = 600
TEMPLATE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ title }}</title>
<style>:root { color-scheme: light dark; --text: #1c2430; --page: #fff }
@media (prefers-color-scheme: dark) { :root { --text: #e4e8ef; --page: #12161d } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1em; color: var(--text); background: var(--page) }
div { overflow-x: auto } td, th { padding: .3em .8em .3em 0; vertical-align: top; text-align: left }
</style>
<main><h1>{{ title }}</h1>
<div tabindex="0" role="region" aria-label="Wrong predictions"><table><tr><th>Probability<th>Prediction<th>Label<th>Text
{% for probability, prediction, label, text in rows -%}
<tr><td>{{ "{:.0%}".format(probability) }}<td>{{ prediction }}<td>{{ label }}<td dir="auto">{{ text }}
{% endfor %}
</table></div></main></html>
"""


def write_mistakes(
    texts: Sequence[str], classes: np.ndarray, probabilities: np.ndarray, labels: Sequence[str], file: Path
) -> None:
    """Write a page of the wrong predictions with the highest probabilities.

    Args:
        texts: The texts.
        classes: True classes of shape `(n,)`.
        probabilities: Predicted probabilities of shape `(n, labels)`.
        labels: The labels.
        file: The HTML file to write.
    """
    from jinja2 import Environment

    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != classes)
    worst = wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:MAX_MISTAKES]
    rows = [
        (probabilities[i].max(), labels[predicted[i]], labels[classes[i]], texts[i][:SHOWN_CHARACTERS]) for i in worst
    ]
    title = f"{len(wrong):,} wrong predictions; the {len(worst)} with the highest probability"
    page = Environment(autoescape=True).from_string(TEMPLATE).render(title=title, rows=rows)
    file.write_text(page, encoding="utf-8")
