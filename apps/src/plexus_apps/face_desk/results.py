"""Results of the page as HTML, in the colors of the page."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

from plexus.report.colors import BLUE, ORANGE
from plexus_apps.face_desk.face_model import Comparison, ErrorRates, FaceModel, Identity
from plexus_apps.face_desk.face_task import Face
from plexus_apps.face_desk.session import Session
from plexus_apps.jpeg import jpeg_html

STYLE = """<style>
.html-container { padding: 0 !important }
.faces-card { max-width: 760px; border: 1px solid var(--border-color-primary); border-radius: 8px; padding: 14px 16px;
  background: var(--block-background-fill) }
.faces-card img, .faces-table img { border-radius: 6px; display: block }
.faces-pair { display: flex; gap: 12px; margin-bottom: 10px }
.faces-pair img { width: 150px; max-width: calc(50% - 6px); height: auto }
.faces-decision { font-size: 22px; font-weight: 650; line-height: 1.25 }
.faces-text { font-size: 14px; margin-top: 6px }
.faces-photo img { max-width: 100%; width: 760px; height: auto; border-radius: 8px; display: block }
.faces-table, .faces-table tr { border: 0 !important }
.faces-table { border-collapse: collapse; width: 100%; font-size: 14px }
.faces-table th, .faces-table td { text-align: left; padding: 6px 10px 6px 0 !important; vertical-align: middle;
  border: 0 solid var(--border-color-primary) !important; border-bottom-width: 1px !important;
  overflow-wrap: anywhere }
