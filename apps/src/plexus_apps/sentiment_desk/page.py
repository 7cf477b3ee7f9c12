"""Gradio page that classifies a text word by word, or summarizes a table of reviews."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import gradio as gr

from plexus import Bundle, InputError
from plexus.inference.table_predictions import predict_table
from plexus_apps.pages import (
    DELETE_CACHE,
    TABLES,
    example_button,
    file_input,
    first_rows,
    heading,
    model_dropdown,
    require_suffix,
    temporary_folder,
)
from plexus_apps.result_area import ResultArea
from plexus_apps.results import figure_html, page_html
from plexus_apps.sentiment_desk.summary import draw_fractions, summary_columns, write_example_table

MAX_ROWS = 200
FIRST_COLUMNS = ("label", "probability", "unsure")
HIDDEN_COLUMNS = ("alternatives", "sentences", "probabilities", "known", "expected")
"""Columns of predictions that only the downloaded file has."""
EXAMPLE = "A warm, funny film with a wonderful cast. The ending is far too long, and the music was never dull!"


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: a tab for one text and a tab for a table of texts.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    page = gr.Blocks(title="Sentiment desk", analytics_enabled=False, delete_cache=DELETE_CACHE)
    with page:
        heading("Sentiment desk", "Classify the sentiment of a text, word by word, or of a table of reviews over time.")
        model = model_dropdown(bundles)
        with gr.Tab("Text"):
            _add_text_tab(bundles, model)
        with gr.Tab("Table of texts"):
            _add_table_tab(bundles, model)
    return page


def _add_text_tab(bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    text = gr.Textbox(label="Text", lines=4, placeholder="Write or paste a review")
    with gr.Row():
        example = example_button("Example review", EXAMPLE, text)
        button = gr.Button("Classify", variant="primary", size="sm")
    area = ResultArea()
    with area.column:
        label, words = gr.Label(label="Sentiment"), gr.HTML(label="Attribution to words")

    def classify(name: str, value: str) -> tuple[dict[str, float], str]:
        return _classify(bundles[name], value)

    area.fill([button.click, text.submit], classify, [model, text], [label, words], [example])


def _add_table_tab(bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    file = file_input("Table with a column of texts (.csv, .tsv, .parquet)")
    with gr.Row():
        example_file = write_example_table(temporary_folder() / "reviews.csv")
        example = example_button("Example table", str(example_file), file)
        button = gr.Button("Classify all", variant="primary", size="sm")
    area, predictions = ResultArea(), gr.State()
    with area.column:
        column = gr.Dropdown([], label="Summary by", interactive=True)
        plot, table = gr.HTML(padding=False, elem_classes="fractions"), gr.HTML(padding=False)
        download = gr.DownloadButton("Download all as CSV")

    def classify_table(name: str, path: str | None) -> tuple[object, ...]:
        return _classify_table(bundles[name], path)

    outputs = [predictions, column, plot, table, download]
    area.fill(button.click, classify_table, [model, file], outputs, [example])
    column.input(lambda path, name: _draw(Path(path), name), [predictions, column], plot)


def _draw(predictions: Path, column: str) -> str:
    return figure_html(lambda file: draw_fractions(predictions, column, file), "Fraction of each label")


def _classify(bundle: Bundle, text: str) -> tuple[dict[str, float], str]:
    """Return the probabilities of a text, and its explanation as HTML."""
    if not text.strip():
        raise InputError("no text: write or paste a text first")
    prediction = bundle.predict([text])[0].model_dump()
    with tempfile.TemporaryDirectory() as folder:
        page = bundle.explain(text, Path(folder) / "words.html").read_text(encoding="utf-8")
    return prediction["probabilities"], page_html(page, "The text, its words colored by attribution")


def _classify_table(bundle: Bundle, path: str | None) -> tuple[object, ...]:
    """Return the values of the tab's outputs: file of predictions, columns, plot, table and download."""
    if path is None:
        raise InputError("no table: choose a file first")
    out = temporary_folder() / "predictions.csv"
    predict_table(bundle, require_suffix(Path(path), TABLES), out)
    columns = summary_columns(out)
    return (
        str(out),
        gr.Dropdown(columns, value=columns[0]),
        _draw(out, columns[0]),
        first_rows(out, f"Predictions (first {MAX_ROWS} rows)", MAX_ROWS, FIRST_COLUMNS, HIDDEN_COLUMNS),
        gr.DownloadButton(value=str(out)),
    )
