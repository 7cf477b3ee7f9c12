"""Gradio page that detects objects in images and videos, shows the mistakes of a model, and trains one."""

import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from plexus import Bundle, InputError
from plexus.data.archives import unpack_archive
from plexus.data.images import read_image, to_channels
from plexus.data.videos import SUFFIXES
from plexus.plugins.registry import registry
from plexus_apps.object_finder.detection_model import DetectionModel
from plexus_apps.object_finder.examples import write_example_video, write_image
from plexus_apps.object_finder.model_data import FIGURES, example_images, mistakes_html
from plexus_apps.object_finder.results import (
    COLUMNS,
    STYLE,
    download_html,
    image_html,
    objects_html,
    table_rows,
    thresholds_html,
    video_html,
)
from plexus_apps.object_finder.video_result import RATE, SECONDS, track_video
from plexus_apps.pages import (
    DELETE_CACHE,
    add_trained_model,
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
from plexus_apps.result_area import clear_error
from plexus_apps.results import error_html, note_html
from plexus_apps.training import Progress, stream_training

if TYPE_CHECKING:
    from plexus.codec import JsonObject

TASK = "vision.detect"
FRAMES_PER_STATUS = 5
TRACKING = "tracking"
"""One video at a time, whoever chose it."""
NO_IMAGE = note_html("The boxes and their counts appear here.")
NO_VIDEO = note_html("The video with its boxes and their counts appears here.")


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: tabs for an image, a video, the mistakes on the test split, and training on one's own data.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    page: gr.Blocks
    with gr.Blocks(title="Object finder", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading("Object finder", "Find and count objects in images and videos.")
        gr.HTML(STYLE, padding=False, elem_classes="app-style")
        page_bundles = dict(bundles)
        model = model_dropdown(page_bundles)
        models = {name: DetectionModel(bundle) for name, bundle in page_bundles.items()}
        with gr.Tab("Image"):
            _add_image_tab(page, models, model)
        with gr.Tab("Video"):
            _add_video_tab(models, model)
        with gr.Tab("Mistakes") as tab:
            _add_mistakes_tab(tab, page_bundles, model)
        with gr.Tab("Train"):
            _add_training_tab(page_bundles, models, model)
    return page


def _add_image_tab(page: gr.Blocks, models: Mapping[str, DetectionModel], model: gr.Dropdown) -> None:
    with gr.Row():
        with gr.Column(scale=2):
            image = image_input(height=260)
            caption = gr.Markdown("Or choose an image of the test split:", elem_classes="caption", visible=False)
            examples = gr.Gallery(
                label="Images of the test split",
                show_label=False,
                columns=3,
                height="auto",
                object_fit="contain",
                allow_preview=False,
                interactive=False,
                visible=False,
                buttons=[],
                elem_classes="finder-examples",
            )
        with gr.Column(scale=3):
            annotated, counts = gr.HTML(NO_IMAGE, padding=False), gr.HTML(padding=False)
            is_default = gr.Checkbox(value=True, label="Use the thresholds of the model")
            slider = gr.Slider(5, 99, value=50, step=1, label="Or one minimum probability for all labels (%)")
            note = gr.HTML(padding=False)
    table = gr.Dataframe(headers=list(COLUMNS), label="Boxes, in pixels of the image", interactive=False, visible=False)
    download = gr.HTML(padding=False)
    outputs = [annotated, counts, table, download]

    def find(name: str, file: str | None, use_default: bool, percent: float) -> tuple[object, ...]:
        return _find(models[name], file, None if use_default else percent / 100)

    def show_model(name: str) -> tuple[gr.Markdown, gr.Gallery, str]:
        files = _example_files(models[name].bundle)
        thresholds = thresholds_html(models[name].thresholds())
        return gr.Markdown(visible=bool(files)), gr.Gallery(files, visible=bool(files)), thresholds

    def choose(name: str, event: gr.SelectData) -> str:
        index: int = event.index
        return _example_files(models[name].bundle)[index]

    examples.select(choose, model, image, show_progress="hidden", trigger_mode="multiple")
    gr.on([page.load, model.change], show_model, model, [caption, examples, note], show_progress="hidden")
    slider.input(lambda: False, None, is_default, show_progress="hidden")
    gr.on(
        [image.change, model.change, is_default.change, slider.change],
        find,
        [model, image, is_default, slider],
        outputs,
        show_progress="hidden",
        trigger_mode="always_last",
    )


def _add_video_tab(models: Mapping[str, DetectionModel], model: gr.Dropdown) -> None:
    gr.Markdown(
        f"Objects are tracked across the frames of a video, at the thresholds of the model: each has a number, and is "
        f"counted once. The first {SECONDS} seconds are read, {RATE} frames of each.",
        elem_classes="caption",
    )
    with gr.Row():
        with gr.Column(scale=2):
            file = file_input("Video")
            example = gr.Button("Try an example video", size="sm")
            button = gr.Button("Track objects", variant="primary")
        with gr.Column(scale=3):
            result = gr.HTML(NO_VIDEO, padding=False)

    def track(name: str, path: str | None) -> Iterator[str]:
        try:
            if path is None:
                raise InputError("no video: choose one first")
            yield from _track(models[name], require_suffix(Path(path), sorted(SUFFIXES)))
        except InputError as error:
            yield error_html(error)

    def track_example(name: str) -> Iterator[tuple[object, str]]:
        images = example_images(models[name].bundle)
        if not images:
            error = InputError("the data of this model is not on this machine: choose a video of your own")
            yield gr.skip(), error_html(error)
            return
        video = str(write_example_video(images[0], temporary_folder() / "example.webm"))
        yield video, NO_VIDEO
        for each in track(name, video):
            yield gr.skip(), each

    clear_error(result, [], [example.click, button.click], NO_VIDEO)
    button.click(track, [model, file], result, concurrency_limit=1, concurrency_id=TRACKING)
    example.click(track_example, model, [file, result], concurrency_limit=1, concurrency_id=TRACKING)
    gr.on([file.change, model.change], lambda: NO_VIDEO, None, result, show_progress="hidden")


def _add_mistakes_tab(tab: gr.Tab, bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    gr.Markdown(
        "Errors on the test split, at the thresholds of the model. A detection that counts as wrong may be an object "
        "that the annotation lacks.",
        elem_classes="caption",
    )
    figures = gr.HTML(padding=False, min_height=120)

    def show(name: str) -> str:
        try:
            return mistakes_html(bundles[name])
        except InputError as error:
            return error_html(error)

    gr.on([tab.select, model.change], show, model, figures, concurrency_limit=1)


def _add_training_tab(bundles: dict[str, Bundle], models: dict[str, DetectionModel], model: gr.Dropdown) -> None:
    gr.Markdown(
        "A `.zip` file of images with boxes: in Pascal VOC, COCO or YOLO format, or a `.csv` with the columns `path`, "
        "`label`, `xmin`, `ymin`, `xmax` and `ymax`. If possible, it has a hundred boxes of each label.",
    )
    with gr.Row():
        archive = file_input("Zip file")
        epochs = gr.Slider(0, 200, value=0, step=1, label="Number of training epochs (0: by the number of images)")
    button = gr.Button("Train", variant="primary")
    area, progress, metrics, report = training_area()

    def train(file: str | None, epochs: int) -> Iterator[tuple[object, ...]]:
        for each in _train(file, epochs):
            offer = add_trained_model(bundles, each.result) if each.result else gr.skip()
            models.update({name: DetectionModel(bundles[name]) for name in bundles.keys() - models.keys()})
            yield each.text, *_report(each.result), offer

    outputs = [progress, metrics, report, model]
    area.fill(button.click, train, [archive, epochs], outputs, concurrency_limit=1, show_progress_on=progress)


@cache
def _example_files(bundle: Bundle) -> list[str]:
    folder = temporary_folder()
    return [
        str(write_image(image, folder / f"example_{number}.png"))
        for number, image in enumerate(example_images(bundle), 1)
    ]


def _find(model: DetectionModel, file: str | None, least_probability: float | None) -> tuple[object, ...]:
    """Return the annotated image, the counts, the rows of the table and the download."""
    no_table = gr.Dataframe(visible=False)
    if file is None:
        return NO_IMAGE, "", no_table, ""
    try:
        image = to_channels(read_image(Path(file)), 3)
        objects = model.find(Path(file), least_probability)
    except InputError as error:
        return error_html(error), "", no_table, ""
    return (
        image_html(image, objects, model.labels),
        objects_html(objects, model.labels),
        gr.Dataframe(table_rows(objects), visible=bool(objects)),
        download_html(objects, Path(file).name) if objects else "",
    )


def _track(model: DetectionModel, file: Path) -> Iterator[str]:
    """Yield the counts while the video is read, then the annotated video."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "tracked.webm"
        for result in track_video(model, file, target):
            if result.finished or result.frames % FRAMES_PER_STATUS == 1:
                yield video_html(result, model.labels, target)


def _train(archive: str | None, epochs: int) -> Iterator[Progress]:
    if archive is None:
        raise InputError("no data: select a zip file first")
    with tempfile.TemporaryDirectory() as folder:
        data = unpack_archive(require_suffix(Path(archive), [".zip"]), Path(folder) / "data")
        yield from stream_training(TASK, data, *(["--epochs", str(epochs)] if epochs else []))


def _report(result: "JsonObject | None") -> tuple[str, str]:
    """Return the metrics and the figures of the report; nothing before the training has ended."""
    if result is None:
        return "", ""
    folder = Path(result["run"]) / "report"
    # The figures of the tab Mistakes first.
    return metrics_table(result), report_figures(
        folder, LEARNING_CURVES | dict(registry().task(TASK).figure_captions), FIGURES
    )
