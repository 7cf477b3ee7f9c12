"""Predictions as people read them."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plexus.cli.explanation import explanation_lines
from plexus.utils.formatting import number
from plexus.utils.printable import printable

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_CHARACTERS = 4_000
"""Characters of a field that are shown."""
MAX_BARS = 12
MAX_ROWS, MAX_NUMBERS = 50, 12
"""Rows of a table, and numbers of a list, that are shown."""
WHOLE = {"prediction", "typical_prediction", "contributions", "unit"}
"""Keys of an explanation that has lines."""
HTML = "data:text/html;base64,"


def shown_prediction(result: "JsonObject") -> "JsonObject":
    """Format a result.

    Args:
        result: The result of `predict_value`.

    Returns:
        `lines`: the prediction in words; `fields`: label, text, bars, and header and rows of each field; `image` or
        `document` of the explanation; `explanation_text`; `json`: the prediction in JSON.
    """
    answer = result["answer"]
    url = result.get("explanation", "")
    is_page = url.startswith(HTML)
    values = result.get("explanation_values")
    return {
        "lines": [_cut(printable(line)) for line in result["lines"] if line],
        "fields": [_field(name, value) for name, value in answer.items() if value not in (None, "", [], {}, ())],
        "image": "" if is_page else url,
        "document": base64.b64decode(url.removeprefix(HTML)).decode("utf-8", "replace") if is_page else "",
        "explanation_text": "\n".join(explanation_lines(values)) if values and values.keys() >= WHOLE else "",
        "json": _cut(json.dumps(answer, indent=1, ensure_ascii=False, default=str)),
    }


def _field(name: str, value: object) -> "JsonObject":
    field: JsonObject = {"label": _title(name), "text": "", "bars": [], "header": [], "rows": []}
    if isinstance(value, Mapping) and value and all(map(_is_share, value.values())):
        bars = [_bar(str(key), part) for key, part in list(value.items())[:MAX_BARS]]
        return field | {"bars": bars, "text": _first_of(len(bars), len(value))}
    if isinstance(value, Sequence) and value and all(isinstance(each, Mapping) for each in value):
        return field | _table(value)
    return field | {"text": _cut(_text(value))}


def _table(rows: "Sequence[Mapping[str, object]]") -> "JsonObject":
    """Return the header and the cells of a list of objects."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_cut(_text(row.get(name))) for name in names] for row in rows[:MAX_ROWS]]
    return {"header": list(map(_title, names)), "rows": cells, "text": _first_of(len(cells), len(rows))}


def _first_of(count: int, total: int) -> str:
    return f"the first {count} of {total:,}" if count < total else ""


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_text(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        if len(value) > MAX_NUMBERS and all(isinstance(each, int | float) for each in value):
            return f"{len(value):,} numbers"
        return ", ".join(map(_text, value))
    return str(value)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _is_share(value: object) -> bool:
    return isinstance(value, float) and 0 <= value <= 1  # a count of one is no share


def _bar(label: str, value: float) -> "JsonObject":
    return {"label": label, "text": number(value), "share": value}


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
