"""The page of voice commands."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from plexus import Bundle
from plexus_apps.pages import KEPT, chooser, drawn, example, heading, kindly, shown
from plexus_apps.voice_commands import spoken
from plexus_apps.voice_commands.drawing import draw_words, read_sound, words_of

HEADERS = ["from", "to", "word", "probability"]


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """A recording, and its words over time."""
    with gr.Blocks(title="Voice commands", analytics_enabled=False, delete_cache=KEPT) as page:
        heading("Voice commands", "Record, or drop a recording: which words are said, and when.")
        model = chooser(bundles, "spoken")
        given = gr.Audio(label="Recording", sources=["microphone", "upload"], type="filepath", buttons=["download"])
        example("Try a recording", str(spoken.example(Path(tempfile.mkdtemp()) / "example.wav")), given)
        said = gr.Textbox(label="What was said", interactive=False)
        picture = shown("Words over the waveform and the spectrogram")
        table = gr.Dataframe(headers=HEADERS, label="Words", interactive=False)
        with gr.Accordion("Why: the surest word", open=False):
            why = shown("Warm where hiding a patch costs the answer")
        answered = {
            "fn": kindly(lambda name, file: _answered(bundles[name], file)),
            "inputs": [model, given],
            "outputs": [said, picture, table, why],
        }
        given.change(**answered)
        model.change(**answered)
    return page


def _answered(bundle: Bundle, recording: str | None) -> tuple[Any, ...]:
    if recording is None:
        return "", None, [], None
    file = Path(recording)
    answer = bundle.predict([file])[0].model_dump()
    samples, rate = read_sound(file)
    words = words_of(answer, len(samples) / rate)
    picture = drawn(lambda to: draw_words(file, answer, to))
    why = drawn(lambda to: bundle.explain(file, to))
    rows = [[f"{start:.2f} s", f"{end:.2f} s", word, f"{sure:.1%}"] for start, end, word, sure in words]
    return " ".join(word for _, _, word, _ in words), picture, rows, why
