"""Shapley values with the names and values of their features, as JSON types."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plexus.explain.shapley import ShapleyValues

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def sorted_contributions(
    names: Sequence[str],
    values: Sequence[float | str | None],
    typical: Sequence[float | str | None],
    changes: ShapleyValues,
) -> "list[JsonObject]":
    """Return the contributions of features to a prediction, those with the largest absolute change first.

    Args:
        names: Names of the features.
        values: Their values; None for a missing one.
        typical: Their values in the typical input with which the prediction is compared.
        changes: Their Shapley values, with one output.

    Returns:
        Of each feature `name`, `value`, `typical`, `change` (the Shapley value) and `standard_error` (from sampling; 0
        if the value is exact).
    """
    order = np.argsort(-np.abs(changes.values), kind="stable").tolist()
    contributions, errors = changes.values.tolist(), changes.standard_errors.tolist()
    return [
        {
            "name": names[place],
            "value": values[place],
            "typical": typical[place],
            "change": contributions[place],
            "standard_error": errors[place],
        }
        for place in order
    ]
