"""Parts that the pages of all apps share."""

import tempfile
from collections.abc import Collection, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from plexus import Bundle
from plexus.data.tables import read_table
from plexus.plugins.registry import registry
from plexus.utils.formatting import number
from plexus_apps.results import STYLE, table_html

if TYPE_CHECKING:
    from plexus.codec import JsonObject

DELETE_CACHE = (3600, 86_400)
"""`delete_cache` of `gradio.Blocks`, in seconds: how often old files are looked for, and how old they are then."""
SPLITS = ("train", "test")
REOPEN = "this page offers it when it is opened again"


def heading(title: str, description: str) -> None:
    """Add the heading of a page.

    Args:
        title: Title of the page.
        description: What users can do on the page, in one sentence.
    """
    gr.HTML(STYLE, padding=False, elem_classes="app-style")
    gr.Markdown(f"# {title}\n{description}")


def model_dropdown(bundles: Mapping[str, Bundle], first: str | None = None) -> gr.Dropdown:
    """Add a dropdown of the models, and below it the description of the chosen one. A single model is not shown.

    Args:
        bundles: The models by name.
        first: The model that is chosen at the start; by default the first one.

    Returns:
        The dropdown.
    """
    names = list(bundles)
    first = first or names[0]
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


def metrics_table(result: "JsonObject") -> str:
    """Format the metrics of a training.

    Args:
        result: The result of `plexus train --json`.

    Returns:
        HTML: a row per metric, with its 95 % interval if the task computes one, and the path of the model.
    """
    task, metrics = registry().task(result["task"]), result["scores"]
    bounds = {f"{name}{bound}" for name in metrics for bound in ("_low", "_high")}
    described = [(task.describe_metric(name), _with_interval(name, metrics)) for name in metrics if name not in bounds]
    header = "value (95 % interval)" if bounds & metrics.keys() else "value"
    rows = [(metric.label, value, metric.direction) for metric, value in described]
    table = table_html("Metrics", ["metric", header, "better"], rows)
    return f'{table}<p class="app-text">The model is <code>{escape(result["bundle"])}</code>; {REOPEN}.</p>'


def _with_interval(name: str, metrics: Mapping[str, float]) -> str:
    low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
    interval = "" if low is None or high is None else f" ({number(low)} to {number(high)})"
    return f"{number(metrics[name])}{interval}"


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
        value: The example, or a function that returns it each time that it is chosen.
        component: Component to fill in.

    Returns:
        The button.
    """
    button = gr.Button(label, size="sm")
    button.click(lambda: value() if callable(value) else value, None, component, show_progress="hidden")
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


def first_rows(
    table: Path, caption: str, count: int, first_columns: Collection[str], hidden_columns: Collection[str]
) -> str:
    """Return the first rows of a table of predictions.

    Args:
        table: A table that `predict_table` wrote.
        caption: Caption above them.
        count: Number of rows.
        first_columns: Columns that come first, to be seen without scrolling.
        hidden_columns: Columns that are left out.

    Returns:
        HTML.
    """
    rows = read_table(table).head(count)
    names = [name for name in rows.columns if name not in hidden_columns]
    rows = rows.select(sorted(names, key=lambda name: name not in first_columns))
    return table_html(caption, rows.columns, rows.rows())
