"""The answer for one row, as HTML."""

from html import escape
from typing import Any

from plexus.report.colors import BLUE, RED
from plexus_apps.risk_desk.table_codec import Row, Value
from plexus_apps.risk_desk.table_model import TableModel
from plexus_apps.risk_desk.texts import shortened, shown_value

CARD = (
    '<div class="answer" role="status" style="border:1px solid var(--border-color-primary);border-radius:8px;'
    'padding:14px 16px;background:var(--block-background-fill)">{parts}</div>'
)
NUMBER = (
    '<div style="font-size:15px">{quantity}</div><div class="answer-number" '
    'style="font-size:40px;font-weight:650;line-height:1.15">{number}</div>'
)
TEXT = '<div style="font-size:14px;margin-top:6px">{text}</div>'
WARNING = (
    '<div style="font-size:14px;margin-top:8px;padding:2px 0 2px 10px;border-left:4px solid #d9822b">'
    "<b>Warning:</b> {text}</div>"
)
GAUGE = (
    '<div role="img" aria-label="{description}" style="position:relative;height:30px;margin:12px 8px 4px">'
    '<div style="position:absolute;top:11px;left:0;right:0;height:8px;border-radius:4px;'
    'background:var(--border-color-primary)"></div>'
    '<div style="position:absolute;top:11px;left:{low:.1f}%;width:{width:.1f}%;height:8px;background:#2a6fdb;'
    'opacity:.55"></div>'
    '<div style="position:absolute;top:3px;left:calc({threshold:.1f}% - 1px);width:2px;height:24px;'
    'background:currentColor"></div>'
    '<div style="position:absolute;top:7px;left:calc({number:.1f}% - 8px);width:16px;height:16px;border-radius:50%;'
    'background:{color}"></div></div>'
    '<div style="display:flex;justify-content:space-between;font-size:13px"><span>0%</span>'
    "<span>line: threshold {shown_threshold}</span><span>100%</span></div>"
)
CHANGE = (
    '<div class="change" role="status" style="font-size:16px;padding:4px 12px">{column}: {value}{choice}<br>'
    "{quantity}: {number}{other}</div>"
)


def answer_html(model: TableModel, prediction: Any) -> str:
    """Return the predicted number with its interval, the decision, and the warnings.

    Args:
        model: The model.
        prediction: A prediction of the model.

    Returns:
        HTML; all texts of the model are escaped.
    """
    number = model.number(dict(prediction))
    parts = [NUMBER.format(quantity=escape(model.quantity), number=escape(model.shown(number)))]
    if interval := _interval(model, prediction):
        parts.append(TEXT.format(text=escape(interval)))
    if model.threshold is not None:
        parts.append(_gauge(model, prediction, model.threshold))
        parts.append(TEXT.format(text=_decision(model, number, model.threshold)))
    if label_set := _label_set(model, prediction):
        parts.append(TEXT.format(text=escape(label_set)))
    parts += [WARNING.format(text=escape(warning)) for warning in prediction.warnings]
    return CARD.format(parts="".join(parts))


def change_html(model: TableModel, row: Row, name: str, choice: Value) -> str:
    """Return how another value of one column changes the predicted number.

    Args:
        model: The model.
        row: The row.
        name: Name of the column.
        choice: The other value.

    Returns:
        HTML; all texts of the model are escaped.
    """
    number, other = model.numbers([row, {**row, name: choice}]).tolist()
    changes = choice != row[name]
    return CHANGE.format(
        column=escape(shortened(name)),
        value=escape(shown_value(row[name])),
        choice=f" → <b>{escape(shown_value(choice))}</b>" if changes else "",
        quantity=escape(model.quantity),
        number=escape(model.shown(number)),
        other=f" → <b>{model.shown(other)}</b> ({model.shown_change(other - number)})" if changes else "",
    )


def _interval(model: TableModel, prediction: Any) -> str:
    """Return the interval of a prediction and its meaning; empty if it has none."""
    low, high = getattr(prediction, "low", None), getattr(prediction, "high", None)
    if low is None or high is None:
        return ""
    bounds = f"{model.shown(low)} to {model.shown(high)}"
    if model.event:
        return f"{bounds}: Venn-Abers interval of the probability"
    return f"{bounds}: holds the true number in {model.coverage:.0%} of new rows"


def _decision(model: TableModel, number: float, threshold: float) -> str:
    relation = "At or above" if number >= threshold else "Below"
    label = escape(shortened(model.decision(number)))
    return f'{relation} the threshold of {threshold:.1%}: counts as <b class="decision">{label}</b>'


def _label_set(model: TableModel, prediction: Any) -> str:
    """Return the label set as a sentence if it has several labels; empty otherwise."""
    labels = getattr(prediction, "label_set", ())
    if len(labels) < 2:
        return ""
    return f"Not sure: at a coverage of {model.coverage:.0%} it may be {' or '.join(map(shortened, labels))}"


def _gauge(model: TableModel, prediction: Any, threshold: float) -> str:
    number = model.number(dict(prediction))
    low, high = getattr(prediction, "low", number), getattr(prediction, "high", number)
    return GAUGE.format(
        description=escape(f"{model.shown(number)} on a scale from 0% to 100%, threshold {threshold:.1%}", quote=True),
        low=100 * low,
        width=100 * (high - low),
        threshold=100 * threshold,
        number=100 * number,
        color=RED if model.event_is_declared and number >= threshold else BLUE,
        shown_threshold=f"{threshold:.1%}",
    )
