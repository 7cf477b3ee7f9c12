"""Parts that the pages of all apps share."""

import inspect
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import gradio as gr
import numpy as np

from plexus import Bundle, InputError
from plexus.data.image_files import open_image
from plexus.data.tables import read_table
from plexus.plugins.registry import registry
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from plexus.codec import JsonObject

DELETE_CACHE = (3600, 86_400)
"""`delete_cache` of `gradio.Blocks`, in seconds: how often old files are looked for, and how old they are then."""
SPLITS = ("train", "test")
_FOLDERS = re.compile(r"""(?<![\w.:/])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:;,'"`()]+[/\\])+""")
"""The folders at the start of an absolute path; not the address of a web page."""
P = ParamSpec("P")
ResultT = TypeVar("ResultT")


def heading(title: str, description: str) -> None:
    """Add the heading of a page.

    Args:
        title: Title of the page.
        description: What users can do on the page, in one sentence.
    """
    gr.Markdown(f"# {title}\n{description}")


def model_dropdown(bundles: Mapping[str, Bundle], data: str) -> gr.Dropdown:
    """Add a dropdown of the models, and below it the description of the chosen one. A single model is not shown.

    Args:
        bundles: The models by name.
        data: Name of the data set that the page's example fits: a model trained on it is chosen first, if there is one.

    Returns:
        The dropdown.
    """
    names = list(bundles)
    first = next((name for name in names if bundles[name].manifest["data"]["name"] == data), names[0])
    dropdown = gr.Dropdown(names, value=first, label="Model", visible=len(names) > 1, interactive=True)
    description = gr.Markdown(describe_model(bundles[first]), elem_classes="caption")
    dropdown.change(lambda name: describe_model(bundles[name]), dropdown, description, show_progress="hidden")
    return dropdown


def describe_model(bundle: Bundle) -> str:
    """Describe the data and the metric of a model.

    Args:
        bundle: The model.

    Returns:
        Markdown.
    """
    manifest, score = bundle.manifest, bundle.score
    data, baseline = manifest["data"], manifest["baseline"]
    counts = ", ".join(f"{data['examples'][split]:,} {split}" for split in SPLITS if data["examples"].get(split))
    protocol = manifest.get("protocol", bundle.task.evaluation_protocol)  # older bundles do not record it
    comparison = f" (trivial baseline {number(bundle.metrics[baseline])})" if baseline else ""
    return (
        f"Trained on `{data['name']}` ({counts}); {bundle.task.metric.label} **{number(score['value'])}**"
        f"{comparison}, evaluated {protocol}. Licence of the data: {data['licence']}."
    )


def show_input_errors(function: Callable[P, ResultT]) -> Callable[P, ResultT]:
    """Decorate a function of a page so that its `InputError`s are shown to the user, without folders of the server.

    Args:
        function: The function; it may be a generator.

    Returns:
        The function; it raises `gradio.Error`.
    """

    def to_gradio(error: InputError) -> gr.Error:
        return gr.Error(without_folders(str(error)), duration=None, title="Error", print_exception=False)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> ResultT:
        try:
            return function(*args, **kwargs)
        except InputError as error:
            raise to_gradio(error) from error

    @wraps(function)
    def generate(*args: P.args, **kwargs: P.kwargs) -> Iterator[object]:
        try:
            yield from function(*args, **kwargs)  # type: ignore[misc]
        except InputError as error:
            raise to_gradio(error) from error

    return generate if inspect.isgeneratorfunction(function) else call  # type: ignore[return-value]


def without_folders(text: str) -> str:
    """Shorten each absolute path in a text to its file name: a page shows no folders of the server.

    Args:
        text: The text.

    Returns:
        The text with file names.
    """
    return _FOLDERS.sub("", text)


