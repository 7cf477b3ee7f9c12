"""Gradio page that classifies and explains images, and trains on a zip of images."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import polars as pl

from plexus import Bundle, InputError
from plexus.data.archives import unpack_archive
from plexus.data.folders import is_hidden
from plexus.data.spreadsheets import write_spreadsheet
from plexus.plugins.registry import registry
from plexus_apps.drawing_pad import drawing_of, drawing_pad
from plexus_apps.image_recognition.app import draw_photo
from plexus_apps.pages import (
    DELETE_CACHE,
    add_trained_model,
    example_button,
    file_input,
    heading,
    image_input,
    metrics_table,
    model_dropdown,
    require_suffix,
    temporary_folder,
    training_area,
)
from plexus_apps.report_figures import LEARNING_CURVES, report_figures
from plexus_apps.result_area import ResultArea
from plexus_apps.results import figure_html, note_html, table_html
from plexus_apps.training import stream_training

if TYPE_CHECKING:
    from plexus.codec import JsonObject

TASK = "vision.classify"
COLUMNS = ["image", "label", "probability", "error"]
NONE_OF_THESE = "none of these"
HEATMAP = "Heatmap: covering a warm region lowers the probability of the prediction"


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: tabs for one image, a drawing, many images, and training on one's own images.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    photo = draw_photo(temporary_folder() / "three.png")
    page: gr.Blocks
    models = dict(bundles)
    with gr.Blocks(title="Image recognition", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading("Image recognition", "Classify images and see which regions the prediction depends on.")
        model = model_dropdown(models)
        with gr.Tab("One image"):
            _add_image_tab(models, model, photo)
        with gr.Tab("Draw"):
            _add_drawing_tab(models, model)
        with gr.Tab("Many images"):
            _add_folder_tab(models, model)
        with gr.Tab("Train on your images"):
            _add_training_tab(models, model)
    return page


def _add_image_tab(bundles: Mapping[str, Bundle], model: gr.Dropdown, photo: Path) -> None:
    with gr.Row():
        with gr.Column():
            image = image_input(height=340)
            example_button("Try a photo of a digit", str(photo), image)
        with gr.Column():
            area, outputs = _add_prediction()

    def predict(name: str, file: str | None) -> tuple[dict[str, float] | str, str] | None:
        return None if file is None else _predict(bundles[name], file)

    area.fill([image.change, model.change], predict, [model, image], outputs)


def _add_drawing_tab(bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    with gr.Row():
        with gr.Column():
            pad = drawing_pad()
        with gr.Column():
            area, outputs = _add_prediction()

    def predict_drawing(name: str, event: gr.EventData) -> tuple[dict[str, float] | str, str]:
        return _predict(bundles[name], drawing_of(event))

    area.fill(pad.submit, predict_drawing, [model], outputs, trigger_mode="always_last")


def _add_prediction() -> tuple[ResultArea, list[gr.components.Component]]:
    area = ResultArea("The prediction and its heatmap appear here.")
    with area.column:
        label = gr.Label(label="Prediction", num_top_classes=4)
        return area, [label, gr.HTML(padding=False, elem_classes="heatmap")]


def _add_folder_tab(bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    files = gr.File(label="A folder of images", file_count="directory", height=180)
    button = gr.Button("Classify all", variant="primary")
    area = ResultArea()
    with area.column:
        table = gr.HTML(padding=False)
        download = gr.DownloadButton("Download as CSV")

    def predict_all(name: str, paths: list[str] | None) -> tuple[str, gr.DownloadButton]:
        files = [Path(path) for path in paths or () if not is_hidden(Path(path).name)]
        if not files:
            raise InputError("no images: select a folder first")
        rows = [_predict_row(bundles[name], file) for file in files]
        return table_html("Predictions", COLUMNS, rows), gr.DownloadButton(value=_write_csv(rows))

    area.fill(button.click, predict_all, [model, files], [table, download])


def _add_training_tab(bundles: dict[str, Bundle], model: gr.Dropdown) -> None:
    gr.Markdown("A `.zip` file with one folder per class that holds its images, if possible some hundred per class.")
    with gr.Row():
        archive = file_input("Zip file")
        epochs = gr.Slider(1, 100, value=10, step=1, label="Number of training epochs")
    button = gr.Button("Train", variant="primary")
    area, progress, metrics, report = training_area()

    def train(file: str | None, epochs: int) -> Iterator[tuple[object, ...]]:
        yield from _train(bundles, file, epochs)

    outputs = [progress, metrics, report, model]
    area.fill(button.click, train, [archive, epochs], outputs, concurrency_limit=1, show_progress_on=progress)


def _predict(bundle: Bundle, raw_input: str | bytes) -> tuple[dict[str, float] | str, str]:
    """Return the probabilities by label, and the heatmap; for an image that shows none of the labels, why."""
    prediction = bundle.predict([raw_input])[0].model_dump()
    heatmap = figure_html(lambda file: bundle.explain(raw_input, file), HEATMAP)
    if prediction["none_of_these"]:
        reason = (
            f"This image differs too much from the images that the model learned from: its distance is "
            f"{prediction['distance']:.1f}, the limit is 1. The most similar label is {prediction['label']}."
        )
        return NONE_OF_THESE, note_html(reason) + heatmap
    return {prediction["label"]: prediction["probability"], **prediction["alternatives"]}, heatmap


def _predict_row(bundle: Bundle, path: Path) -> list[object]:
    try:
        prediction = bundle.predict([path])[0].model_dump()
    except InputError as error:
        return [path.name, "", None, str(error).replace(str(path), path.name)]
    if prediction["none_of_these"]:
        return [path.name, f"{NONE_OF_THESE} (most similar: {prediction['label']})", None, ""]
    return [path.name, prediction["label"], round(prediction["probability"], 4), ""]


def _write_csv(rows: Sequence[Sequence[object]]) -> str:
    file = temporary_folder() / "predictions.csv"
    write_spreadsheet(pl.DataFrame(rows, COLUMNS, orient="row", infer_schema_length=None), file)
    return str(file)


def _train(bundles: dict[str, Bundle], archive: str | None, epochs: int) -> Iterator[tuple[object, ...]]:
    if archive is None:
        raise InputError("no data: select a zip file first")
    with tempfile.TemporaryDirectory() as folder:
        data = unpack_archive(require_suffix(Path(archive), [".zip"]), Path(folder) / "data")
        for progress in stream_training(TASK, data, "--epochs", str(epochs)):
            offer = add_trained_model(bundles, progress.result) if progress.result else gr.skip()
            yield progress.text, *_report(progress.result), offer


def _report(result: "JsonObject | None") -> tuple[str, str]:
    """Return the metrics and the figures of the report; nothing before the training has ended."""
    if result is None:
        return "", ""
    captions = LEARNING_CURVES | dict(registry().task(TASK).figure_captions)
    return metrics_table(result), report_figures(Path(result["run"]) / "report", captions)
