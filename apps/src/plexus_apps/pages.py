"""Parts that the pages of all apps share."""

import tempfile
from collections.abc import Callable, Collection, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.context import get_blocks_context
from gradio.events import Dependency

import plexus
from plexus import Bundle, InputError
from plexus.data.tables import read_table
from plexus.plugins.registry import registry
from plexus.utils.formatting import number
from plexus_apps.result_area import ResultArea
from plexus_apps.results import FIT_PAGES, STYLE, table_html

if TYPE_CHECKING:
    from plexus.codec import JsonObject

DELETE_CACHE = (3600, 86_400)
"""`delete_cache` of `gradio.Blocks`, in seconds: how often old files are looked for, and how old they are then."""
SPLITS = ("train", "test")
TABLES = (".csv", ".tsv", ".parquet")
"""Suffixes of tables."""
ANY_FILE = """
const accepts = (input, file) => !input.accept.endsWith('/*') || file.type.startsWith(input.accept.slice(0, -1));
const withAcceptedTypes = (input, files) => {
  const transfer = new DataTransfer(), type = `${input.accept.slice(0, -1)}x-unknown`;
  for (const file of files) transfer.items.add(accepts(input, file) ? file : new File([file], file.name, {type}));
  return transfer;
};
const replace = event => {
  const isDrop = event.type === 'drop';
  const input = isDrop ? event.target.closest('button')?.querySelector('input[type=file]') : event.target;
  const files = [...((isDrop ? event.dataTransfer : input)?.files || [])];
  if (!input || input.type !== 'file' || files.every(file => accepts(input, file))) return;
  const dataTransfer = withAcceptedTypes(input, files);
  if (!isDrop) { input.files = dataTransfer.files; return; }
  event.preventDefault();
  event.stopImmediatePropagation();
  event.target.dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));
};
for (const type of ['change', 'drop']) document.addEventListener(type, replace, true);
"""
"""Lets inputs of images and recordings take any file: the page reports a wrong one in the place of its result.

Gradio reports it in a notice over the page, which stays there when the next result is shown.
"""
OFFER = "it is in the list of models of this page"
MISSING_TEXTS = {"common.complete": "Complete"}
"""Texts of Gradio for screen readers that its own translations lack: without them, their keys are read out."""
FILE_HEIGHT = 164
"""Of a file input in pixels: it has a label, an icon and three lines."""


def heading(title: str, description: str) -> None:
    """Add the heading of a page.

    Args:
        title: Title of the page.
        description: What users can do on the page, in one sentence.
    """
    gr.HTML(STYLE, padding=False, elem_classes="app-style", js_on_load=ANY_FILE + FIT_PAGES)
    page = get_blocks_context()
    if page is not None:
        page.root_block.i18n_instance = gr.I18n(en=MISSING_TEXTS)
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


def metrics_table(result: "JsonObject", is_offered: bool = True) -> str:
    """Format the metrics of a training.

    Args:
        result: The result of `plexus train --json`.
        is_offered: Whether the page can predict with the model.

    Returns:
        HTML: a row per metric, with its 95 % interval if the task computes one, and the path of the model.
    """
    task, metrics = registry().task(result["task"]), result["scores"]
    bounds = {f"{name}{bound}" for name in metrics for bound in ("_low", "_high")}
    described = [(task.describe_metric(name), _with_interval(name, metrics)) for name in metrics if name not in bounds]
    header = "value (95 % interval)" if bounds & metrics.keys() else "value"
    rows = [(metric.label, value, metric.direction) for metric, value in described]
    table = table_html("Metrics", ["metric", header, "better"], rows)
    offer = f"; {OFFER}" if is_offered else ""
    return f'{table}<p class="app-text">The model is <code>{escape(result["bundle"])}</code>{offer}.</p>'


