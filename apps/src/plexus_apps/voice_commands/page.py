"""Gradio page that recognizes the words of a recording and shows their times."""

from collections.abc import Mapping
from pathlib import Path

import gradio as gr

from plexus import Bundle
from plexus_apps.pages import DELETE_CACHE, example_button, heading, model_dropdown, temporary_folder
from plexus_apps.result_area import ResultArea
from plexus_apps.results import figure_html, table_html
from plexus_apps.voice_commands.drawing import draw_words, read_samples, timed_words
from plexus_apps.voice_commands.examples import write_example

COLUMNS = ["start", "end", "word", "probability"]
WORDS = "The words over the waveform and the spectrogram"
HEATMAP = "Heatmap: covering a warm region lowers the probability of the prediction"


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: a recording, and its words over time.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    folder = temporary_folder()
    page: gr.Blocks
    with gr.Blocks(title="Voice commands", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading("Voice commands", "Record or drop a recording to recognize its words and their times.")
        model = model_dropdown(bundles)
        recording = gr.Audio(label="Recording", sources=["microphone", "upload"], type="filepath", buttons=["download"])
        # Its words are synthesized, which takes seconds.
        example_button("Try a recording", lambda: str(write_example(folder / "example.wav")), recording)
        area = ResultArea("The words appear here.")
        with area.column:
            text = gr.Textbox(label="Words", interactive=False)
            picture, table = gr.HTML(padding=False, elem_classes="words"), gr.HTML(padding=False)
            with gr.Accordion("Explanation", open=False):
                heatmap = gr.HTML(padding=False)

        def predict(name: str, file: str | None) -> tuple[str, str, str, str] | None:
            return None if file is None else _predict(bundles[name], Path(file))

        outputs = [text, picture, table, heatmap]
        area.fill([recording.change, model.change], predict, [model, recording], outputs)
    return page


def _predict(bundle: Bundle, recording: Path) -> tuple[str, str, str, str]:
    """Return the words, their figure, their table, and the heatmap."""
    prediction = bundle.predict([recording])[0].model_dump()
    samples, rate = read_samples(recording)
    words = timed_words(prediction, len(samples) / rate)
    rows = [[f"{word.start:.2f} s", f"{word.end:.2f} s", word.word, f"{word.probability:.1%}"] for word in words]
    return (
        " ".join(word.word for word in words),
        figure_html(lambda file: draw_words(recording, prediction, file), WORDS),
        table_html("Times", COLUMNS, rows),
        figure_html(lambda file: bundle.explain(recording, file), HEATMAP),
    )
