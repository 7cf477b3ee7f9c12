"""Formats explanations for the terminal: contributions, reasons, and similar rows."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from plexus.utils.formatting import number
from plexus.utils.printable import printable

if TYPE_CHECKING:
    from plexus.codec import JsonObject

MAX_CONTRIBUTIONS, MAX_VALUES = 10, 5
"""Contributions, and values of a similar row, that are printed."""
MAX_NAME, MAX_TEXT = 50, 30
"""Characters of a name and of a cell that are printed."""
MAX_WHOLE = 1e15
"""Whole numbers below are printed with all digits."""


def explanation_lines(explanation: "JsonObject") -> Iterator[str]:
    """Format an explanation.

    Args:
        explanation: As of `plexus.tasks.abilities.ExplainsInNumbers`.

    Yields:
        A line about the prediction, one per contribution, the largest first, one per reason, and one per similar row.
    """
    prediction, typical = number(explanation["prediction"]), number(explanation["typical_prediction"])
    yield f"  prediction: {prediction}, that of a typical row: {typical} ({explanation['unit']})"
    changing = [part for part in explanation["contributions"] if part["change"]]
    yield from _contribution_lines(changing)
    if others := len(explanation["contributions"]) - len(changing):
        yield f"    no change by {others:,}, which are as in the typical row"
    for reason in explanation.get("reasons", ()):
        yield f"  reason: {printable(reason)}"
    if explanation.get("similar_rows"):
        count = len(explanation["similar_rows"][0]["values"])
        some = f" ({MAX_VALUES} of {count:,} columns; --json has all)" if count > MAX_VALUES else ""
        yield f"  most similar training rows{some}"
        yield from _similar_lines(explanation["similar_rows"])


def _contribution_lines(contributions: "Sequence[JsonObject]") -> Iterator[str]:
    shown, others = contributions[:MAX_CONTRIBUTIONS], contributions[MAX_CONTRIBUTIONS:]
    rows = [
        [
            _shortened(part["name"], MAX_NAME),
            _cell(part["value"]),
            _cell(part["typical"]),
            _change(part["change"]),
            _error(part),
        ]
        for part in shown
    ]
    if others:
        rows.append([f"{len(others):,} more", "", "", _change(sum(part["change"] for part in others)), ""])
    if rows:
        yield from _table(["name", "value", "typical", "change", "standard error"], rows)


def _similar_lines(rows: "Sequence[JsonObject]") -> Iterator[str]:
    names = list(rows[0]["values"])[:MAX_VALUES]
    yield from _table(
        ["distance", "target", *map(_cell, names)],
        [
            [number(row["distance"]), _cell(row["target"]), *(_cell(row["values"][name]) for name in names)]
            for row in rows
        ],
    )


def _change(change: float) -> str:
    return f"{'-' if change < 0 else '+'}{number(abs(change))}"


def _error(contribution: "JsonObject") -> str:
    return number(contribution["standard_error"]) if contribution["standard_error"] else "exact"


def _cell(value: float | str | None) -> str:
    if value is None:
        return "missing"
    if isinstance(value, str):
        return _shortened(value, MAX_TEXT)
    return f"{value:.0f}" if not value % 1 and abs(value) < MAX_WHOLE else f"{value:.6g}"


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    for row in (headers, *rows):
        yield "    " + "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
