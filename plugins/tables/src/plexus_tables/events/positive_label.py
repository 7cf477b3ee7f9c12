"""Which of two labels is the event."""

from collections import Counter
from collections.abc import Sequence

from plexus import InputError
from plexus.utils.messages import note

EVENT_NAMES = {
    "1", "yes", "true", "positive", "pos", "ill", "sick", "disease", "diseased", "case", "malignant", "dead", "died",
    "bad", "default", "defaulted", "fraud", "churn", "churned",
}  # fmt: skip
"""Labels that are the event whatever their number, in lower case."""


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


def _infer(counts: Counter[str]) -> str:
    names = [label for label in counts if label.lower() in EVENT_NAMES]
    return names[0] if len(names) == 1 else min(counts, key=lambda label: (counts[label], label))
