"""Which of two labels is the event."""

from collections import Counter
from collections.abc import Mapping, Sequence

from plexus import InputError
from plexus.utils.messages import note

EVENT_NAMES = {
    "1", "yes", "true", "positive", "pos", "ill", "sick", "disease", "diseased", "case", "malignant", "dead", "died",
    "bad", "default", "defaulted", "fraud", "churn", "churned",
}  # fmt: skip
"""Labels that are the event however frequent they are, in lower case; 1 only if the other label is 0, -1 or no."""

FEW_ROWS = 10
"""Rows of a label below which the metrics of a split say little."""


def event_last(targets: Sequence[str], positive: str | None, place: str) -> list[str]:
    """Return the two labels, that of the event last.

    Args:
        targets: The label of each training row.
        positive: The label of the event; None to infer it.
        place: The file or the data set, for messages.

    Returns:
        The labels.

    Raises:
        InputError: If there are not two labels, or `positive` is none of them.
    """
    counts = Counter(targets)
    if len(counts) != 2:
        raise InputError(
            f"{place}: expected a target with two labels, the event and its absence, found {len(counts)}: "
            f"{', '.join(sorted(counts)[:5])}; for more labels use tables.classify"
        )
    if positive is not None and positive not in counts:
        raise InputError(f"--positive {positive}: expected one of {' and '.join(sorted(counts))}")
    if positive is None:
        positive = _infer(counts)
        note(f"event: {positive} ({counts[positive]:,} of {len(targets):,} training rows)")
    return [next(label for label in counts if label != positive), positive]


def check_outcomes(targets: Mapping[str, Sequence[str]], place: str) -> None:
    """Check that the training and the test rows have both labels; print a note if the event is rare in one of them.

    Args:
        targets: The labels of the rows of `train` and `test`.
        place: The file or the data set, for messages.

    Raises:
        InputError: If all rows of a split have the same label: a model of it could not be evaluated.
    """
    for split, labels in targets.items():
        counts = Counter(labels)
        if len(counts) < 2:
            raise InputError(
                f"{place}: all {len(labels):,} {split} rows have the label {labels[0]!r}, expected both labels: pass "
                "more data, or split by another column than that of --time or --group"
            )
        if min(counts.values()) < FEW_ROWS:
            label, count = counts.most_common()[-1]
            note(
                f"{place}: {count} of {len(labels):,} {split} rows have the label {label!r}: metrics of so few "
                "rows are uncertain"
            )


def _infer(counts: Counter[str]) -> str:
    names = [label for label in counts if label.lower() in EVENT_NAMES]
    if names == ["1"] and not {"0", "-1", "no", "false"} & {label.lower() for label in counts}:
        names = []  # of 1 and 2, none says so: in the original german_credit, 2 is bad
    return names[0] if len(names) == 1 else min(counts, key=lambda label: (counts[label], label))
