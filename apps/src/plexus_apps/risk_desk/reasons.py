"""Contributions of the columns to a prediction."""

from dataclasses import dataclass

import numpy as np

from plexus.explain.shapley import shapley_values
from plexus_apps.risk_desk.table_codec import Row
from plexus_apps.risk_desk.table_model import TableModel


@dataclass(frozen=True)
class Reasons:
    """Contributions of the columns to a prediction, compared with a typical row.

    Args:
        number: The prediction.
        typical: The prediction for the typical row.
        changes: By how much each column moves the prediction, by name; columns with the typical value are left out.
            They sum to `number - typical`.

    Example:
        ```python
        explain_row(model, row).changes["duration_months"]  # 0.12
        ```
    """

    number: float
    typical: float
    changes: dict[str, float]

    def strongest(self, count: int) -> list[tuple[str, float]]:
        """Return the columns that move the prediction most.

        Args:
            count: Number of columns.

        Returns:
            Names and changes, the strongest first.
        """
        return sorted(self.changes.items(), key=lambda item: -abs(item[1]))[:count]


def explain_row(model: TableModel, row: Row) -> Reasons:
    """Compute by how much each column moves the prediction away from that of the typical row.

    These are baseline Shapley values (Sundararajan & Najmi 2020, arXiv:1908.08474, section 2.2), as those of `plexus
    predict --explain`, but of the probability instead of its log-odds: they sum to the difference that the page shows.

    Args:
        model: The model.
        row: The row.

    Returns:
        The contributions.
    """
    typical = model.typical
    number, other = model.numbers([row, typical]).tolist()
    moved = [name for name, value in row.items() if value != typical[name]]
    if not moved:
        return Reasons(number, other, {})

    def evaluate(coalitions: np.ndarray) -> np.ndarray:
        hybrids = [{**typical, **{moved[i]: row[moved[i]] for i in np.flatnonzero(members)}} for members in coalitions]
        return model.numbers(hybrids)

    values = shapley_values(evaluate, len(moved)).values.tolist()
    return Reasons(number, other, dict(zip(moved, values, strict=True)))
