"""The two labels of a binary outcome."""

import re
from collections import Counter
from collections.abc import Sequence

from plexus import Findings, InputError
from plexus.data.findings import Counted
from plexus.utils.messages import note

NEGATIVE_NAMES = {
    "0", "no", "none", "false", "absent", "negative", "neg", "normal", "healthy", "benign", "clear", "control",
    "controls", "unaffected",
}  # fmt: skip
"""Labels that stand for the absence of a finding, in lower case; also those that begin with no, non, not or without."""
POSITIVE_NAMES = {
    "1", "yes", "true", "present", "positive", "pos", "abnormal", "malignant", "diseased", "disease", "sick", "ill",
    "affected", "case", "cases",
}  # fmt: skip
MAX_LISTED = 20
MERGED = Counted("label stands for the absence of the outcome", "labels are merged into one negative label")
_NEGATION = re.compile(r"(no|non|not|without)[ _-]")


def outcome_labels(targets: Sequence[str], positive: str | None, place: str) -> tuple[str, str]:
    """Return the labels of the absence and of the presence of an outcome.

    Of two labels the names decide, never their frequencies: in a collection of X-rays the disease may be the more
    frequent one, other than in the tables of `tables.diagnose`.

    Args:
        targets: The label of each image.
        positive: The label of the presence; None to infer it from the names of two labels.
        place: The file or the data set, for messages.

    Returns:
        The negative label, `not POSITIVE` if it stands for several, and the positive label.

    Raises:
        InputError: If there are fewer than two labels, `positive` is none of them, or the names do not decide.
    """
    counts = Counter(targets)
    labels = sorted(counts)
    if len(labels) < 2:
        content = f"one label only, {labels[0]!r}" if labels else "no labelled images"
        raise InputError(f"{place}: expected images with and without the outcome, found {content}")
    if positive is not None and positive not in counts:
        raise InputError(
            f"--positive {positive}: expected one of the labels of {place}: {_listed(labels)}; for an evaluation, "
            "rename that of the outcome to the one of the model"
        )
    if positive is None:
        positive = _infer(labels, place)
        note(
            f"positive label: {positive} ({counts[positive]:,} of {len(targets):,} images); choose another with "
            "--positive"
        )
    others = [label for label in labels if label != positive]
    return others[0] if len(others) == 1 else absence_of(positive), positive


def absence_of(positive: str) -> str:
    """Return the negative label that stands for all labels but one.

    Args:
        positive: That label.

    Returns:
        The negative label.
    """
    return f"not {positive}"


def remark_merged(targets: Sequence[str], positive: str, findings: Findings) -> None:
    """List the labels that become one negative label, if there are several.

    Args:
        targets: The label of each image.
        positive: The positive label.
        findings: Gets the remarks.
    """
    others = {label: count for label, count in sorted(Counter(targets).items()) if label != positive}
    if len(others) > 1:
        for label, count in others.items():
            findings.remark(MERGED, f"{label!r} ({count:,})")


def to_outcomes(targets: Sequence[str], labels: tuple[str, str]) -> list[str]:
    """Return the binary label of each image.

    Args:
        targets: The label of each image.
        labels: The negative and the positive label.

    Returns:
        The positive label where it is one, else the negative label.
    """
    return [labels[1] if target == labels[1] else labels[0] for target in targets]


def _infer(labels: list[str], place: str) -> str:
    if len(labels) > 2:
        raise InputError(
            f"{place} has {len(labels)} labels: name that of the outcome with --positive, all others become one "
            f"negative label: {_listed(labels)}"
        )
    for names, is_positive in ((NEGATIVE_NAMES, False), (POSITIVE_NAMES, True)):
        matches = [label for label in labels if _matches(label, names)]
        if len(matches) == 1:
            return next(label for label in labels if (label in matches) == is_positive)
    raise InputError(f"{place}: name the label of the outcome with --positive: {_listed(labels)}")


def _matches(label: str, names: set[str]) -> bool:
    text = label.strip().lower()
    return text in names or (names is NEGATIVE_NAMES and _NEGATION.match(text) is not None)


def _listed(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - MAX_LISTED:,} more" if len(labels) > MAX_LISTED else ""
    return ", ".join(labels[:MAX_LISTED]) + more