.faces-table th { overflow-wrap: normal }
.faces-table small { font-size: 12px }
.faces-table img { width: 56px; min-width: 56px; height: 56px }
.faces-notice { font-size: 13px; border-left: 4px solid #d9822b; padding: 2px 0 2px 12px }
@media (max-width: 640px) {
  .faces-table { font-size: 13px }
  .faces-table th, .faces-table td { padding-right: 6px !important }
  .faces-table img { width: 40px; min-width: 40px; height: 40px }
}
</style>"""
GAUGE = (
    '<div role="img" aria-label="{description}" style="position:relative;height:30px;margin:12px 8px 4px">'
    '<div style="position:absolute;top:11px;left:0;right:0;height:8px;border-radius:4px;'
    'background:var(--border-color-primary)"></div>'
    '<div style="position:absolute;top:3px;left:calc({threshold:.1f}% - 1px);width:2px;height:24px;'
    'background:currentColor"></div>'
    '<div style="position:absolute;top:7px;left:calc({place:.1f}% - 8px);width:16px;height:16px;border-radius:50%;'
    'background:{color}"></div></div>'
    '<div style="display:flex;justify-content:space-between;font-size:13px"><span>{low}</span>'
    "<span>line: threshold {shown_threshold}</span><span>1</span></div>"
)
NOTICE = (
    '<div class="faces-notice"><b>Use only with consent.</b> A picture that identifies a person is biometric data '
    "(GDPR, article 9; other laws elsewhere). Enrol only persons who have agreed, for the purpose that they agreed to, "
    "and forget them when they ask. A similarity is evidence, not proof: a person decides before anything happens to "
    "somebody. Not for surveillance or identification in public places, for decisions about people without their "
    "knowledge, or for guesses of age, sex, origin, health or emotion: this page makes none. Enrolled persons are in "
    "memory for this visit only; uploaded pictures are deleted from the server within two days.</div>"
)


def comparison_html(model: FaceModel, faces: Sequence[Face], comparison: Comparison, note: str = "") -> str:
    """Return the comparison of two faces.

    Args:
        model: The model.
        faces: Both faces.
        comparison: Their comparison.
        note: What else to say.

    Returns:
        HTML.
    """
    threshold, similarity = model.codec.threshold, comparison.similarity
    pair = "".join(jpeg_html(face.chip, f"aligned face {number}") for number, face in enumerate(faces, 1))
    decision = "Taken for one person" if comparison.is_match else "Not taken for one person"
    side = "at or above" if comparison.is_match else "below"
    texts = (
        f"Similarity <b>{similarity:.3f}</b>, {side} the threshold {threshold:.3f}. At this threshold, about "
        f"{share(model.codec.false_match_rate)} pairs of two persons is taken for one person.",
        f"Match probability <b>{percent(comparison.probability)}</b>, if both answers were equally likely before the "
        "comparison.",
        escape(note),
    )
    return (
        f'<div class="faces-card" role="status"><div class="faces-pair">{pair}</div>'
        f'<div class="faces-decision">{decision}</div>{_gauge(similarity, threshold, comparison.is_match)}'
        + "".join(f'<div class="faces-text">{text}</div>' for text in texts if text)
        + "</div>"
    )


def gallery_html(session: Session | None) -> str:
    """Return the list of enrolled persons.

    Args:
        session: The session.

    Returns:
        HTML.
    """
    if session is None or not len(session.gallery):
        return '<div class="faces-text">Nobody is enrolled.</div>'
    rows = [
        (jpeg_html(session.portraits[name], name), escape(name), str(len(pictures)))
        for name, pictures in session.gallery.persons.items()
    ]
    return _table(("face", "person", "pictures"), rows)


def photo_html(image: np.ndarray) -> str:
    """Return a photo with its boxes.

    Args:
        image: The photo, shape `(height, width, 3)`.

    Returns:
        HTML.
    """
    return f'<div class="faces-photo">{jpeg_html(image, "photo with numbered faces")}</div>'


def identities_html(
    model: FaceModel, session: Session, identities: Sequence[Identity], groups: Mapping[str, Sequence[int]]
) -> str:
    """Return the table of the faces of a photo.

    Args:
        model: The model.
        session: The session.
        identities: One identity per face.
        groups: Places of the unknown faces by name of their group.

    Returns:
        HTML.
    """
    names = {place: name for name, places in groups.items() for place in places}
    rows = [
        (
            str(place + 1),
            jpeg_html(face.chip, f"face {place + 1}"),
            f"<b>{escape(identity.nearest)}</b>" if identity.is_known else _unknown(names[place], identity),
            f"{identity.similarity:.3f}" if identity.nearest else "-",
            percent(identity.probability) if identity.nearest else "-",
        )
        for place, (face, identity) in enumerate(zip(session.faces, identities, strict=True))
    ]
    return _table(("no.", "face", "person", "similarity", "probability"), rows) + _identification_text(model, session)


def message_html(text: str) -> str:
    """Return a message.

    Args:
        text: The message.

    Returns:
        HTML.
    """
    return f'<div class="faces-text" role="status">{escape(text)}</div>'


def rates_html(model: FaceModel, rates: ErrorRates, rate: float) -> str:
    """Return the threshold of a false match rate, and what it means.

    Args:
        model: The model.
        rates: Its error rates; one or more.
        rate: The largest false match rate.

    Returns:
        HTML.
    """
    threshold, false_match, false_non_match = rates.at(rate)
    decimal = np.format_float_positional(rate, precision=2, fractional=False, trim="-")
    missed = "None" if not false_non_match else f"About {share(false_non_match)}"
    texts = (
        f"<b>False match rate {false_match:.3%}</b>: "
        + (f"about {share(false_match)} pairs" if false_match else "none of the pairs")
        + " of two different persons is taken for one person.",
        f"<b>False non-match rate {false_non_match:.2%}</b>: {missed[0].lower()}{missed[1:]} "
        "pairs of pictures of one person is taken for two persons.",
        f"The tab Verify uses the threshold {model.codec.threshold:.3f}, fitted for a false match rate of "
        f"{model.codec.false_match_rate:.3%}. Another one: train with <code>--false-match-rate {decimal}</code>.",
        "Measured on the pairs of the calibration; other cameras and other groups of people have other rates.",
    )
    return (
        f'<div class="faces-card" role="status"><div class="faces-text">Threshold for a false match rate of at most '
        f"{share(rate)}</div>"
        f'<div class="faces-decision">{threshold:.3f}</div>'
        + "".join(f'<div class="faces-text">{text}</div>' for text in texts)
        + "</div>"
    )


def percent(value: float) -> str:
    """Format a probability; none is shown as certain.

    Args:
        value: The probability, 0 to 1.

    Returns:
        The number in percent, as HTML.
    """
    if not 0.001 <= value <= 0.999:
        return "&lt; 0.1%" if value < 0.5 else "&gt; 99.9%"
    return f"{value:.1%}"


def share(rate: float) -> str:
    """Format a small rate.

    Args:
        rate: The rate, above 0 and at most 1.

    Returns:
        Such as `1 in 1,000`.
    """
    count = 1 / rate
    return f"1 in {count:,.0f}" if count >= 9.95 else f"1 in {count:.3g}"


def _unknown(name: str, identity: Identity) -> str:
    return name + (f"<br><small>most similar: {escape(identity.nearest)}</small>" if identity.nearest else "")


def _identification_text(model: FaceModel, session: Session) -> str:
    persons = len(session.gallery)
    if not persons:
        return '<div class="faces-text">Nobody is enrolled: all faces are unknown.</div>'
    threshold = model.codec.identification_threshold(persons)
    return (
        f'<div class="faces-text">A face is taken for the most similar of {persons} enrolled '
        f"person{'s' * (persons > 1)} from a similarity of {threshold:.3f} on. At this threshold, about "
        f"{share(model.codec.identification_rate)} unknown faces is taken for one of them. The probability is that of "
        "a comparison with this person alone, if both answers were equally likely before it.</div>"
    )


def _gauge(similarity: float, threshold: float, is_match: bool) -> str:
    low = max(float(np.floor(10 * (2 * threshold - 1)) / 10), 0.0)  # the threshold is about in the middle
    places = [100 * float(np.clip((value - low) / (1 - low), 0, 1)) for value in (similarity, threshold)]
    return GAUGE.format(
        description=f"similarity {similarity:.3f}, threshold {threshold:.3f}",
        place=places[0],
        threshold=places[1],
        shown_threshold=f"{threshold:.3f}",
        low=f"{low:g}" if similarity >= low else f"{low:g} or less",
        color=BLUE if is_match else ORANGE,
    )


def _table(header: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in header)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="faces-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
