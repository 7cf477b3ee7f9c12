"""Gradio page that clusters an uploaded table or images, and assigns an image to a cluster."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

import plexus
from plexus import Bundle, InputError
from plexus.data.archives import unpack_archive
from plexus.inference.table_predictions import predict_table
from plexus_apps.cluster_explorer.examples import draw_digit, write_wines
from plexus_apps.pages import (
    DELETE_CACHE,
    example_button,
    first_rows,
    heading,
    image_input,
    metrics_table,
    model_dropdown,
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


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: tabs to cluster one's own data, and to assign an image to the clusters of a model.

    Args:
        bundles: The models by name.

    Returns:
        The page.
    """
    folder = temporary_folder()
    page: gr.Blocks
    with gr.Blocks(title="Cluster explorer", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading("Cluster explorer", "Find clusters in an unlabelled table, or in unlabelled images.")
        with gr.Tab("Your data"):
            _add_clustering_tab(folder)
        with gr.Tab("Assign an image"):
            _add_assignment_tab(bundles, draw_digit(folder / "seven.png"))
    return page


def _add_clustering_tab(folder: Path) -> None:
    data = gr.File(
        label="A table (.csv, .tsv, .parquet), or a zip of images",
        height=120,
        file_types=[".csv", ".tsv", ".parquet", ".zip"],
    )
    with gr.Row():
        # Scikit-learn, which has the wines, takes time and memory to import.
        example_button("Try a table of wines", lambda: str(write_wines(folder / "wines.csv")), data)
        clusters = gr.Number(0, label="Clusters (0: estimate the number)", precision=0)
    button = gr.Button("Find clusters", variant="primary")
    area = ResultArea()
    with area.column:
        progress = gr.Textbox(label="Progress", lines=4, max_lines=4, autoscroll=True, interactive=False)
        metrics, report, table = (gr.HTML(padding=False) for _ in range(3))
        download = gr.DownloadButton("Download all as CSV", visible=False)
    outputs = [progress, metrics, report, table, download]
    area.fill(button.click, _cluster, [data, clusters], outputs, concurrency_limit=1)


def _add_assignment_tab(bundles: Mapping[str, Bundle], digit: Path) -> None:
    model = model_dropdown(bundles)
    image = image_input(height=260)
    example_button("Try a digit", str(digit), image)
    area = ResultArea("The cluster appears here.")  # below the image: the figure is as wide as the page
    with area.column:
        cluster, explanation = gr.Textbox(label="Cluster", interactive=False), gr.HTML(padding=False)

    def assign(name: str, file: str | None) -> tuple[str, str] | None:
        return None if file is None else _assign(bundles[name], Path(file))

    area.fill([image.change, model.change], assign, [model, image], [cluster, explanation])


def _assign(bundle: Bundle, file: Path) -> tuple[str, str]:
    """Return the cluster of an image without its exemplars' names, and the explanation."""
    prediction = bundle.predict([file])[0]
    return str(prediction).split("  (")[0], figure_html(lambda path: bundle.explain(file, path), EXEMPLARS)


def _cluster(file: str | None, clusters: float | None) -> Iterator[tuple[object, ...]]:
    if file is None:
        raise InputError("no data: select a table or a zip of images first")
    flags = ["--clusters", str(int(clusters))] if clusters else []
    with tempfile.TemporaryDirectory() as folder:
        data = unpack_archive(Path(file), Path(folder) / "data") if file.lower().endswith(".zip") else Path(file)
        for progress in stream_training("clustering.deep", data, *flags):
            yield "\n".join(progress.lines), *_report(progress.result, data)


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
    rows = first_rows(out, caption, MAX_ROWS, ["cluster", "membership", "outlier"], ["exemplars"])
    return metrics_table(result), figures, rows, gr.DownloadButton(value=str(out), visible=True)
