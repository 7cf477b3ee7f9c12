"""Explanation of transcripts by occlusion of the spectrogram."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.explain.occlusion import occlusion_map
from plexus.metrics.calibration import log_softmax
from plexus_speech.audio import RawRecording
from plexus_speech.explain import draw_attribution, draw_spectrogram
from plexus_speech.segmentation import read_speech
from plexus_speech.spectrogram import HOP_SECONDS, SILENCE
from plexus_speech.transcription.codec import STRIDE, TranscriptCodec
from plexus_speech.transcription.ctc import BLANK, align
from plexus_speech.transcription.recognition import log_probabilities

if TYPE_CHECKING:
    from plexus import Predictor

MAX_SECONDS = 10.0
"""Seconds from the beginning of speech that are explained."""
PATCH, PATCH_STRIDE = (20, 10), 5
"""Frames and bands of the occluding patch, and the distance of two patches."""


def draw_explanation(predictor: "Predictor", codec: TranscriptCodec, recording: RawRecording, path: Path) -> Path:
    """Draw the spectrogram with the words at their times, and where the text depends on it.

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

    waveform = read_speech(recording, codec.rate)[: int(MAX_SECONDS * codec.rate)]
    (logs,) = log_probabilities(predictor, codec, [waveform])
    transcript, spectrogram = codec.transcribe(logs), codec.encode_waveforms([waveform])["sound"][0]
    frames = min(len(logs) * STRIDE, len(spectrogram))
    attribution = occlusion_attribution(predictor, spectrogram, codec.decode_letters(logs))[:frames]
    figure = Figure(figsize=(min(4 + 1.5 * frames * HOP_SECONDS, 16), 6), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    draw_spectrogram(top, spectrogram[:frames], codec.filterbank)
    top.set_xlabel("")
    for word in transcript.words:
        top.axvline(word.start, color="white", linewidth=0.8)
        top.text(word.start, spectrogram.shape[1] + 0.7, f"{word.word}\n{word.confidence:.0%}", size=9)
    draw_attribution(figure, bottom, spectrogram[:frames], attribution, codec.filterbank)
    save_figure(figure, path, dpi=100)
    return path


def occlusion_attribution(predictor: "Predictor", spectrogram: np.ndarray, letters: list[int]) -> np.ndarray:
    """Compute by how much occluding each place of a spectrogram lowers the log-probability of the letters.

    Args:
        predictor: The network.
        spectrogram: Compressed spectrogram of shape `(frames, bands)`.
        letters: Indices of the letters; each is scored within its span of the alignment.

    Returns:
        Attribution of shape `(frames, bands)`.
    """
    spans = align(log_softmax(predictor({"sound": spectrogram[None]})["logits"])[0], letters)

    def log_probability(spectrograms: np.ndarray) -> np.ndarray:
        logs = log_softmax(predictor({"sound": spectrograms[..., 0]})["logits"])
        if not letters:
            return np.asarray(logs[:, :, BLANK].sum(axis=1))
        scores = [logs[:, first:end, letter].max(axis=1) for letter, (first, end) in zip(letters, spans, strict=True)]
        return np.asarray(np.sum(scores, axis=0))

    return occlusion_map(log_probability, spectrogram[..., None], SILENCE, PATCH, PATCH_STRIDE)
