"""Results of the page as HTML, in the colors of the page."""

import base64
import re
from html import escape
from io import BytesIO

import numpy as np

from plexus_apps.xray_reader.population import Estimate
from plexus_apps.xray_reader.reader_task import DecisionExplanation, DeletionCurve
from plexus_apps.xray_reader.saliency import draw_saliency, to_color
from plexus_apps.xray_reader.xray_model import Reading, XrayModel

NOTICE = '<div class="reader-notice" role="note"><b>Not for clinical use.</b> A demonstration, no medical device.</div>'
NO_RISK = (
    "The model states neither a probability nor a label: for a picture unlike those that it learned from, both would "
    "be meaningless."
)
BASE = (
    "Probability and threshold are for the prevalence of the training data, {share:.1%}; below, they are corrected for "
    "yours."
)
CHECK_PASSED = (
    "<b>Deletion check: passed.</b> Deleting the image in the order of the map takes away the evidence for the "
    "decision faster than each of {orders} random orders"
)
CHECK_FAILED = (
    "<b>Deletion check: failed. Do not rely on this map.</b> Deleting the image in its order takes away the evidence "
    "for the decision no faster than the best of {orders} random orders"
)
MAX_LABEL = 40
"""Characters of a label on the page."""
POSITIVE, NEGATIVE = "#c8372d", "#2a6fdb"
STYLE = """<style>
.html-container { padding: 0 !important }
html { scroll-padding-top: 64px }
.gradio-container { padding-top: 40px !important }
.reader-notice { position: fixed; top: 0; left: 0; right: 0; z-index: 1000; background: #8f1d16; font-size: 14px;
  line-height: 1.4; padding: 7px 16px; text-align: center; color: white !important }
@media (max-width: 640px) { .gradio-container { padding-top: 58px !important } }
.reader-notice b { color: white !important }
.reader-card { border: 1px solid var(--border-color-primary); border-radius: 8px; padding: 14px 16px;
  background: var(--block-background-fill) }
.reader-card.abstained { border: 2px solid #cb6d0d }
.reader-quantity { font-size: 15px }
.reader-number { font-size: 40px; font-weight: 650; line-height: 1.15 }
.reader-decision { font-size: 22px; margin-top: 6px; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere }
.reader-text { font-size: 14px; margin-top: 6px; overflow-wrap: anywhere }
.reader-warning { font-size: 14px; margin-top: 8px; padding: 2px 0 2px 10px; border-left: 4px solid #cb6d0d }
.reader-gauge { position: relative; height: 30px; margin: 12px 8px 4px }
.reader-gauge div { position: absolute }
.reader-scale { display: flex; justify-content: space-between; font-size: 13px }
.reader-tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 200px), 1fr)); gap: 12px }
.reader-tiles .reader-number { font-size: 28px }
.reader-figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 20px;
  margin-top: 14px }
.reader-counts { margin-top: 14px }
.reader-figure { margin: 0; min-width: 0; max-width: 480px }
.reader-figure figcaption { font-size: 14px; margin-bottom: 4px }
.reader-figure .reader-text { margin-top: 2px }
.reader-pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; max-width: 620px }
.reader-pair figure { margin: 0 }
.reader-pair img { display: block; width: 100%; height: auto; border-radius: 6px; image-rendering: pixelated }
.reader-pair figcaption { font-size: 13px; margin-top: 4px; overflow-wrap: anywhere }
.reader-for, .reader-against { padding: 0 5px; border-radius: 3px; color: white !important }
.reader-for { background: #c8372d } .reader-against { background: #2a6fdb }
.reader-examples { min-height: 0 !important; flex-grow: 0 !important }
.reader-examples .grid-wrap { min-height: 0 !important; height: auto !important; padding: 6px; overflow: hidden }
.reader-examples .grid-container { grid-template-columns: repeat(4, minmax(0, 1fr)) !important; gap: 6px }
.reader-examples .thumbnail-lg { width: 100% }
.reader-examples .caption-label { font-size: 12px; padding: 0 4px; max-width: 100%; white-space: nowrap;
  opacity: 1 !important }
.reader-unmarked .selected { border-color: transparent !important; box-shadow: none !important }
.reader-file button { padding-top: 30px !important }
.reader-computing { min-height: 106px }
.reader-pending { aspect-ratio: 1; border: 1px dashed var(--border-color-primary); border-radius: 6px }
</style>"""
GAUGE = (
    '<div class="reader-gauge" role="img" aria-label="{description}">'
    '<div style="top:11px;left:0;right:0;height:8px;border-radius:4px;background:var(--border-color-primary)"></div>'
    '<div style="top:11px;left:{low:.1f}%;width:{width:.1f}%;height:8px;background:#2a6fdb;opacity:.55"></div>'
    '<div style="top:3px;left:calc({threshold:.1f}% - 1px);width:2px;height:24px;background:currentColor"></div>'
    '<div style="top:7px;left:calc({risk:.1f}% - 8px);width:16px;height:16px;border-radius:50%;'
    'background:{color}"></div></div>'
    '<div class="reader-scale"><span>0%</span><span>line: threshold {shown_threshold}</span><span>100%</span></div>'
)


