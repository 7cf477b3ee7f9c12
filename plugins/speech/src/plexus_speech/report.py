"""The figure of the most confident mistakes of a command recognizer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus_speech.explain import draw_spectrogram
from plexus_speech.filterbank import MelFilterbank

ROWS, COLUMNS = 3, 4


def draw_mistakes(
    spectrograms: np.ndarray,
    probabilities: np.ndarray,
    classes: np.ndarray,
    labels: Sequence[str],
    filterbank: MelFilterbank,
    path: Path,
) -> None:
    """Draw the spectrograms of the most confident mistakes.

    Args:
        spectrograms: Compressed spectrograms of shape `(n, frames, bands)`.
        probabilities: Probabilities of shape `(n, labels)`.
        classes: True classes of shape `(n,)`.
        labels: The labels.
        filterbank: The mel filterbank.
        path: PNG or SVG file to write.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != classes)
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][: ROWS * COLUMNS]
    figure = Figure(figsize=(12, 7), layout="constrained")
    if not len(wrong):
        figure.text(0.5, 0.5, "no mistakes", ha="center")
    cells = figure.subplots(ROWS, COLUMNS).ravel()
    for axes in cells[len(wrong) :]:
        axes.set_axis_off()
    for axes, row in zip(cells, wrong, strict=False):
        draw_spectrogram(axes, spectrograms[row], filterbank)
        confidence = probabilities[row].max()
        axes.set_title(f"{labels[predicted[row]]} {confidence:.0%}, truth {labels[classes[row]]}", size=9)
        axes.label_outer()
    save_figure(figure, path, dpi=100)