def metrics_table(result: "JsonObject") -> str:
    """Format the metrics of a training.

    Args:
        result: The result of `plexus train --json`.

    Returns:
        Markdown: a row per metric, with its 95 % interval if the task computes one.
    """
    task, metrics = registry().task(result["task"]), result["scores"]
    bounds = {f"{name}{bound}" for name in metrics for bound in ("_low", "_high")}
    described = [(task.describe_metric(name), _with_interval(name, metrics)) for name in metrics if name not in bounds]
    rows = "".join(f"| {metric.label} | {value} | {metric.direction} |\n" for metric, value in described)
    header = "value (95 % interval)" if bounds & metrics.keys() else "value"
    return f"| metric | {header} | better |\n|---|---|---|\n{rows}\nThe model is `{result['bundle']}`."


def _with_interval(name: str, metrics: Mapping[str, float]) -> str:
    low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
    interval = "" if low is None or high is None else f" ({low:.4f} to {high:.4f})"
    return f"{metrics[name]:.4f}{interval}"


@cache
def _temporary_root() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="plexus-")


def temporary_folder() -> Path:
    """Create a folder for the files of a page; it is removed when the process ends.

    Returns:
        The folder.
    """
    return Path(tempfile.mkdtemp(dir=_temporary_root().name))


def example_button(label: str, value: object, component: gr.components.Component) -> gr.Button:
    """Add a button that fills in an example.

    `gr.Examples` is no alternative: under a path other than `/` it requests its files at a wrong address.

    Args:
        label: Label of the button.
        value: The example.
        component: Component to fill in.

    Returns:
        The button.
    """
    button = gr.Button(label, size="sm")
    button.click(lambda: value, None, component, show_progress="hidden")
    return button


def image_input(height: int) -> gr.Image:
    """Add an image input whose value is the path of the file as it was uploaded.

    `gr.Image` itself opens the file, whatever its format, and rewrites images in grey, with transparency or of 16 bits
    in RGB. `plexus.data.images` reads them as they are, and only the formats that it lists.

    Args:
        height: Height in pixels.

    Returns:
        The component.
    """
    component = gr.Image(
        label="Drop, select or photograph an image",
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        image_mode=None,
        height=height,
    )
    # On the instance: Gradio writes a .pyi file next to each module that defines a component.
    component.preprocess = lambda payload: None if payload is None else payload.path  # type: ignore[method-assign]
    return component


def image_output(caption: str, height: int | None = None, elem_id: str | None = None) -> gr.Image:
    """Add an image output, with its caption above it.

    Args:
        caption: Caption.
        height: Height in pixels; by default that of the image.
        elem_id: Id of the HTML element.

    Returns:
        The component.
    """
    gr.Markdown(caption, elem_classes="caption")
    return gr.Image(
        label=caption,
        show_label=False,
        interactive=False,
        buttons=["download", "fullscreen"],
        height=height,
        elem_id=elem_id,
    )


def render_image(draw: Callable[[Path], object]) -> np.ndarray:
    """Return the image that a function writes to a file.

    Args:
        draw: Writes a PNG file.

    Returns:
        The image as uint8, shape `(height, width, 3)`.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "image.png"
        draw(file)
        with open_image(file, ["PNG"]) as image:
            return np.asarray(image.convert("RGB"))


def first_rows(
    table: Path, count: int, first_columns: Collection[str], hidden_columns: Collection[str]
) -> dict[str, object]:
    """Return the first rows of a table of predictions, as `gr.Dataframe` takes them.

    Args:
        table: A table that `predict_table` wrote.
        count: Number of rows.
        first_columns: Columns that come first, to be seen without scrolling.
        hidden_columns: Columns that are left out.

    Returns:
        `headers` and `data`.
    """
    rows = read_table(table).head(count)
    names = [name for name in rows.columns if name not in hidden_columns]
    rows = rows.select(sorted(names, key=lambda name: name not in first_columns))
    return {
        "headers": rows.columns,
        "data": [[round(cell, 3) if isinstance(cell, float) else cell for cell in row] for row in rows.rows()],
    }
