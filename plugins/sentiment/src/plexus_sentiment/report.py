"""What a training leaves to look at."""

import html
from pathlib import Path

import numpy as np

from plexus.report.confusion_matrix import draw_confusion_matrix
from plexus.report.reliability_diagram import draw_reliability_diagram
from plexus_sentiment.codec import TextCodec
from plexus_sentiment.texts import Texts

WORST = 30
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 15px/1.5 system-ui; margin: 2em }}
td, th {{ padding: .3em .8em; vertical-align: top; text-align: left }}</style>
<h1>{title}</h1>
<table><tr><th>sure<th>answer<th>label<th>text
{lines}
</table></html>
"""


def write_report(examples: Texts, probabilities: np.ndarray, codec: TextCodec, folder: Path) -> None:
    """Write `confusion.png`, `calibration.png` and `mistakes.html`."""
    targets = codec.targets(examples.labels)
    found = probabilities.argmax(axis=1)
    draw_confusion_matrix(found, targets, codec.labels, folder / "confusion.png")
    draw_reliability_diagram(probabilities.max(axis=1), found == targets, folder / "calibration.png")
    wrong = np.flatnonzero(found != targets)
    worst = wrong[np.argsort(-probabilities[wrong, found[wrong]], kind="stable")][:WORST]
    lines = "".join(
        f"<tr><td>{probabilities[row].max():.0%}<td>{html.escape(codec.labels[found[row]])}"
        f"<td>{html.escape(examples.labels[row])}<td dir=auto>{html.escape(examples.raws[row][:600])}"
        for row in worst
    )
    title = f"The {len(worst)} most confident mistakes of {len(wrong):,}"
    (folder / "mistakes.html").write_text(_PAGE.format(title=title, lines=lines), encoding="utf-8")