def reading_html(model: XrayModel, reading: Reading, label: str = "") -> str:
    """Return the answer for one image: probability with interval and decision, or why there is none.

    Args:
        model: The model.
        reading: The answer.
        label: Label of the image in the data; empty if it has none.

    Returns:
        HTML; all texts of the model are escaped.
    """
    shown = "" if reading.risk is None else _risk_html(model, reading.risk, reading.is_positive)
    # After the reason for no answer, or with an answer, there are remarks alone.
    names = ["Note"] * len(reading.reasons) if reading.is_positive is not None else ["Reason", "Note"]
    reasons = [f"<b>{kind}:</b> {escape(reason)}." for kind, reason in zip(names, reading.reasons, strict=False)]
    truth = [f"Label of this image in the data: <b>{shown_label(label)}</b>."] if label else []
    if reading.risk is None:
        decision, name, texts = "No answer", "abstained", [*reasons, NO_RISK]
    elif reading.is_positive is None:
        decision, name, texts = "No decision", "abstained", [*reasons, _interval_text(reading.risk)]
    else:
        decision, name = f"Counts as {shown_label(model.event if reading.is_positive else model.other)}", "answered"
        relation = "At or above" if reading.is_positive else "Below"
        texts = [
            f"{relation} the threshold of {shown_share(model.threshold)}. "
            + BASE.format(share=model.training_prevalence),
            _interval_text(reading.risk),
            *reasons,
        ]
    paragraphs = "".join(f'<div class="reader-text">{text}</div>' for text in [*texts, *truth])
    decided = f'<div class="reader-decision">{decision}</div>'
    return f'<div class="reader-card {name}" role="status">{shown}{decided}{paragraphs}</div>'


def explanation_html(model: XrayModel, explanation: DecisionExplanation) -> str:
    """Return the image, its saliency map, and the result of the deletion check in words.

    Args:
        model: The model.
        explanation: The explanation.

    Returns:
        HTML.
    """
    height, width = explanation.image.shape[:2]
    event = shown_label(model.event)
    figures = (
        _image_html(to_color(explanation.image), f"The image as the network sees it, {width} x {height} pixels"),
        _image_html(
            draw_saliency(explanation.image, explanation.saliency),
            f'<span class="reader-for">red</span> speaks for {event}, <span class="reader-against">blue</span> against',
        ),
    )
    check = _check_html(explanation.curve)
    return f'<div class="reader-map"><div class="reader-pair">{"".join(figures)}</div>{check}</div>'


def shown_label(label: str) -> str:
    """Return a label as HTML.

    Args:
        label: The label.

    Returns:
        The label, escaped, at most `MAX_LABEL` characters of it.
    """
    return escape(label if len(label) <= MAX_LABEL else f"{label[: MAX_LABEL - 1]}…")


def shown_share(share: float) -> str:
    """Return a proportion in percent, with more decimals near 0 and 1: 99.97% is not 100%.

    Args:
        share: The proportion, from 0 to 1.

    Returns:
        The text.
    """
    if share in (0, 1):
        return f"{share:.0%}"
    if 0.01 <= share <= 0.99:
        return f"{share:.1%}"
    return f"{share:.2%}" if 5e-5 <= share <= 1 - 5e-5 else "below 0.01%" if share < 0.5 else "above 99.99%"


def pending_html(text: str) -> str:
    """Return the place of a saliency map that is computed, of about the size of the map: nothing below it moves far.

    Args:
        text: What is shown below it.

    Returns:
        HTML.
    """
    place = '<div class="reader-pending"></div>'
    line = f'<div class="reader-text reader-computing" role="status">{escape(text)}</div>'
    return f'<div class="reader-pair">{place}{place}</div>{line}'


def _risk_html(model: XrayModel, risk: Estimate, is_positive: bool | None) -> str:
    """Return the probability, and a scale with its interval and the threshold."""
    gauge = GAUGE.format(
        description=f"{shown_share(risk.value)} on a scale from 0% to 100%, threshold {shown_share(model.threshold)}",
        low=100 * risk.low,
        width=100 * (risk.high - risk.low),
        threshold=100 * model.threshold,
        risk=100 * risk.value,
        color=POSITIVE if is_positive else NEGATIVE,
        shown_threshold=shown_share(model.threshold),
    )
    quantity = f'<div class="reader-quantity">Probability of {shown_label(model.event)}</div>'
    return f'{quantity}<div class="reader-number">{shown_share(risk.value)}</div>{gauge}'


def _interval_text(risk: Estimate) -> str:
    low, high = shown_share(risk.low), shown_share(risk.high)
    return f"{low} to {high}: Venn-Abers interval of the probability, no confidence interval."


def _image_html(pixels: np.ndarray, caption: str) -> str:
    """Return an image with a caption, which is HTML."""
    from PIL import Image

    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    address = f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
    text = re.sub("<[^>]+>", "", caption)
    return f'<figure><img src="{address}" alt="{text}"><figcaption>{caption}</figcaption></figure>'


def _check_html(curve: DeletionCurve) -> str:
    """Return the deletion check in words."""
    name, orders = "reader-text" if curve.is_reliable else "reader-warning", len(curve.random_areas)
    verdict = CHECK_PASSED if curve.is_reliable else CHECK_FAILED
    return (
        f'<div class="{name} reader-check">{verdict.format(orders=orders)} (area under the curve {curve.area:.2f}, of '
        f"random orders {curve.random_area:.2f} ± {curve.random_spread:.2f}; smaller is better).</div>"
    )
