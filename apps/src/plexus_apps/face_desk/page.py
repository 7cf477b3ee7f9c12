"""Gradio page that verifies, enrols and identifies faces, and shows what a threshold costs."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypedDict

import gradio as gr

from plexus import Bundle, InputError
from plexus_apps.face_desk.drawing import draw_boxes, draw_error_rates
from plexus_apps.face_desk.enrolment import enrol_drawn, enrol_picture, enrol_unknown, open_photo
from plexus_apps.face_desk.examples import write_group_photo, write_pair
from plexus_apps.face_desk.face_model import FaceModel
from plexus_apps.face_desk.results import (
    NOTICE,
    STYLE,
    comparison_html,
    gallery_html,
    identities_html,
    message_html,
    photo_html,
    rates_html,
)
from plexus_apps.face_desk.session import Session
from plexus_apps.pages import DELETE_CACHE, heading, image_input, model_dropdown
from plexus_apps.result_area import clear_error
from plexus_apps.results import error_html

SESSION_SECONDS = 3600
"""Seconds after the last change at which the persons of a visit are deleted, even if its page stays open."""
RATES_CAPTION = (
    "Each point of the curve is a threshold; the orange one is that of the slider. Along an edge, no pair is wrong."
)


class _Serial(TypedDict):
    """Arguments of the events that change the session."""

    concurrency_id: str
    concurrency_limit: int


_SERIAL = _Serial(concurrency_id="session", concurrency_limit=1)
"""One after the other: of two events that read the session at once, the second would undo what the first changed."""


class _Persons(NamedTuple):
    """Components that show the enrolled persons."""

    session: gr.State
    table: gr.HTML
    forgotten: gr.Dropdown


class _Forget(NamedTuple):
    """Components that remove a person."""

    button: gr.Button
    status: gr.HTML


class _Unknown(NamedTuple):
    """Components that show a photo and name its unknown persons."""

    photo: gr.HTML
    table: gr.HTML
    naming: gr.Column
    group: gr.Dropdown


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: tabs to verify, enrol and identify faces, and to choose a threshold.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    page: gr.Blocks
    with gr.Blocks(title="Face desk", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading("Face desk", "Compare two faces, enrol persons who agreed to it, and find them in a photo.")
        gr.HTML(STYLE + NOTICE, padding=False)
        model = model_dropdown(bundles)
        models = {name: FaceModel(bundle) for name, bundle in bundles.items()}
        session = gr.State(None, time_to_live=SESSION_SECONDS)
        with gr.Tab("Verify"):
            _add_verify_tab(models, model)
        with gr.Tab("Enrol"):
            persons, forget = _add_enrol_tab(models, model, session)
        with gr.Tab("Identify"):
            photo, unknown = _add_identify_tab(models, model, persons)
        with gr.Tab("Threshold"):
            _add_threshold_tab(page, models, model)
        # Embeddings of different models cannot be compared.
        outputs = [*persons, photo, *unknown]
        model.change(lambda: (*_list(None), None, *_no_photo()), None, outputs, show_progress="hidden", **_SERIAL)
        inputs = [session, persons.forgotten]
        clear_error(forget.status, [persons.forgotten], [forget.button.click])
        forget.button.click(_forget, inputs, [forget.status, *outputs], show_progress="hidden", **_SERIAL)
    return page


def _add_verify_tab(models: Mapping[str, FaceModel], model: gr.Dropdown) -> None:
    gr.Markdown(
        "Two pictures with one face each: are they of one person? The examples are drawn: drawn faces are more alike "
        "to the network than those of people.",
        elem_classes="caption",
    )
    with gr.Row():
        images = []
        for _ in range(2):
            with gr.Column():  # without it, Gradio shrinks the image on a narrow page
                images.append(image_input(height=260))
    with gr.Row():
        buttons = [gr.Button(label, size="sm") for label in ("Try one person", "Try two persons")]
    result = gr.HTML(padding=False)
    for button, same in zip(buttons, (True, False), strict=True):
        button.click(lambda same=same: write_pair(same), None, images, show_progress="hidden")

    def verify(name: str, first: str | None, second: str | None) -> str:
        return "" if first is None or second is None else _verify(models[name], first, second)

    gr.on(
        [*(image.change for image in images), model.change],
        verify,
        [model, *images],
        result,
        trigger_mode="always_last",
    )


def _add_enrol_tab(models: Mapping[str, FaceModel], model: gr.Dropdown, session: gr.State) -> tuple[_Persons, _Forget]:
    with gr.Row():
        with gr.Column():
            gr.Markdown("One picture with one face at a time; three of a person are enough.", elem_classes="caption")
            person = gr.Textbox(label="Name of the person", max_length=100)
            image = image_input(height=260)
            button = gr.Button("Enrol", variant="primary")
            example = gr.Button("Enrol three drawn persons", size="sm")
            status = gr.HTML(padding=False)
        with gr.Column():
            gr.Markdown("Enrolled persons", elem_classes="caption")
            table = gr.HTML(gallery_html(None), padding=False)
            forgotten = gr.Dropdown([], label="Person", interactive=True)
            forget = gr.Button("Forget this person", size="sm")
            forget_status = gr.HTML(padding=False)
    persons = _Persons(session, table, forgotten)

    def enrol(name: str, visit: Session | None, text: str, file: str | None) -> tuple[object, ...]:
        try:
            visit = enrol_picture(models[name], visit, text, file)
        except InputError as error:
            return error_html(error), gr.skip(), gr.skip(), gr.skip(), gr.skip()
        return message_html(f"Enrolled {text}."), None, *_list(visit)

    def enrol_example(name: str, visit: Session | None) -> tuple[object, ...]:
        try:
            visit = enrol_drawn(models[name], visit)
        except InputError as error:
            return error_html(error), gr.skip(), gr.skip(), gr.skip()
        return message_html("Enrolled three persons who do not exist."), *_list(visit)

    clear_error(status, [person, image], [button.click, example.click])
    button.click(enrol, [model, session, person, image], [status, image, *persons], **_SERIAL)
    example.click(enrol_example, [model, session], [status, *persons], **_SERIAL)
    return persons, _Forget(forget, forget_status)


def _add_identify_tab(
    models: Mapping[str, FaceModel], model: gr.Dropdown, persons: _Persons
) -> tuple[gr.Image, _Unknown]:
    gr.Markdown(
        "A photo of one or more persons. A person who is not enrolled is unknown, and can be enrolled here.",
        elem_classes="caption",
    )
    with gr.Row():
        with gr.Column():
            image = image_input(height=260)
            with gr.Row():
                example = gr.Button("Try a group photo", size="sm")
                button = gr.Button("Identify", variant="primary", size="sm")
            photo = gr.HTML(padding=False)
        with gr.Column():
            table = gr.HTML(padding=False)
            naming: gr.Column
            with gr.Column(visible=False) as naming:
                group = gr.Dropdown([], label="Unknown person", interactive=True)
                person = gr.Textbox(label="Name", max_length=100)
                name_button = gr.Button("Enrol under this name", size="sm")
            status = gr.HTML(padding=False)
    unknown = _Unknown(photo, table, naming, group)
    example.click(write_group_photo, None, image, show_progress="hidden")

    def identify(name: str, visit: Session | None, file: str | None) -> tuple[object, ...]:
        if file is None:
            return "", gr.skip(), *_no_photo()
        try:
            visit = open_photo(models[name], visit, file)
        except InputError as error:
            return error_html(error), gr.skip(), *_no_photo()
        return "", visit, *_show(models[name], visit)

    def enrol(name: str, visit: Session | None, chosen: str | None, text: str) -> tuple[object, ...]:
        try:
            visit = enrol_unknown(models[name], visit, chosen, text)
        except InputError as error:
            return error_html(error), gr.skip(), *(gr.skip() for _ in (*persons, *unknown))
        return message_html(f"Enrolled {text}."), "", *_list(visit), *_show(models[name], visit)

    clear_error(status, [image, group, person], [button.click, name_button.click])
    gr.on(
        [button.click, image.change],
        identify,
        [model, persons.session, image],
        [status, persons.session, *unknown],
        trigger_mode="always_last",
        **_SERIAL,
    )
    name_button.click(enrol, [model, persons.session, group, person], [status, person, *persons, *unknown], **_SERIAL)
    return image, unknown


def _add_threshold_tab(page: gr.Blocks, models: Mapping[str, FaceModel], model: gr.Dropdown) -> None:
    gr.Markdown(
        "A lower threshold takes more pairs of two persons for one, a higher one misses more pairs of one person.",
        elem_classes="caption",
    )
    with gr.Row():
        with gr.Column():
            slider = gr.Slider(1, 5, value=3, step=0.1, label="Allowed false match rate: 1 in 10 to the power of")
            text = gr.HTML(padding=False)
        with gr.Column():
            figure = gr.HTML(padding=False)

    def show(name: str, exponent: float) -> tuple[str, str]:
        rates = models[name].error_rates()
        rate = 10.0**-exponent
        return rates_html(models[name], rates, rate), draw_error_rates(rates, rate) + message_html(RATES_CAPTION)

    gr.on(
        [page.load, model.change, slider.change],
        show,
        [model, slider],
        [text, figure],
        show_progress="hidden",
        trigger_mode="always_last",
    )


def _forget(visit: Session | None, name: str | None) -> tuple[object, ...]:
    try:
        if visit is None or name is None:
            raise InputError("nobody to forget: enrol a person first")
        visit = visit.forget(name)
    except InputError as error:
        return error_html(error), *(gr.skip() for _ in (*_Persons._fields, "photo", *_Unknown._fields))
    text = f"{name} is forgotten: no picture and no embedding of this person is left in the gallery."
    return message_html(text), *_list(visit), None, *_no_photo()


def _list(visit: Session | None) -> tuple[Session | None, str, gr.Dropdown]:
    """Return the values of `_Persons`."""
    names = list(visit.gallery.persons) if visit else []
    return visit, gallery_html(visit), gr.Dropdown(names, value=names[0] if names else None)


def _no_photo() -> tuple[str, str, gr.Column, None]:
    """Return the values of `_Unknown` without a photo."""
    return "", "", gr.Column(visible=False), None


def _show(model: FaceModel, visit: Session) -> tuple[str, str, gr.Column, gr.Dropdown]:
    """Return the values of `_Unknown`."""
    identities, groups = visit.identify(model), visit.unknown_groups(model)
    boxes = draw_boxes(visit.photo, visit.faces, [identity.is_known for identity in identities])
    names = [(f"{name}: no. {', '.join(str(place + 1) for place in places)}", name) for name, places in groups.items()]
    dropdown = gr.Dropdown(names, value=names[0][1] if names else None)
    return (
        photo_html(boxes),
        identities_html(model, visit, identities, groups),
        gr.Column(visible=bool(names)),
        dropdown,
    )


def _verify(model: FaceModel, first: str, second: str) -> str:
    detections = []
    for number, file in enumerate((first, second), 1):
        try:
            detections.append(model.find_faces(Path(file)))
        except InputError as error:
            return error_html(InputError(f"picture {number}: {error}"))
    faces = [picture_faces[0] for picture_faces in detections]
    several = [number for number, picture_faces in enumerate(detections, 1) if len(picture_faces) > 1]
    note = " ".join(
        f"Picture {number} shows {len(detections[number - 1])} faces: the largest is compared." for number in several
    )
    return comparison_html(model, faces, model.compare(*faces), note)
