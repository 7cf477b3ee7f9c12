"""What all pages have in common."""

import functools
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from plexus import Bundle, InputError
from plexus.data.images import open_image
from plexus.data.tables import read_table

COUNTED = ("train", "test")
KEPT = (3600, 86_400)
"""Seconds: how often it is looked for files of a page that are no longer wanted, and how old they are then."""
_FOLDERS = re.compile(r"""(?<![\w.:/])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:;,'"`()]+[/\\])+""")
"""The folders at the start of an absolute path; not the address of a web page."""


def heading(title: str, what: str) -> None:
    """The page's name, and what one can do on it."""
    gr.Markdown(f"# {title}\n{what}")


def chooser(bundles: Mapping[str, Bundle], data: str) -> gr.Dropdown:
    """Which model answers; below it, what it was trained on and how good it is. Hidden where there is no choice.

    Args:
        bundles: by name.
        data: the first choice is a model that was trained on it, if there is one: what the page's example is made for.
    """
    names = list(bundles)
    first = next((name for name in names if bundles[name].manifest["data"]["name"] == data), names[0])
    chosen = gr.Dropdown(names, value=first, label="Model", visible=len(names) > 1, interactive=True)
    said = gr.Markdown(told(bundles[first]), elem_classes="told")
    chosen.change(lambda name: told(bundles[name]), chosen, said, show_progress="hidden")
    return chosen


def told(bundle: Bundle) -> str:
    """What a model was trained on, how good it is, and beside what."""
    manifest, score = bundle.manifest, bundle.score
    data, baseline = manifest["data"], manifest["baseline"]
    counts = ", ".join(f"{data['examples'][split]:,} {split}" for split in COUNTED if data["examples"].get(split))
    beside = f" (the trivial baseline {bundle.metrics[baseline]:.3g})" if baseline else ""
    return (
        f"Trained on `{data['name']}` ({counts}); {score['name'].replace('_', ' ')} **{score['value']:.4g}**{beside}, "
        f"measured {bundle.task.evaluation_protocol}. Licence of the data: {data['licence']}."
    )


def kindly(answer: Callable[..., Any]) -> Callable[..., Any]:
    """An answer of a page whose errors are one line that a person understands."""

    @functools.wraps(answer)
    def answered(*given: Any) -> Any:
        try:
            return answer(*given)
        except InputError as error:
            raise _told_error(error) from error

    return answered


def kindly_live(answer: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """The same, of an answer that comes bit by bit."""

    @functools.wraps(answer)
    def answered(*given: Any) -> Iterator[Any]:
        try:
            yield from answer(*given)
        except InputError as error:
            raise _told_error(error) from error

    return answered


def _told_error(error: InputError) -> gr.Error:
    return gr.Error(without_folders(str(error)), duration=None, title="That did not work")


def without_folders(text: str) -> str:
    """Return a text with each absolute path cut to its file's name: a page shows no folders of the server."""
    return _FOLDERS.sub("", text)


def scores_told(result: Mapping[str, Any]) -> str:
    """The figures of a training, and where its model is."""
    rows = "".join(f"| {name} | {value:.4f} |\n" for name, value in result["scores"].items())
    return f"| figure | |\n|---|---|\n{rows}\nThe model is `{result['bundle']}`."


def example(said: str, value: Any, given: gr.components.Component) -> gr.Button:
    """A button that fills in an example.

    Not `gr.Examples`: under a path other than `/` it asks for its files at an address that nobody answers at.
    """
    button = gr.Button(said, size="sm")
    button.click(lambda: value, None, given, show_progress="hidden")
    return button


def picture_input(**more: Any) -> gr.Image:
    """A picture from the user, handed on as the path of the file as it was uploaded.

    `gr.Image` itself opens the file, whatever its format, and one in grey, with transparency or of 16 bits it writes
    anew in RGB. What reads a picture here does both better, and says in which formats.
    """
    given = gr.Image(
        label="Drop, choose or photograph",
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        image_mode=None,
        **more,
    )
    # On the instance: Gradio writes a .pyi file beside each module that defines a component.
    given.preprocess = lambda payload: None if payload is None else payload.path
    return given


def shown(what: str, **more: Any) -> gr.Image:
    """A picture that is only looked at, with what it shows above it, where it hides nothing."""
    gr.Markdown(what, elem_classes="told")
    return gr.Image(label=what, show_label=False, interactive=False, buttons=["download", "fullscreen"], **more)


def drawn(draw: Callable[[Path], Any]) -> np.ndarray:
    """A picture that is drawn into a file, without the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.png"
        draw(file)
        with open_image(file, ["PNG"]) as picture:
            return np.asarray(picture.convert("RGB"))


def first_rows(table: Path, most: int, first: Collection[str], without: Collection[str]) -> dict[str, Any]:
    """The first rows of a table of answers, as `gr.Dataframe` takes them.

    Args:
        table: that `answer_table` wrote.
        most: rows.
        first: columns that come first, to be seen without scrolling.
        without: columns that are left out.
    """
    rows = read_table(table).head(most)
    names = [name for name in rows.columns if name not in without]
    rows = rows.select(sorted(names, key=lambda name: name not in first))
    return {
        "headers": rows.columns,
        "data": [[round(cell, 3) if isinstance(cell, float) else cell for cell in row] for row in rows.rows()],
    }
