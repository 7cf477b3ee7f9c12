"""Results of the page as HTML, in the colors of the page."""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

import numpy as np

from plexus.data.spreadsheets import write_spreadsheet
from plexus_apps.jpeg import encode_jpeg
from plexus_apps.object_finder.detection_task import DetectedObject
from plexus_apps.object_finder.drawing import fit_image, label_color
from plexus_apps.object_finder.video_result import VideoResult

COLUMNS = ("label", "probability", "left", "top", "right", "bottom")
MAX_ENLARGED = 4
"""Times that a small image is enlarged at most."""
MAX_WIDTH, MAX_HEIGHT = 760, 620
"""Of an image on the page, in pixels."""
INSIDE, AT_RIGHT = 0.07, 0.8
"""Boxes that begin above this share of the height have their text inside; beyond this share of the width, at their
right side."""
STYLE = """<style>
.html-container { padding: 0 !important }
.finder-image { position: relative; margin: 0 auto; border-radius: 6px; overflow: hidden }
.finder-image img { display: block; width: 100%; height: auto }
.finder-box, .finder-name { position: absolute; box-sizing: border-box }
.finder-box { border: 2px solid var(--color); border-radius: 2px;
  box-shadow: 0 0 0 1px rgb(255 255 255 / .7), inset 0 0 0 1px rgb(255 255 255 / .45) }
.finder-box:hover { background: rgb(255 255 255 / .2) }
.finder-name { container-type: inline-size; pointer-events: none }
.finder-name span { position: absolute; left: 0; bottom: calc(100% - 2px); padding: 0 4px; border-radius: 2px;
  white-space: nowrap; background: var(--color); color: white !important; font: 600 12px/16px system-ui, sans-serif }
.finder-name.inside span { bottom: auto; top: 0 }
.finder-name.at-right span { left: auto; right: 0 }
.finder-name i { font-style: normal; color: white !important }
@container (max-width: 82px) { .finder-name i { display: none } }
.finder-examples { min-height: 0 !important; flex-grow: 0 !important }
.finder-examples .grid-wrap { min-height: 0 !important; height: auto !important; padding: 6px }
.finder-examples .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)) !important }
@media (max-width: 640px) {
  .finder-examples .grid-container { grid-template-columns: repeat(6, minmax(0, 1fr)) !important; gap: 4px }
  .finder-examples .grid-wrap { padding: 4px } }
.finder-counts { display: flex; flex-wrap: wrap; gap: 6px 16px; margin: 10px 0 4px; font-size: 15px }
.finder-counts span { display: inline-flex; align-items: center; gap: 7px; overflow-wrap: anywhere }
.finder-counts span::before { content: ""; width: 13px; height: 13px; border-radius: 3px; background: var(--color);
  flex: none; box-shadow: 0 0 0 1px rgb(255 255 255 / .6) }
.finder-counts .none { opacity: .75 }
.finder-text { font-size: 14px; margin-top: 4px }
.finder-video { display: block; width: 100%; max-width: 720px; max-height: 620px; margin: 0 auto; border-radius: 6px }
.finder-download { display: inline-block; padding: 6px 14px; border-radius: 6px; font-size: 14px; font-weight: 600;
  background: var(--button-secondary-background-fill); color: var(--button-secondary-text-color) !important;
  text-decoration: none !important; margin: 8px 0 }
</style>"""


def image_html(image: np.ndarray, objects: Sequence[DetectedObject], labels: Sequence[str]) -> str:
    """Return an image with the boxes of its objects, whose texts have the same size at each width of the page.

    Args:
        image: Bytes of shape `(height, width, 3)`.
        objects: The objects.
        labels: All labels of the model.

    Returns:
        HTML.
    """
    height, width = image.shape[:2]
    shown = min(MAX_WIDTH, MAX_ENLARGED * width, round(MAX_HEIGHT * width / height))
    # The names come after all boxes, so that none crosses them; the most probable object is on top.
    pairs = [_box_html(item, (width, height), label_color(labels, item.label)) for item in reversed(objects)]
    boxes = "".join([box for box, _ in pairs] + [name for _, name in pairs])
    return (
        f'<div class="finder-image" style="max-width:{shown}px">'
        f'<img src="{_data_address(encode_jpeg(fit_image(image)), "image/jpeg")}" '
        f'alt="the image with {_objects(len(objects))}">{boxes}</div>'
    )


