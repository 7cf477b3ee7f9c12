"""Gradio page that clusters an uploaded table or images, and assigns an image to a cluster."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

import plexus
from plexus import Bundle, InputError
from plexus.data.archives import unpack_archive
from plexus.inference.table_predictions import predict_table
from plexus_apps.cluster_explorer.examples import draw_digit, write_wines
from plexus_apps.pages import (
    DELETE_CACHE,
    TABLES,
    add_trained_model,
    example_button,
    file_input,
    first_rows,
    heading,
    image_input,
    metrics_table,
    model_dropdown,
    require_suffix,
    temporary_folder,
)
from plexus_apps.report_figures import report_figures
from plexus_apps.result_area import ResultArea
from plexus_apps.results import figure_html
from plexus_apps.training import stream_training

if TYPE_CHECKING:
    from plexus.codec import JsonObject

CAPTIONS = {
    "map.svg": "Map of the inputs",
    "profiles.svg": "Deviation of each cluster from the mean",
    "exemplars.svg": "Exemplars of each cluster",
    "sizes.svg": "Cluster sizes",
}
EXEMPLARS = "Exemplars of its cluster and of the second most likely one"
MAX_ROWS = 100
ASSIGNMENT: dict[str, tuple[str, Callable[[Any], str]]] = {
    "cluster": ("cluster number", str),
    "membership": ("membership", lambda value: f"{float(value):.1%}"),
    "outlier": ("outlier", lambda value: "yes" if str(value).lower() == "true" else "no"),
}
"""Columns of the assignments: header, and text of a value."""


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: tabs to cluster one's own data, and to assign an image to the clusters of a model.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    folder = temporary_folder()
    page: gr.Blocks
    models = dict(bundles)
    with gr.Blocks(title="Cluster explorer", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading("Cluster explorer", "Find clusters in an unlabelled table, or in unlabelled images.")
        with gr.Tab("Your data") as data_tab:
            pass
        with gr.Tab("Assign an image"):
            model = _add_assignment_tab(models, draw_digit(folder / "seven.png"))
        with data_tab:
            _add_clustering_tab(models, model, folder)
    return page


def _add_clustering_tab(bundles: dict[str, Bundle], model: gr.Dropdown, folder: Path) -> None:
    data = file_input("A table (.csv, .tsv, .parquet), or a zip of images")
    clusters = gr.Number(0, label="Clusters (0: estimate the number)", precision=0)
    with gr.Row():
        # Scikit-learn, which has the wines, takes time and memory to import.
        example = example_button("Try a table of wines", lambda: str(write_wines(folder / "wines.csv")), data)
        button = gr.Button("Find clusters", variant="primary", size="sm")
    area = ResultArea()
    with area.column:
        progress = gr.Textbox(label="Progress", lines=4, max_lines=4, autoscroll=True, interactive=False)
        metrics, report, table = (gr.HTML(padding=False) for _ in range(3))
        download = gr.DownloadButton("Download all as CSV", visible=False)

    def cluster(file: str | None, clusters: float | None) -> Iterator[tuple[object, ...]]:
        yield from _cluster(bundles, file, clusters)

    outputs, settings = [progress, metrics, report, table, download, model], {"show_progress_on": progress}
    area.fill(button.click, cluster, [data, clusters], outputs, [example], concurrency_limit=1, **settings)


def _add_assignment_tab(bundles: Mapping[str, Bundle], digit: Path) -> gr.Dropdown:
    model = model_dropdown(bundles)
    image = image_input(height=260)
    example_button("Try a digit", str(digit), image)
    area = ResultArea("The cluster appears here.")  # below the image: the figure is as wide as the page
    with area.column:
        cluster, explanation = gr.Textbox(label="Cluster", interactive=False), gr.HTML(padding=False)

    def assign(name: str, file: str | None) -> tuple[str, str] | None:
        return None if file is None else _assign(bundles[name], Path(file))

    area.fill([image.change, model.change], assign, [model, image], [cluster, explanation])
    return model


def _assign(bundle: Bundle, file: Path) -> tuple[str, str]:
    """Return the cluster of an image without its exemplars' names, and the explanation."""
    prediction = bundle.predict([file])[0]
    return str(prediction).split("  (")[0], figure_html(lambda path: bundle.explain(file, path), EXEMPLARS)


def _cluster(bundles: dict[str, Bundle], file: str | None, clusters: float | None) -> Iterator[tuple[object, ...]]:
    if file is None:
        raise InputError("no data: select a table or a zip of images first")
    require_suffix(Path(file), (*TABLES, ".zip"))
    flags = ["--clusters", str(int(clusters))] if clusters else []
    with tempfile.TemporaryDirectory() as folder:
        data = unpack_archive(Path(file), Path(folder) / "data") if file.lower().endswith(".zip") else Path(file)
        for progress in stream_training("clustering.deep", data, *flags):
            result = progress.result
            offer = add_trained_model(bundles, result) if result and data.is_dir() else gr.skip()  # for images only
            yield progress.text, *_report(result, data), offer


def _report(result: "JsonObject | None", data: Path) -> tuple[str, str, str, gr.DownloadButton]:
    """Return metrics, figures, rows and a file of all rows; nothing before the training has ended."""
    waiting = gr.DownloadButton(visible=False)
    if result is None:
        return "", "", "", waiting
    folder = Path(result["run"]) / "report"
    figures = report_figures(folder, CAPTIONS)
    if data.is_dir():
        return metrics_table(result), figures, "", waiting
    out = temporary_folder() / "clusters.csv"
    predict_table(plexus.load(result["bundle"]), data, out)
    caption = f"Rows with their clusters (the first {MAX_ROWS})"
    rows = first_rows(out, caption, MAX_ROWS, ASSIGNMENT, ["exemplars"], ASSIGNMENT)
    return metrics_table(result, is_offered=False), figures, rows, gr.DownloadButton(value=str(out), visible=True)
