"""Examples of an explored dataset, prepared for the templates."""

import math
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np

from plexus.data.duplicate_examples import Place
from plexus.errors import InputError
from plexus.serve.problems import public_text
from plexus.studio.data_record import DataRecord
from plexus.utils.formatting import number
from plexus.utils.printable import printable

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.studio.exploration import Exploration

MAX_TEXT, MAX_CELLS, MAX_CELL = 400, 40, 80
"""Characters of a text, columns of a row, and characters of a cell that are shown."""
WIDTH, HEIGHT = 240, 60
"""Size of a drawn series."""
MAX_SERIES, MAX_POINTS = 4, 10 * WIDTH
"""Series of an example that are drawn, and points from which on some are left out."""


def address(record: DataRecord, section: str = "", **query: object) -> str:
    """Return the address of a section.

    Args:
        record: The dataset.
        section: The section; empty for the overview.
        **query: Parameters; empty ones are left out.

    Returns:
        The address on this server.
    """
    text = urlencode({name: value for name, value in query.items() if value != ""})
    return f"/data/sets/{record.id}{f'/{section}' if section else ''}{f'?{text}' if text else ''}"


def example(record: DataRecord, exploration: "Exploration", place: Place) -> "JsonObject":
    """Return an example for the template.

    Args:
        record: The dataset.
        exploration: Its content.
        place: The example.

    Returns:
        Its kind, its content or the address of its file, its target and its place.
    """
    target = _target_text(exploration, place)
    shown: JsonObject = {
        "place": f"{place.split} {place.row + 1:,}",
        "target": target,
        "kind": "other",
        "name": "",
        "cells": {},
    }
    try:
        view = exploration.view(place)
    except (InputError, OSError) as error:  # its file was changed or removed since
        return shown | {"kind": "error", "text": public_text(error)}
    shown |= {"kind": view.kind, "name": printable(view.name)}
    if view.kind in {"image", "sound"}:
        shown["file"] = address(record, f"files/{place.split}/{place.row}")
        shown["alt"] = f"{target}: {shown['place']}" if target else shown["place"]
    elif view.kind == "text":
        text = str(view.content)
        shown |= {"text": text[:MAX_TEXT], "rest": text[MAX_TEXT : 20 * MAX_TEXT]}
    elif view.kind == "row":
        cells = list(view.content.items())[:MAX_CELLS]
        shown["cells"] = {str(name): _cell(value) for name, value in cells}
    elif view.kind == "series":
        shown["lines"] = _polylines(view.content)
        count = view.content[0].size if len(view.content) else 0
        shown |= {"series": count, "shown_series": min(count, MAX_SERIES)}
    return shown


def _target_text(exploration: "Exploration", place: Place) -> str:
    target = exploration.splits[place.split].targets[place.row]
    if isinstance(target, str):
        return target
    if isinstance(target, int | float | np.number):
        return number(float(target))
    labels = Counter(exploration.labels(target))
    return ", ".join(f"{count} {label}" for label, count in labels.most_common()) or str(target)[:MAX_CELL]


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = number(value) if isinstance(value, float) else str(value)
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"


def _polylines(array: np.ndarray) -> list[str]:
    """Return the points of the first series of an array, each scaled to the drawing; a gap begins a new line."""
    if not len(array):
        return []
    series = np.asarray(array, float).reshape(len(array), -1).T[:MAX_SERIES]
    step = max(len(array) // MAX_POINTS, 1)
    return [points for values in series for points in _parts(values[::step])]


def _parts(values: np.ndarray) -> list[str]:
    """Return the points of the parts of a series between values that are missing or infinite."""
    is_finite = np.isfinite(values)
    if not is_finite.any():
        return []
    low, high = values[is_finite].min(), values[is_finite].max()
    x = np.linspace(2, WIDTH - 2, len(values))
    share = (values - low) / (high - low) if high > low else np.full(len(values), 0.5)
    y = HEIGHT - 2 - share * (HEIGHT - 4)
    parts = np.split(np.arange(len(values)), np.flatnonzero(np.diff(is_finite)) + 1)
    shown = [part if len(part) > 1 else np.repeat(part, 2) for part in parts if is_finite[part[0]]]
    return [" ".join(f"{x[place]:.1f},{y[place]:.1f}" for place in part) for part in shown]