def add_trained_model(bundles: dict[str, Bundle], result: "JsonObject") -> gr.Dropdown:
    """Add the model of a training to those of a page.

    Args:
        bundles: The models of the page by name; the model is added, under the name that Studio gives it.
        result: The result of `plexus train --json`.

    Returns:
        An update of the dropdown of the models; the choice stays.
    """
    bundles[".".join(Path(result["run"]).parts[-2:])] = plexus.load(result["bundle"])
    return gr.Dropdown(list(bundles), visible=True)


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


def example_button(label: str, value: object, component: gr.components.Component) -> Dependency:
    """Add a button that fills in an example. The results follow by the argument `examples` of `ResultArea.fill`.

    `gr.Examples` is no alternative: under a path other than `/` it requests its files at a wrong address.

    Args:
        label: Label of the button.
        value: The example, or a function that returns it each time that it is chosen.
        component: Component to fill in.

    Returns:
        The event that fills it in.
    """
    button = gr.Button(label, size="sm")
    if callable(value):  # it may take seconds to make it
        event: Dependency = button.click(lambda: value(), None, component, show_progress="minimal")
    else:
        event = button.click(lambda: value, None, component, show_progress="hidden")
    return event


def file_input(label: str) -> gr.File:
    """Add a file input that takes any file: `require_suffix` reports a wrong one.

    The argument `file_types` of `gr.File` is no alternative: its error is a notice over the page, which stays there.

    Args:
        label: Its label, which names the types of files.

    Returns:
        The component, whose value is a path.
    """
    return gr.File(label=label, height=FILE_HEIGHT, interactive=True, elem_classes="app-file")


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


def training_area() -> tuple[ResultArea, gr.Textbox, gr.HTML, gr.HTML]:
    """Add the place of the results of a training.

    Returns:
        The area, and its components for the lines of the progress, the metrics and the figures of the report.
    """
    area = ResultArea()
    with area.column:
        progress = gr.Textbox(label="Progress", lines=8, max_lines=8, autoscroll=True, interactive=False)
        metrics, report = gr.HTML(padding=False), gr.HTML(padding=False)
    return area, progress, metrics, report


def require_suffix(file: Path, suffixes: Collection[str]) -> Path:
    """Check the suffix of an uploaded file.

    Args:
        file: The file.
        suffixes: Suffixes in lower case, with their points.

    Returns:
        The file.

    Raises:
        InputError: If it has another suffix.
    """
    if not file.name.lower().endswith(tuple(suffixes)):
        raise InputError(f"{file.name}: expected one of {', '.join(suffixes)}: choose another file")
    return file


def first_rows(
    table: Path,
    caption: str,
    count: int,
    first_columns: Collection[str],
    hidden_columns: Collection[str],
    formats: Mapping[str, tuple[str, Callable[[Any], str]]] | None = None,
) -> str:
    """Return the first rows of a table of predictions.

    Args:
        table: A table that `predict_table` wrote.
        caption: Caption above them.
        count: Number of rows.
        first_columns: Columns of the prediction that come first, to be seen without scrolling.
        hidden_columns: Columns that are left out.
        formats: Header and text of a value, by column of the prediction; by default the name and the value itself.

    Returns:
        HTML.
    """
    rows = read_table(table).head(count)
    names = [name for name in rows.columns if name not in hidden_columns]
    first = [_prediction_column(name, names) for name in first_columns]
    names.sort(key=lambda name: name not in first)
    by_column = {_prediction_column(name, names): each for name, each in (formats or {}).items()}
    headers = [by_column[name][0] if name in by_column else name for name in names]
    columns = [[_cell(by_column, name, cell) for cell in rows[name]] for name in names]
    return table_html(caption, headers, list(zip(*columns, strict=True)))


def _prediction_column(name: str, columns: Collection[str]) -> str:
    """Return the name of a column of the prediction: `predict_table` renames it if the input has one of its name."""
    return f"{name}_answer" if f"{name}_answer" in columns else name


def _cell(formats: Mapping[str, tuple[str, Callable[[Any], str]]], column: str, cell: object) -> object:
    return cell if cell is None or column not in formats else formats[column][1](cell)
