"""The page of the cluster explorer."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

import plexus
from plexus import Bundle, InputError
from plexus.data.archives import unpack_archive
from plexus.inference.table_predictions import answer_table
from plexus_apps.cluster_explorer.examples import picture, wines
from plexus_apps.pages import (
    KEPT,
    chooser,
    drawn,
    example,
    first_rows,
    heading,
    kindly,
    kindly_live,
    picture_input,
    scores_told,
    shown,
)
from plexus_apps.training import trained_live

TITLES = {"map": "Map", "profiles": "What sets each cluster apart", "exemplars": "Exemplars", "sizes": "Sizes"}


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Groups in one's own data, and where a picture belongs."""
    folder = Path(tempfile.mkdtemp())
    with gr.Blocks(title="Cluster explorer", analytics_enabled=False, delete_cache=KEPT) as page:
        heading("Cluster explorer", "Groups in data that nobody labelled: a table, or pictures.")
        with gr.Tab("Your data"):
            _own(wines(folder / "wines.csv"))
        with gr.Tab("A picture among known clusters"):
            _known(bundles, picture(folder / "seven.png"))
    return page


def _own(bottles: Path) -> None:
    given = gr.File(
        label="A table (.csv, .tsv, .parquet), or a zip of pictures",
        height=120,
        file_types=[".csv", ".tsv", ".parquet", ".zip"],
    )
    with gr.Row():
        example("Try a table of wines", str(bottles), given)
        number = gr.Number(0, label="Clusters (0: as many as there are)", precision=0, minimum=0, maximum=1000)
    button = gr.Button("Find clusters", variant="primary")
    said = gr.Textbox(label="Progress", lines=4, max_lines=4, autoscroll=True, interactive=False)
    scores = gr.Markdown()
    pictures = gr.Gallery(label="The clusters", columns=2, height="auto", object_fit="contain")
    table = gr.Dataframe(label="Rows with their clusters (the first 100)", interactive=False)
    download = gr.DownloadButton("Download all as CSV", interactive=False)
    button.click(_found, [given, number], [said, scores, pictures, table, download], concurrency_limit=1)


def _known(bundles: Mapping[str, Bundle], seven: Path) -> None:
    model = chooser(bundles, "mnist")
    given = picture_input(height=260)
    example("Try a digit", str(seven), given)
    said = gr.Textbox(label="Where it belongs", interactive=False)
    why = shown("Its cluster's exemplars, and those of the next")
    given.change(kindly(lambda name, file: _placed(bundles[name], file)), [model, given], [said, why])


def _placed(bundle: Bundle, file: str | None) -> tuple[str, Any]:
    if file is None:
        return "", None
    raw = Path(file)
    answer = bundle.predict([raw])[0]
    why = drawn(lambda to: bundle.explain(raw, to))
    return str(answer).split("  (")[0], why


@kindly_live
def _found(given: str | None, number: float | None) -> Iterator[tuple[Any, ...]]:
    if given is None:
        raise InputError("choose a table or a zip of pictures first")
    flags = ["--clusters", str(int(number))] if number else []
    with tempfile.TemporaryDirectory() as folder:
        data = unpack_archive(Path(given), Path(folder) / "data") if given.endswith(".zip") else Path(given)
        for progress in trained_live("clustering.deep", data, *flags):
            yield "\n".join(progress.lines), *_reported(progress.result, data)


def _reported(result: dict[str, Any] | None, data: Path) -> tuple[Any, ...]:
    """Scores, pictures, rows and a file of them; nothing before there are any."""
    if result is None:
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    scores = scores_told(result)
    report = Path(result["run"]) / "report"
    pictures = [
        (str(report / f"{name}.png"), title) for name, title in TITLES.items() if (report / f"{name}.png").exists()
    ]
    if data.is_dir():
        return scores, pictures, None, gr.DownloadButton(interactive=False)
    out = Path(tempfile.mkdtemp()) / "clusters.csv"
    answer_table(plexus.load(result["bundle"]), data, out, None)
    return (
        scores,
        pictures,
        first_rows(out, 100, ["cluster", "membership", "outlier"], ["exemplars"]),
        gr.DownloadButton(value=str(out), interactive=True),
    )
