"""How far a figure may be off."""

from plexus.metrics.intervals import wilson_interval

OF_ALL = ("accuracy", "majority_accuracy")
"""Shares of all of a split's examples; those of a part (`short_accuracy`) are of fewer, nobody says of how many."""


def interval(name: str, scores: dict[str, float], examples: int) -> tuple[float, float] | None:
    """The 95 % interval of a figure on a split: the task's own (`NAME_low`, `NAME_high`), or that of a share of right
    answers; None where nobody knows.

    Args:
        examples: of the split.
    """
    if f"{name}_low" in scores and f"{name}_high" in scores:
        return scores[f"{name}_low"], scores[f"{name}_high"]
    return wilson_interval(scores[name], examples) if name in OF_ALL else None


def figures(scores: dict[str, float]) -> list[str]:
    """The figures' names, without those that are the ends of another's interval."""
    return [name for name in scores if name.removesuffix("_low").removesuffix("_high") not in scores.keys() - {name}]
