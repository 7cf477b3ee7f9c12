"""The table of alerts as HTML, with a button in each row."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from plexus.utils.formatting import number
from plexus_apps.fraud_monitor.alert_store import Alert
from plexus_apps.results import cell_html

HEADERS = ("No.", "Probability", "Time", "Transaction", "Reasons", "Verdict", "Review")
EMPTY = "There are no alerts yet."
FIRST_SECOND, LAST_SECOND = 1e9, 4e9
"""Numbers of a column of times that are seconds since 1970: from 2001 to 2096."""
TIME_NAMES = ("time", "date")
"""Parts of the names of columns with times."""
MAX_TRANSACTION_LENGTH = 160
SCRIPT = """
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-position]');
  if (button) trigger('select', {position: Number(button.dataset.position)});
});
"""
"""Sends the position of the alert whose button is pressed."""


def alerts_html(alerts: Sequence[Alert], caption: str) -> str:
    """Return a table of alerts.

    Args:
        alerts: The alerts.
        caption: Caption above it.

    Returns:
        HTML; all texts of the transactions are escaped.
    """
    title = escape(caption, quote=True)
    if not alerts:
        return f'<div class="app-caption">{title}</div><div class="app-note">{EMPTY}</div>'
    head = "".join(f"<th>{name}</th>" for name in HEADERS)
    return (
        f'<div class="app-caption">{title}</div><div class="app-table" tabindex="0" role="region" aria-label="{title}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row_html, alerts))}</tbody></table></div>"
    )


def describe_transaction(transaction: dict[str, object]) -> tuple[str, str]:
    """Return the time and the other values of a transaction as texts.

    Args:
        transaction: The transaction.

    Returns:
        The first time, empty if there is none, and the columns with their values.
    """
    times = {name: value for name, value in transaction.items() if _is_time(name)}
    first = next(iter(times), None)
    others = ", ".join(f"{name} {_text(name, value)}" for name, value in transaction.items() if name != first)
    return ("" if first is None else _text(first, times[first])), others[:MAX_TRANSACTION_LENGTH]


def _row_html(alert: Alert) -> str:
    time, transaction = describe_transaction(dict(alert.transaction))
    cells = [f"{alert.position:,}", f"{alert.probability:.1%}", time, transaction, "; ".join(alert.reasons)]
    texts = "".join(map(cell_html, [*cells, alert.verdict or "none yet"]))
    button = (
        f'<button type="button" class="app-button" data-position="{alert.position}" '
        f'aria-label="Show why No. {alert.position} was flagged">Why?</button>'
    )
    return f"<tr>{texts}<td>{button}</td></tr>"


def _is_time(name: str) -> bool:
    return any(part in name.lower() for part in TIME_NAMES)


def _text(name: str, value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if _is_time(name) and FIRST_SECOND <= value < LAST_SECOND:
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S")
        return number(value) if isinstance(value, float) else str(value)
    return str(value)
