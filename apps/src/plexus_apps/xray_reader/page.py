"""Gradio page that answers for one image, explains the answer, and shows it at the prevalence of a population."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import gradio as gr

from plexus import Bundle, InputError
from plexus.codec import Input
from plexus_apps.pages import heading, model_dropdown
from plexus_apps.results import error_html, note_html
from plexus_apps.xray_reader.examples import example_files, example_images
from plexus_apps.xray_reader.operating_point import population_html
from plexus_apps.xray_reader.results import (
    NOTICE,
    STYLE,
    explanation_html,
    pending_html,
    reading_html,
)
from plexus_apps.xray_reader.xray_model import Reading, XrayModel

DELETE_CACHE = (300, 600)
"""As `plexus_apps.pages.DELETE_CACHE`, shorter: an upload is deleted when it is read, and one whose reader has left
within minutes."""
SESSION_SECONDS = 3600
"""Seconds after which the numbers of the last answer are deleted, even if the page stays open."""
PRIVACY = (
    "DICOM, PNG, JPEG and other images. The file is deleted as soon as it is read, and nothing of it is stored. Of a "
    "DICOM file only the pixels are read: no name, date or number of a patient."
)
NO_IMAGE = note_html("The probability and the decision appear here.")
NO_EXPLANATION = ""
EXPLANATION = "<h2>Saliency map</h2>{html}"
EXPLAINING = EXPLANATION.format(html=pending_html("The saliency map is computed."))
NOTHING_TO_EXPLAIN = EXPLANATION.format(
    html=note_html("There is no prediction for this image, so it has no explanation.")
)
PREVALENCE_NOTE = (
    "## At your prevalence\nHow common is the outcome where the model would be used? The number changes PPV, NPV and "
    "the probability, not the ranking of images."
)
MARKED, UNMARKED = (gr.update(elem_classes=["reader-examples", *name]) for name in ((), ("reader-unmarked",)))
"""Updates of the examples: Gradio marks the last one that was chosen, even if the answer is for an upload."""
Answer = tuple[object, ...]


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: an image and its answer, the saliency map, and the operating point at a prevalence.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    page: gr.Blocks
    with gr.Blocks(title="X-ray reader", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        gr.HTML(STYLE, padding=False, elem_classes="app-style")
        gr.HTML(NOTICE, padding=False, elem_id="reader-notice")
        heading("X-ray reader", "Classify a medical image, see its saliency map, and how certain the prediction is.")
        model = model_dropdown(bundles)
        models = {name: XrayModel(bundle) for name, bundle in bundles.items()}
        reading = gr.State(None, time_to_live=SESSION_SECONDS)
        _add_image(page, models, model, reading)
        _add_population(page, models, model, reading)
    return page


def _add_image(page: gr.Blocks, models: Mapping[str, XrayModel], model: gr.Dropdown, reading: gr.State) -> None:
    with gr.Row():
        with gr.Column(scale=2):
            file = _file_input()
            gr.Markdown(PRIVACY, elem_classes="caption")
            gr.Markdown("Or choose an example:", elem_classes="caption")
            examples = gr.Gallery(
                label="Examples",
                show_label=False,
                columns=4,
                height="auto",
                object_fit="contain",
                allow_preview=False,
                interactive=False,
                visible=False,
                buttons=[],
                elem_classes=["reader-examples"],
            )
        with gr.Column(scale=3):
            answer = gr.HTML(NO_IMAGE, padding=False)
            explanation = gr.HTML(NO_EXPLANATION, padding=False)
    outputs, chosen = [reading, answer, explanation], gr.State(0)

    def read_upload(name: str, path: str | None) -> Iterator[Answer]:
        try:
            image = take_upload(path)
        except InputError as error:
            yield None, UNMARKED, None, error_html(error), NO_EXPLANATION
            return
        for values in _read(models[name], image):
            yield None, UNMARKED, *values  # the component is empty again, for the next file

    def choose(event: gr.SelectData) -> int:
        index: int = event.index
        return index

    def read_example(name: str, index: int) -> Iterator[Answer]:
        example = example_images(models[name].bundle)[index]
        for values in _read(models[name], example.image, example.label):
            yield MARKED, *values

    def show_model(name: str) -> Answer:
        return (
            gr.Gallery(example_files(models[name].bundle), visible=True, elem_classes=UNMARKED["elem_classes"]),
            None,
            NO_IMAGE,
            NO_EXPLANATION,
        )

    file.upload(
        read_upload, [model, file], [file, examples, *outputs], show_progress="minimal", trigger_mode="always_last"
    )
    # Gradio runs a deferred event without its data, here the index: the selection is an event of its own.
    examples.select(choose, None, chosen, show_progress="hidden", trigger_mode="multiple").then(
        read_example, [model, chosen], [examples, *outputs], show_progress="minimal", trigger_mode="always_last"
    )
    gr.on([page.load, model.change], show_model, model, [examples, *outputs], show_progress="hidden")


def _add_population(page: gr.Blocks, models: Mapping[str, XrayModel], model: gr.Dropdown, reading: gr.State) -> None:
    gr.Markdown(PREVALENCE_NOTE)
    first = models[model.value]
    slider = gr.Slider(
        0.1, 99.9, value=_percent(first), step=0.1, label="Prevalence where the model is used (%)", interactive=True
    )
    population = gr.HTML(padding=False)

    def show(name: str, visit: Reading | None, percent: float) -> str:
        return population_html(models[name], visit, min(max(percent, 0.1), 99.9) / 100)

    model.change(lambda name: _percent(models[name]), model, slider, show_progress="hidden")
    gr.on(
        [page.load, slider.change, reading.change],
        show,
        [model, reading, slider],
        population,
        show_progress="hidden",
        trigger_mode="always_last",
    )


def _file_input() -> gr.File:
    """Add a file input whose value is the path of the upload itself: `gr.File` leaves an empty file for each."""
    component = gr.File(label="Drop or choose an image", height=150, elem_classes="reader-file")
    # On the instance: Gradio writes a .pyi file next to each module that defines a component.
    component.preprocess = lambda payload: getattr(payload, "path", None)  # type: ignore[method-assign]
    return component


def take_upload(path: str | None) -> bytes:
    """Read an uploaded file and delete it.

    Args:
        path: The file.

    Returns:
        Its content.

    Raises:
        InputError: If there is no file.
    """
    if path is None:
        raise InputError("no image: choose a file first")
    file = Path(path)
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError("the file is no longer here: choose it again") from error
    finally:
        file.unlink(missing_ok=True)
        with suppress(OSError):  # it is not empty, or it is gone
            file.parent.rmdir()


def _read(model: XrayModel, image: Input, label: str = "") -> Iterator[Answer]:
    """Yield the numbers of the answer, the answer, and its explanation, which comes later."""
    try:
        reading = model.read(image)
    except InputError as error:
        yield None, error_html(error), NO_EXPLANATION
        return
    answer = reading, reading_html(model, reading, label)
    if reading.risk is None:
        yield *answer, NOTHING_TO_EXPLAIN
        return
    yield *answer, EXPLAINING
    try:
        explanation = explanation_html(model, model.explain(image))
    except InputError as error:
        explanation = error_html(error)
    yield *answer, EXPLANATION.format(html=explanation)


def _percent(model: XrayModel) -> float:
    return round(100 * model.metrics["ppv_prevalence"], 1)
