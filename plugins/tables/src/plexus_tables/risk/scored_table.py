"""Rows with their predicted probabilities and outcomes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plexus.errors import InputError
from plexus.metrics.binary import check_binary
from plexus.metrics.recalibration import log_odds

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class ScoredTable:
    """Raw feature columns of rows, with the probabilities of a model and the outcomes.

    Args:
        table: The feature columns; numeric types are numeric, all others categorical.
        probabilities: Probabilities of bad, shape `(n,)`: out-of-fold ones for rows that the model was trained on.
        outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.

    Raises:
        InputError: If the number of rows differs, or a probability or an outcome is invalid.

    Example:
        ```python
        test = ScoredTable(table, probabilities, outcomes)
        test.log_odds  # array of shape (n,)
        ```
    """

    table: "pl.DataFrame"
    probabilities: np.ndarray
    outcomes: np.ndarray

    def __post_init__(self) -> None:
        check_binary(self.probabilities, self.outcomes)
        if self.table.height != len(self.outcomes):
            raise InputError(
                f"credit risk: expected a row per outcome, found {self.table.height:,} rows and "
                f"{len(self.outcomes):,} outcomes"
            )

    @property
    def log_odds(self) -> np.ndarray:
        """Log-odds of bad, finite, shape `(n,)`."""
        return log_odds(self.probabilities)
