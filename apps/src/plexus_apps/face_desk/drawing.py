"""Photos with numbered boxes, and the DET curve."""

from collections.abc import Sequence
from html import escape
from statistics import NormalDist

import numpy as np

from plexus.report.colors import BLUE, ORANGE
from plexus.report.figure import INK, as_inline_svg
from plexus_apps.face_desk.face_model import ErrorRates
from plexus_apps.face_desk.face_task import Face

WIDTH, TEXT_SIZE = 4.5, 12
"""Of the figure, in inches and points."""
PHOTO_WIDTH = 1000
"""Width of a photo on the page, in pixels; a smaller one is enlarged at most twice."""
LARGEST_RATE = 0.6
"""End of both axes of the DET curve."""
TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.5)


def draw_boxes(photo: np.ndarray, faces: Sequence[Face], known: Sequence[bool]) -> np.ndarray:
    """Draw a numbered box around each face: blue is a person of the gallery, orange an unknown one.

    Args:
        photo: The photo, bytes of shape `(height, width, 3)`.
        faces: Its faces.
        known: Whether each face is of a person of the gallery.

    Returns:
        The photo, as large as it is shown.
    """
    from PIL import Image, ImageDraw, ImageFont

    scale = min(PHOTO_WIDTH / photo.shape[1], 2.0)
    image = Image.fromarray(photo).resize((round(photo.shape[1] * scale), round(photo.shape[0] * scale)))
    pen = ImageDraw.Draw(image)
    line = max(2, image.width // 250)
    font = ImageFont.load_default(max(16, image.width // 30))
    for number, (face, is_known) in enumerate(zip(faces, known, strict=True), 1):
        left, top, right, bottom = (side * scale for side in face.box)
        color = BLUE if is_known else ORANGE
        pen.rectangle((left, top, right, bottom), outline=color, width=line)
        _, _, width, height = pen.textbbox((0, 0), str(number), font=font)
        left, top = max(left, 0), max(top - height - 6, 0)  # above the face, as far as the photo allows
        pen.rectangle((left, top, left + width + 10, top + height + 6), fill=color)
        pen.text((left + 5, top + 2), str(number), font=font, fill="white")
    return np.asarray(image)


def draw_error_rates(rates: ErrorRates, rate: float) -> str:
    """Draw the DET curve with the operating point of a false match rate.

    Args:
        rates: The error rates; one or more.
        rate: The false match rate.

    Returns:
        HTML with the figure.
    """
    from matplotlib.figure import Figure

    threshold, false_match, false_non_match = rates.at(rate)
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    floor = (
        min(
            rates.false_match[rates.false_match > 0].min(),
            rates.false_non_match[rates.false_non_match > 0].min(initial=0.5),
        )
        / 2
    )
    curve = _deviate(np.array([rates.false_match, rates.false_non_match]), floor)
    point = _deviate(np.array([[false_match], [false_non_match]]), floor)
    axes.plot(*curve, color=BLUE, linewidth=2.2, clip_on=False)
    axes.plot(*point, "o", color=ORANGE, markersize=10, clip_on=False)
    ticks = np.array([tick for tick in TICKS if tick >= floor])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(_deviate(ticks, floor), [f"{100 * tick:g}%" for tick in ticks])
    limits = _deviate(np.array([floor, LARGEST_RATE]), floor)
    axes.set(xlim=limits, ylim=limits)
    axes.set_xlabel("false match rate", color=INK, fontsize=TEXT_SIZE)
    axes.set_ylabel("false non-match rate", color=INK, fontsize=TEXT_SIZE)
    axes.tick_params(colors=INK, labelsize=TEXT_SIZE)
    axes.grid(color=INK, alpha=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(INK)
    svg = as_inline_svg(figure)
    text = f"DET curve; at {threshold:.3f} {false_match:.2%} false matches, {false_non_match:.2%} false non-matches"
    return f'<div class="det" role="img" aria-label="{escape(text, quote=True)}" style="max-width:460px">{svg}</div>'


def _deviate(rates: np.ndarray, floor: float) -> np.ndarray:
    """Return the quantiles of the normal distribution: the scale of a DET curve (Martin et al. 1997)."""
    quantile = np.vectorize(NormalDist().inv_cdf, otypes=[float])  # importing scipy.stats takes 50 MB
    return np.asarray(quantile(np.clip(rates, floor, LARGEST_RATE)))
