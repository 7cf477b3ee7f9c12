"""The page of the sentiment desk."""

import html
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from plexus import Bundle, InputError
from plexus.inference.table_predictions import answer_table
from plexus_apps.pages import KEPT, chooser, drawn, example, first_rows, heading, kindly, shown
from plexus_apps.sentiment_desk.summary import draw_shares, example_table, summary_columns

FRAME = (
    '<iframe title="{label}" srcdoc="{page}" '
    'style="width:100%;height:{height}px;border:0;background:#fff;border-radius:6px"></iframe>'
)
SHOWN = 200
LONG = ("sentences", "probabilities", "known", "expected")
"""Fields of an answer that stand in the file alone."""
EXAMPLE = "A warm, funny film with a wonderful cast. The ending is far too long, and the music was never dull!"


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """One text, or a table of them."""
    with gr.Blocks(title="Sentiment desk", analytics_enabled=False, delete_cache=KEPT) as page:
        heading("Sentiment desk", "What a text feels and which words say so; or a whole table of reviews, over time.")
        model = chooser(bundles, "rt_polarity,imdb")
        with gr.Tab("A text"):
            _text(bundles, model)
        with gr.Tab("A table of texts"):
            _table(bundles, model)
    return page


def _text(bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    given = gr.Textbox(label="Text", lines=4, placeholder="Write or paste a review")
    with gr.Row():
        example("Try a review", EXAMPLE, given)
        button = gr.Button("What does it feel?", variant="primary", size="sm")
    label = gr.Label(label="Answer")
    marked = gr.HTML(label="Each word's push")
    answered = {
        "fn": kindly(lambda name, text: _answered(bundles[name], text)),
        "inputs": [model, given],
        "outputs": [label, marked],
    }
    button.click(**answered)
    given.submit(**answered)


def _table(bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    file = gr.File(
        label="A table with a column of texts (.csv, .tsv, .parquet)",
        file_types=[".csv", ".tsv", ".parquet"],
        height=120,
    )
    with gr.Row():
        example("Try a table of reviews", str(example_table(Path(tempfile.mkdtemp()) / "reviews.csv")), file)
        button = gr.Button("Answer for all", variant="primary", size="sm")
    by = gr.Dropdown([], label="Summary by", interactive=True)
    plot = shown("Share of each feeling", elem_id="shares")
    table = gr.Dataframe(label=f"Answers (the first {SHOWN})", interactive=False, wrap=True)
    download = gr.DownloadButton("Download all as CSV", interactive=False)
    answers = gr.State()
    button.click(
        kindly(lambda name, given: _answered_table(bundles[name], given)),
        [model, file],
        [answers, by, plot, table, download],
    )
    by.input(kindly(lambda path, column: _shares(Path(path), column) if path else None), [answers, by], plot)


def _shares(answers: Path, column: str) -> Any:
    return drawn(lambda to: draw_shares(answers, column, to))


def _answered(bundle: Bundle, text: str) -> tuple[dict[str, float], str]:
    if not text.strip():
        raise InputError("write a text first")
    answer = bundle.predict([text])[0].model_dump()
    with tempfile.TemporaryDirectory() as folder:
        page = bundle.explain(text, Path(folder) / "why.html").read_text()
    height = min(260 + len(text) // 2 + 40 * len(answer["sentences"]), 900)
    return answer["probabilities"], FRAME.format(
        page=html.escape(page), height=height, label="The text with its words marked by their push"
    )


def _answered_table(bundle: Bundle, given: str | None) -> tuple[Any, ...]:
    if given is None:
        raise InputError("choose a table first")
    out = Path(tempfile.mkdtemp()) / "answers.csv"
    answer_table(bundle, Path(given), out, bundle.task.asking.parse({}) if bundle.task.asking else None)
    columns = summary_columns(out)
    picked = gr.Dropdown(columns, value=columns[0])
    return (
        str(out),
        picked,
        _shares(out, columns[0]),
        first_rows(out, SHOWN, ["label", "probability", "unsure"], LONG),
        gr.DownloadButton(value=str(out), interactive=True),
    )
