"""The training rows that are most similar to a row, as HTML."""

from html import escape

from plexus_apps.risk_desk.reasons import Reasons
from plexus_apps.risk_desk.table_codec import Row, Value
from plexus_apps.risk_desk.table_model import TableModel
from plexus_apps.risk_desk.texts import shown_value

MAX_COLUMNS = 4
"""Columns that are shown: those that move the prediction most."""
TABLE = (
    '<div class="similar" style="font-size:14px;margin-top:12px"><div style="margin-bottom:4px">Most similar training '
    "rows by Gower's distance, from 0 (equal) to 1</div>"
    '<div style="overflow-x:auto" tabindex="0" role="region" aria-label="Most similar training rows">'
    '<table style="border:none;border-collapse:collapse;margin:0">{rows}</table></div></div>'
)
CELL = (
    '<{tag} style="border:none;border-bottom:1px solid var(--border-color-primary);text-align:left;vertical-align:top;'
    'padding:3px 8px 3px 0;font:inherit;font-size:13px;font-weight:{weight}">{text}</{tag}>'
)


def similar_html(model: TableModel, reasons: Reasons, row: Row) -> str:
    """Return the training rows that are most similar to a row, with their targets.

    Args:
        model: The model.
        reasons: The contributions of the columns to the prediction.
        row: The row.

    Returns:
        HTML; all texts of the model are escaped. Empty if the bundle holds no training rows, or none is similar.
    """
    similar = [] if model.similar_rows is None else model.similar_rows.nearest(row)
    if not similar:
        return ""
    strongest = [name for name, _ in reasons.strongest(MAX_COLUMNS)]
    names = [*strongest, *(column.name for column in model.columns if column.name not in strongest)][:MAX_COLUMNS]
    lines = [_line("th", ["distance", model.target or "target", *names])]
    lines += [
        _line("td", [f"{near.distance:.3f}", near.target, *(near.values[name] for name in names)]) for near in similar
    ]
    return TABLE.format(rows="".join(lines))


def _line(tag: str, cells: list[Value]) -> str:
    weight = 600 if tag == "th" else 400
    texts = (escape(shown_value(cell)).replace("_", "_<wbr>") for cell in cells)  # names may be broken after it
    line = "".join(CELL.format(tag=tag, weight=weight, text=text) for text in texts)
    return f'<tr style="border:none">{line}</tr>'
