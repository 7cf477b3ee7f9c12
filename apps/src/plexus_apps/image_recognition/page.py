"""The page of image recognition."""

import csv
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from plexus import Bundle, InputError
from plexus.data.archives import unpack_archive
from plexus_apps.image_recognition.app import draw_photo
from plexus_apps.pages import (
    KEPT,
    chooser,
    drawn,
    example,
    heading,
    kindly,
    kindly_live,
    picture_input,
    scores_told,
    shown,
)
from plexus_apps.training import trained_live


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Tabs for one picture, for many, and for a model of one's own."""
    photo = draw_photo(Path(tempfile.mkdtemp()) / "three.png")
    with gr.Blocks(title="Image recognition", analytics_enabled=False, delete_cache=KEPT) as page:
        heading("Image recognition", "What a picture shows, and where the network looked.")
        model = chooser(bundles, "mnist")
        with gr.Tab("A picture"):
            _one(bundles, model, photo)
        with gr.Tab("Draw"):
            _drawing(bundles, model)
        with gr.Tab("Many pictures"):
            _many(bundles, model)
        with gr.Tab("Train on your own"):
            _own()
    return page


def _one(bundles: Mapping[str, Bundle], model: gr.Dropdown, photo: Path) -> None:
    with gr.Row():
        given = picture_input(height=340)
        with gr.Column():
            label = gr.Label(label="Answer", num_top_classes=4)
            heat = shown("Where it looked: warm where hiding a place costs the answer", height=240, elem_id="heat")
    answered = {
        "fn": kindly(lambda name, file: _answered(bundles[name], file)),
        "inputs": [model, given],
        "outputs": [label, heat],
    }
    example("Try a photo of a digit", str(photo), given)
    given.change(**answered)
    model.change(**answered)


def _drawing(bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    with gr.Row():
        pad = gr.Sketchpad(
            label="Draw here",
            type="numpy",
            canvas_size=(340, 340),
            layers=False,
            brush=gr.Brush(default_size=22, colors=["#1c2430"]),
            height=440,
        )
        with gr.Column():
            label = gr.Label(label="Answer", num_top_classes=4)
            heat = shown("Where it looked", height=240)
    button = gr.Button("What is it?", variant="primary")
    button.click(kindly(lambda name, drawn: _answered(bundles[name], _paper(drawn))), [model, pad], [label, heat])


def _many(bundles: Mapping[str, Bundle], model: gr.Dropdown) -> None:
    files = gr.File(label="Pictures, or a folder of them", file_count="directory", height=180)
    button = gr.Button("Answer for all", variant="primary")
    table = gr.Dataframe(headers=["picture", "label", "probability", "problem"], label="Answers", interactive=False)
    download = gr.DownloadButton("Download as CSV", interactive=False)
    button.click(kindly(lambda name, paths: _answered_all(bundles[name], paths)), [model, files], [table, download])


def _own() -> None:
    gr.Markdown("A `.zip` with one folder a class, each with its pictures; some hundred a class, if there are as many.")
    with gr.Row():
        archive = gr.File(label="Zip file", file_types=[".zip"], height=120)
        epochs = gr.Slider(1, 100, value=10, step=1, label="Epochs: how often all pictures are gone through")
    button = gr.Button("Train", variant="primary")
    said = gr.Textbox(label="Progress", lines=8, max_lines=8, autoscroll=True, interactive=False)
    scores = gr.Markdown()
    report = gr.Gallery(label="Report", columns=3, height=420, object_fit="contain")
    button.click(_trained, [archive, epochs], [said, scores, report], concurrency_limit=1)


def _answered(bundle: Bundle, raw: Any) -> tuple[dict[str, float] | None, np.ndarray | None]:
    if raw is None:
        return None, None
    answer = bundle.predict([raw])[0].model_dump()
    heat = drawn(lambda to: bundle.explain(raw, to))
    return {answer["label"]: answer["probability"], **answer["alternatives"]}, heat


def _paper(drawn: dict[str, np.ndarray] | None) -> np.ndarray:
    """What was drawn, on white."""
    if drawn is None or not drawn["composite"][..., 3].any():
        raise InputError("there is nothing on the paper: draw first")
    rgba = drawn["composite"].astype(np.float32)
    return (rgba[..., :3] * rgba[..., 3:] / 255 + 255 - rgba[..., 3:]).astype(np.uint8)


def _answered_all(bundle: Bundle, paths: list[str] | None) -> tuple[list[list[Any]], Any]:
    if not paths:
        raise InputError("choose pictures first")
    rows = [[Path(path).name, *_row(bundle, Path(path))] for path in paths]
    file = Path(tempfile.mkdtemp()) / "answers.csv"
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([["picture", "label", "probability", "problem"], *rows])
    return rows, gr.DownloadButton(value=str(file), interactive=True)


def _row(bundle: Bundle, path: Path) -> list[Any]:
    try:
        answer = bundle.predict([path])[0].model_dump()
        return [answer["label"], round(answer["probability"], 4), ""]
    except InputError as error:
        return ["", None, str(error).replace(str(path), path.name)]


@kindly_live
def _trained(archive: str | None, epochs: int) -> Iterator[tuple[str, str, list[str]]]:
    if archive is None:
        raise InputError("choose a zip file first")
    with tempfile.TemporaryDirectory() as folder:
        data = unpack_archive(Path(archive), Path(folder) / "data")
        for progress in trained_live("vision.classify", data, "--epochs", str(epochs)):
            yield "\n".join(progress.lines), *_reported(progress.result)


def _reported(result: dict[str, Any] | None) -> tuple[str, list[str]]:
    """The scores and the report's pictures; nothing before there are any."""
    if result is None:
        return "", []
    said = f"{scores_told(result)} `plexus open image-recognition {result['bundle']}` answers with it."
    return said, [str(file) for file in sorted((Path(result["run"]) / "report").glob("*.png"))]
