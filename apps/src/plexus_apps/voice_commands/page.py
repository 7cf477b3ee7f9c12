"""Gradio page that recognizes the words of a recording and shows their times."""

from collections.abc import Mapping
from pathlib import Path

import gradio as gr
import numpy as np

from plexus import Bundle
from plexus_apps.pages import (
    DELETE_CACHE,
    example_button,
    heading,
    image_output,
    model_dropdown,
    render_image,
    show_input_errors,
    temporary_folder,
)
from plexus_apps.voice_commands.drawing import draw_words, read_samples, timed_words
from plexus_apps.voice_commands.examples import write_example

COLUMNS = ["start", "end", "word", "probability"]


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: a recording, and its words over time.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    example = write_example(temporary_folder() / "example.wav")
    page: gr.Blocks
    with gr.Blocks(title="Voice commands", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading("Voice commands", "Record or drop a recording to recognize its words and their times.")
        model = model_dropdown(bundles, "spoken")
        recording = gr.Audio(label="Recording", sources=["microphone", "upload"], type="filepath", buttons=["download"])
        example_button("Try a recording", str(example), recording)
        text = gr.Textbox(label="Words", interactive=False)
        picture = image_output("The words over the waveform and the spectrogram")
        table = gr.Dataframe(headers=COLUMNS, label="Times", interactive=False)
        with gr.Accordion("Explanation", open=False):
            heatmap = image_output("Heatmap: covering a warm region lowers the probability of the prediction")

        @show_input_errors
        def predict(name: str, file: str | None) -> tuple[str, np.ndarray | None, list[list[str]], np.ndarray | None]:
            return ("", None, [], None) if file is None else _predict(bundles[name], Path(file))

        for component in (recording, model):
            component.change(predict, [model, recording], [text, picture, table, heatmap])
    return page


def _predict(bundle: Bundle, recording: Path) -> tuple[str, np.ndarray, list[list[str]], np.ndarray]:
    prediction = bundle.predict([recording])[0].model_dump()
    samples, rate = read_samples(recording)
    words = timed_words(prediction, len(samples) / rate)
    picture = render_image(lambda path: draw_words(recording, prediction, path))
    heatmap = render_image(lambda path: bundle.explain(recording, path))
    rows = [[f"{word.start:.2f} s", f"{word.end:.2f} s", word.word, f"{word.probability:.1%}"] for word in words]
    return " ".join(word.word for word in words), picture, rows, heatmap
