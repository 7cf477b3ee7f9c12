"""Explanation of recognized words by occlusion of the spectrogram."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.explain.occlusion import occlusion_map
from plexus_speech.audio import RawRecording
from plexus_speech.codec import CommandCodec
from plexus_speech.detection import most_confident_word
from plexus_speech.filterbank import MelFilterbank
from plexus_speech.spectrogram import HOP_SECONDS, SILENCE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from plexus import Predictor

PATCH, STRIDE = (9, 8), 3
"""Frames and bands of the occluding patch, and the distance of two patches."""
MAX_OPACITY = 0.8
BAND_TICKS = 8
"""Bands between two ticks of the frequency axis."""


def draw_explanation(predictor: "Predictor", codec: CommandCodec, recording: RawRecording, path: Path) -> Path:
    """Draw the spectrogram of the most confident word, and where the prediction depends on it.

    Args:
        predictor: The network.
        codec: The codec.
        recording: The recording.
        path: The PNG file to write.

    Returns:
        The file.

    Raises:
        InputError: If the recording cannot be read.
    """
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    spectrogram, word = most_confident_word(predictor, codec, recording)
    attribution = occlusion_attribution(predictor, codec, spectrogram, codec.labels.index(word.label))
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    draw_spectrogram(left, spectrogram, codec.filterbank)
    left.set_title("Input")
    draw_attribution(figure, right, spectrogram, attribution, codec.filterbank)
    right.set_title(f"{word.label}  {word.probability:.1%}")
    right.set_ylabel("")
    save_figure(figure, path, dpi=100)
    return path


def occlusion_attribution(
    predictor: "Predictor", codec: CommandCodec, spectrogram: np.ndarray, label: int
) -> np.ndarray:
    """Compute by how much occluding each place of a spectrogram lowers a label's log-probability.

    Args:
        predictor: The network.
        codec: The codec.
        spectrogram: Compressed spectrogram of shape `(frames, bands)`.
        label: Index of the label.

    Returns:
        Attribution of shape `(frames, bands)`.
    """

    def log_probability(spectrograms: np.ndarray) -> np.ndarray:
        probabilities = codec.probabilities(predictor({"sound": spectrograms[..., 0]}))
        return np.asarray(np.log(probabilities[:, label] + 1e-9))

    return occlusion_map(log_probability, spectrogram[..., None], SILENCE, PATCH, STRIDE)


def draw_spectrogram(axes: "Axes", spectrogram: np.ndarray, filterbank: MelFilterbank, colormap: str = "magma") -> None:
    """Draw a spectrogram in seconds and hertz; `librosa.display` would make explanations import librosa.

    Args:
        axes: The axes.
        spectrogram: Compressed spectrogram of shape `(frames, bands)`.
        filterbank: The mel filterbank, for the frequencies of the bands.
        colormap: Name of the color map.
    """
    axes.imshow(
        spectrogram.T, cmap=colormap, vmin=SILENCE, vmax=1, extent=_extent(spectrogram), origin="lower", aspect="auto"
    )
    ticks = np.arange(0, spectrogram.shape[1], BAND_TICKS)
    axes.set_yticks(ticks + 0.5, [f"{hertz:,.0f}" for hertz in filterbank.frequencies[ticks]])
    axes.set_xlabel("seconds")
    axes.set_ylabel("hertz")


def draw_attribution(
    figure: "Figure", axes: "Axes", spectrogram: np.ndarray, attribution: np.ndarray, filterbank: MelFilterbank
) -> None:
    """Draw an attribution over a grey spectrogram, with a color bar.

    Args:
        figure: The figure.
        axes: The axes.
        spectrogram: Compressed spectrogram of shape `(frames, bands)`.
        attribution: Decrease of the log-probability, of the same shape.
        filterbank: The mel filterbank.
    """
    from matplotlib.cm import ScalarMappable

    draw_spectrogram(axes, spectrogram, filterbank, colormap="gray")
    largest = max(float(np.abs(attribution).max()), 1e-9)
    # Where the prediction does not depend on a place, the spectrogram shows through.
    opacity = MAX_OPACITY * np.abs(attribution.T) / largest
    overlay = axes.imshow(
        attribution.T,
        cmap="coolwarm",
        alpha=opacity,
        vmin=-largest,
        vmax=largest,
        extent=_extent(spectrogram),
        origin="lower",
        aspect="auto",
    )
    mappable = ScalarMappable(overlay.norm, overlay.cmap)
    figure.colorbar(mappable, ax=axes, label="decrease of log-probability when occluded", shrink=0.9)


def _extent(spectrogram: np.ndarray) -> tuple[float, float, float, float]:
    return 0, len(spectrogram) * HOP_SECONDS, 0, spectrogram.shape[1]
