"""The corrected probability, predictive values and curves of a model at a prevalence, as HTML."""

from math import isnan

from plexus.metrics.operating_points import OperatingPoints
from plexus_apps.xray_reader.drawing import draw_decision_curve, draw_roc_curve
from plexus_apps.xray_reader.population import Estimate, Population
from plexus_apps.xray_reader.results import shown_label, shown_share
from plexus_apps.xray_reader.xray_model import Reading, XrayModel

TILE = (
    '<div class="reader-card {name}"><div class="reader-quantity">{quantity}</div>'
    '<div class="reader-number">{number}</div><div class="reader-text">{text}</div></div>'
)
UNCHANGED = (
    "If images with and without the outcome look as they do in the data, neither depends on the prevalence; nor does a "
    "decision, since the threshold is corrected as the probability is."
)
NO_CURVES = "This model holds no ROC curve: train it again to see where its operating point lies."


def population_html(model: XrayModel, reading: Reading | None, prevalence: float) -> str:
    """Return what the answer and the operating point mean at a prevalence.

    Args:
        model: The model.
        reading: The answer for an image; None if there is no image.
        prevalence: The prevalence, between 0 and 1.

    Returns:
        HTML.
    """
    population = Population(prevalence, model.training_prevalence)
    ppv, npv = population.predictive_values(model.metrics)
    event, other = shown_label(model.event), shown_label(model.other)
    tiles = (
        "" if reading is None else _corrected_tile(model, population, reading),
        _tile("reader-ppv", "Positive predictive value (PPV)", ppv, f"of images that count as {event} are right"),
        _tile("reader-npv", "Negative predictive value (NPV)", npv, f"of images that count as {other} are right"),
    )
    figures = f'<div class="reader-text">{NO_CURVES}</div>'
    if model.points is not None:
        figures = f'<div class="reader-figures">{_figures(model, model.points, population)}</div>'
    counts = f'<div class="reader-text reader-counts">{_counts_text(model, prevalence)}</div>'
    threshold = (
        ""
        if reading is not None
        else f'<div class="reader-text">There is no image. {_threshold(model, population)}</div>'
    )
    return f'<div class="reader-tiles" role="status">{"".join(tiles)}</div>{threshold}{counts}{figures}'


def _threshold(model: XrayModel, population: Population) -> str:
    return f"Threshold {shown_share(population.correct(model.threshold))}, {shown_share(model.threshold)} before."


def _corrected_tile(model: XrayModel, population: Population, reading: Reading) -> str:
    if reading.risk is None:
        number, text = "-", "There is no prediction for this image."
    else:
        risk = Estimate(*(population.correct(share) for share in reading.risk))
        number = shown_share(risk.value)
        text = f"Interval {_bounds(risk)}. Before the correction: {shown_share(reading.risk.value)}."
    quantity = f"Probability of {shown_label(model.event)}, <b>corrected for this prevalence</b>"
    return TILE.format(
        name="reader-corrected", quantity=quantity, number=number, text=f"{text} {_threshold(model, population)}"
    )


def _tile(name: str, quantity: str, estimate: Estimate, meaning: str) -> str:
    if isnan(estimate.value):
        text = "Not defined: on the test split, no image counts so."
        return TILE.format(name=name, quantity=quantity, number="-", text=text)
    text = f"{meaning}. 95% interval {_bounds(estimate)}."
    return TILE.format(name=name, quantity=quantity, number=shown_share(estimate.value), text=text)


def _counts_text(model: XrayModel, prevalence: float) -> str:
    """Return the operating point in natural frequencies (Gigerenzer & Hoffrage 1995)."""
    sensitivity, specificity = model.test_point
    cases, event = 1000 * prevalence, shown_label(model.event)
    hits, alarms = cases * sensitivity.value, (1000 - cases) * (1 - specificity.value)
    return (
        f"<b>Of 1,000 images, {_count(cases)} have the outcome {event}:</b> {_count(hits)} of them count as "
        f"{event}, {_count(cases - hits)} are missed. <b>{_count(1000 - cases)} do not:</b> {_count(alarms)} of them "
        f"count as {event}, too. On the test split, the sensitivity is {shown_share(sensitivity.value)} "
        f"({_bounds(sensitivity)}) and the specificity {shown_share(specificity.value)} ({_bounds(specificity)}). "
        f"{UNCHANGED}"
    )


def _figures(model: XrayModel, points: OperatingPoints, population: Population) -> str:
    threshold = population.correct(model.threshold)
    benefit = population.net_benefit_at(points, threshold)
    curve = population.decision_curve(points, threshold)
    roc = draw_roc_curve(points, model.threshold, model.test_point)
    return roc + draw_decision_curve(curve, threshold, benefit, population.prevalence)


def _bounds(estimate: Estimate) -> str:
    return f"{shown_share(estimate.low)} to {shown_share(estimate.high)}"


def _count(count: float) -> str:
    return f"{count:.1f}" if count < 10 else f"{count:.0f}"
