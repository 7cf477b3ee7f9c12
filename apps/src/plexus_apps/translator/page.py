"""Gradio page that translates texts and text files."""

import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import gradio as gr

from plexus import Bundle, InputError
from plexus_apps.pages import (
    DELETE_CACHE,
    example_button,
    file_input,
    heading,
    model_dropdown,
    temporary_folder,
)
from plexus_apps.result_area import ResultArea
from plexus_apps.translator.model import TranslationModel, read_file
from plexus_apps.translator.terms import parse_terms

EXAMPLE = "Good evening! My name is Zora.\nWhere is the <b>train station</b>? Write to zora@example.org."
SHOWN_CHARACTERS = 3000
"""Characters of the end of a file's translation that the page shows while it is translated."""
GLOSSARY_HINT = "house = maison\ntrain station = gare"


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: a tab for a text and a tab for a file.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    models = {name: TranslationModel(bundle) for name, bundle in bundles.items()}
    page = gr.Blocks(title="Translator", analytics_enabled=False, delete_cache=DELETE_CACHE)
    with page:
        heading("Translator", "Translate a text or a file; point at a word to see the words that it comes from.")
        model = model_dropdown(bundles)
        directions = models[model.value].directions
        direction = gr.Radio(directions, value=directions[0], label="Direction")
        model.change(lambda name: _direction_radio(models[name]), model, direction, show_progress="hidden")
        with gr.Accordion("Glossary and search", open=False):
            glossary = gr.Textbox(
                value="",  # that of a closed accordion is None otherwise
                label="Glossary: a term and its translation per line",
                lines=3,
                placeholder=GLOSSARY_HINT,
            )
            with gr.Row():
                alternatives = gr.Slider(0, 5, value=2, step=1, label="Alternatives of each sentence")
                beam = gr.Slider(1, 16, value=4, step=1, label="Width of the beam")
        options = [model, direction, glossary, alternatives, beam]
        with gr.Tab("Text"):
            _add_text_tab(models, options)
        with gr.Tab("Text file"):
            _add_file_tab(models, options)
    return page


def _direction_radio(model: TranslationModel) -> gr.Radio:
    return gr.Radio(model.directions, value=model.directions[0])


def _add_text_tab(models: Mapping[str, TranslationModel], options: Sequence[gr.components.Component]) -> None:
    with gr.Row():
        with gr.Column():
            text = gr.Textbox(label="Text", lines=6, max_lines=16, placeholder="Write or paste a text")
            prefix = gr.Textbox(value="", label="The translation begins with", placeholder="optional")
            with gr.Row():
                example = example_button("Example text", EXAMPLE, text)
                button = gr.Button("Translate", variant="primary", size="sm")
        with gr.Column():
            area = ResultArea("The translation appears here.")
            with area.column:
                translation = gr.Textbox(
                    label="Translation",
                    lines=6,
                    max_lines=16,
                    interactive=False,
                    buttons=["copy"],
                    elem_id="translation",
                )
                alignment = gr.HTML(label="Alignment", elem_id="alignment")

    def translate(
        name: str, way: str, terms: str, alternatives: int, beam: int, text: str, prefix: str
    ) -> Iterator[tuple[str, str]]:
        model = models[name]
        request = model.request(text, way, alternatives, beam, prefix, parse_terms(terms))
        result = ""
        for part in model.stream(request):
            result += part
            yield result, ""
        try:
            yield result, model.explain(request)
        except InputError as error:  # only short texts are explained
            yield result, html.escape(str(error))

    area.fill(button.click, translate, [*options, text, prefix], [translation, alignment], [example])


def _add_file_tab(models: Mapping[str, TranslationModel], options: Sequence[gr.components.Component]) -> None:
    file = file_input("Text file in UTF-8 (.txt, .md, .html, .srt)")
    with gr.Row():
        example = example_button("Example file", str(_write_example(temporary_folder())), file)
        button = gr.Button("Translate file", variant="primary", size="sm")
    area = ResultArea()
    with area.column:
        shown = gr.Textbox(label="Translation (its end)", lines=8, max_lines=16, interactive=False, elem_id="file-end")
        download = gr.DownloadButton("Download the translation", visible=False)

    def translate(
        name: str, way: str, terms: str, _: int, beam: int, path: str | None
    ) -> Iterator[tuple[str, gr.DownloadButton]]:
        text, model, result = read_file(path), models[name], ""
        waiting = gr.DownloadButton(visible=False)
        for part in model.stream(model.request(text, way, beam=beam, glossary=parse_terms(terms))):
            result += part
            if part.strip():
                yield result[-SHOWN_CHARACTERS:], waiting
        source = Path(str(path))
        out = temporary_folder() / f"{source.stem}.translated{source.suffix}"
        out.write_text(result, encoding="utf-8", newline="")
        yield result[-SHOWN_CHARACTERS:], gr.DownloadButton(value=str(out), visible=True)

    area.fill(button.click, translate, [*options, file], [shown, download], [example])


def _write_example(folder: Path) -> Path:
    file = folder / "letter.txt"
    file.write_text(f"Dear friend,\n\n  - {EXAMPLE}\n\nThank you! \N{WAVING HAND SIGN}\n", encoding="utf-8")
    return file