def counts_html(counts: Mapping[str, int], labels: Sequence[str], total: str) -> str:
    """Return the number of objects of each label, with the color of its boxes.

    Args:
        counts: Numbers by label.
        labels: All labels of the model.
        total: What is counted: `objects`.

    Returns:
        HTML.
    """
    shown = [label for label in labels if counts.get(label)] if len(labels) > 12 else labels
    items = "".join(
        f'<span style="--color:{label_color(labels, label)}"{_none(counts.get(label, 0))}>'
        f"{escape(label)} <b>{counts.get(label, 0):,}</b></span>"
        for label in shown
    )
    return f'<div role="status"><div class="finder-counts"><b>{total}</b>{items}</div></div>'


def objects_html(objects: Sequence[DetectedObject], labels: Sequence[str]) -> str:
    """Return the number of objects of each label of an image.

    Args:
        objects: The objects.
        labels: All labels of the model.

    Returns:
        HTML.
    """
    return counts_html(Counter(item.label for item in objects), labels, _objects(len(objects)))


def thresholds_html(thresholds: Mapping[str, float]) -> str:
    """Return the thresholds of the model.

    Args:
        thresholds: Probability by label.

    Returns:
        HTML.
    """
    values = ", ".join(f"{escape(label)} {value:.0%}" for label, value in list(thresholds.items())[:12])
    others = f" and {len(thresholds) - 12} more" if len(thresholds) > 12 else ""
    return (
        f'<div class="finder-text">Thresholds of the model, those with the largest F1 on the validation split: '
        f"{values}{others}. The probability is calibrated: of the boxes with 80%, about 80% are correct.</div>"
    )


def table_rows(objects: Sequence[DetectedObject]) -> list[list[object]]:
    """Return the rows of the table, of `COLUMNS`.

    Args:
        objects: The objects.

    Returns:
        One row per object.
    """
    return [[item.label, round(item.probability, 4), *(round(side, 1) for side in item.box)] for item in objects]


def download_html(objects: Sequence[DetectedObject], image_name: str) -> str:
    """Return a link to a CSV of the boxes, which `plexus train vision.detect` reads as data.

    Args:
        objects: The objects.
        image_name: Name of the image.

    Returns:
        HTML; the file is in the link.
    """
    import polars as pl

    stream = BytesIO()
    rows = [[image_name, *row] for row in table_rows(objects)]
    schema = {"image": pl.String, "label": pl.String} | dict.fromkeys(COLUMNS[1:], pl.Float64)
    write_spreadsheet(pl.DataFrame(rows, schema, orient="row"), stream)
    address = _data_address(stream.getvalue(), "text/csv")
    name = escape(f"{Path(image_name).stem}.boxes.csv", quote=True)
    return f'<a class="finder-download" download="{name}" href="{address}">Download as CSV</a>'


def video_html(result: VideoResult, labels: Sequence[str], video: Path) -> str:
    """Return the counts of a video, and the video once it is complete.

    Args:
        result: The objects.
        labels: All labels of the model.
        video: The annotated video.

    Returns:
        HTML.
    """
    counts = counts_html(result.counts, labels, f"{_objects(sum(result.counts.values()))}, each counted once")
    frames = f"{result.frames:,} frame{'s' * (result.frames != 1)}"
    text = f'<div class="finder-text">{frames}, {result.seconds:.1f} s.</div>'
    if not result.finished:
        return counts + text
    address = _data_address(video.read_bytes(), "video/webm")
    player = (
        f'<video class="finder-video" src="{address}" aria-label="the video with its boxes" '
        "controls autoplay muted loop playsinline></video>"
    )
    return player + counts + text


def _box_html(item: DetectedObject, size: tuple[int, int], color: str) -> tuple[str, str]:
    """Return a box, and its label with the probability."""
    left, top, right, bottom = np.clip(np.array(item.box) / [*size, *size], 0, 1).tolist()
    place = f"--color:{color};left:{left:.2%};top:{top:.2%};width:{right - left:.2%};height:{bottom - top:.2%}"
    side = " inside" * (top < INSIDE) + " at-right" * (left > AT_RIGHT)
    return (
        f'<div class="finder-box" style="{place}" title="{escape(str(item), quote=True)}"></div>',
        f'<div class="finder-name{side}" style="{place}"><span><i>{escape(item.label)} </i>'
        f"{item.probability:.0%}</span></div>",
    )


def _none(count: int) -> str:
    return "" if count else ' class="none"'


def _objects(count: int) -> str:
    return f"{count:,} object{'s' * (count != 1)}" if count else "no objects"


def _data_address(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
