"""Reasons for a rejection, in words."""

from collections.abc import Sequence

from plexus.codec import JsonObject
from plexus_tables.risk.number_text import number_text

MAX_REASONS = 4
"""A statement of reasons need not name more than four (12 CFR 1002, supplement I, comment 9(b)(2)-1)."""

Value = float | str | None


def reason_codes(contributions: Sequence[JsonObject]) -> list[str]:
    """Name the columns that raise the risk of a row most.

    Args:
        contributions: Contributions of the columns to the log-odds of the event, the largest absolute change first, as
            of `plexus.explain.contributions.sorted_contributions`.

    Returns:
        At most four reasons, the strongest first: `duration: 48 (above the typical 18)`, `purpose: car (typical: tv)`,
        `savings: missing (typical: 120)`. Columns that do not raise the risk are no reasons.
    """
    raising = [part for part in contributions if part["change"] > 0]
    return [_reason(part["name"], part["value"], part["typical"]) for part in raising[:MAX_REASONS]]


def _reason(name: str, value: Value, typical: Value) -> str:
    if isinstance(value, float) and isinstance(typical, float):
        return f"{name}: {_text(value)} ({'above' if value > typical else 'below'} the typical {_text(typical)})"
    return f"{name}: {_text(value)} (typical: {_text(typical)})"


def _text(value: Value) -> str:
    return "missing" if value is None else number_text(value) if isinstance(value, float) else value
