"""Predictions as people read them."""

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from plexus.cli.explanation import explanation_lines
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_CHARACTERS = 4_000
"""Characters of a field that are shown."""
MAX_BARS = 12
WHOLE = {"prediction", "typical_prediction", "contributions", "unit"}
"""Keys of an explanation that has lines."""
HTML = "data:text/html;base64,"


def shown_prediction(result: "JsonObject") -> "JsonObject":
    """Format a result.

    Args:
        result: The result of `predict_value`.

    Returns:
        `fields`: label, text and bars of each field; `image` or `document` of the explanation; `explanation_text`;
        `json`: the prediction in JSON.
    """
    answer = result["answer"]
    url = result.get("explanation", "")
    is_page = url.startswith(HTML)
    values = result.get("explanation_values")
    return {
        "fields": [_field(name, value) for name, value in answer.items() if value not in (None, [], {}, ())],
        "image": "" if is_page else url,
        "document": base64.b64decode(url.removeprefix(HTML)).decode("utf-8", "replace") if is_page else "",
        "explanation_text": "\n".join(explanation_lines(values)) if values and values.keys() >= WHOLE else "",
        "json": _cut(json.dumps(answer, indent=1, ensure_ascii=False, default=str)),
    }


def _field(name: str, value: object) -> "JsonObject":
    label = name.replace("_", " ").capitalize()
    if isinstance(value, Mapping) and all(isinstance(part, int | float) for part in value.values()):
        parts = list(value.items())[:MAX_BARS]
        return {"label": label, "text": "", "bars": [_bar(str(key), float(part)) for key, part in parts]}
    if isinstance(value, bool):
        return {"label": label, "text": "yes" if value else "no", "bars": []}
    if isinstance(value, float):
        is_share = 0 <= value <= 1
        return {"label": label, "text": number(value), "bars": [_bar("", value)] if is_share else []}
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return {"label": label, "text": _cut(text), "bars": []}


def _bar(label: str, value: float) -> "JsonObject":
    return {"label": label, "text": number(value), "share": value if 0 <= value <= 1 else None}


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
