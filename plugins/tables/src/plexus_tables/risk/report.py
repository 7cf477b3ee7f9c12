"""The report of a credit-risk model: figures, and tables for spreadsheets."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.data.spreadsheets import write_spreadsheet
from plexus.errors import InputError
from plexus_tables.drift import drift_table
from plexus_tables.risk.cost_matrix import CostMatrix
from plexus_tables.risk.deciles import calibration_by_decile
from plexus_tables.risk.fairness import fairness_table
from plexus_tables.risk.figures import (
    draw_calibration_by_decile,
    draw_cost,
    draw_drift,
    draw_fairness,
    draw_score_distribution,
    draw_weight_of_evidence,
)
from plexus_tables.risk.scorecard import Scorecard
from plexus_tables.risk.scored_table import ScoredTable
from plexus_tables.risk.weight_of_evidence import WeightOfEvidence, bin_columns

if TYPE_CHECKING:
    import polars as pl

PROBABILITY = "(probability)"
"""Row of the probabilities in the table of the drift."""
RISK_FIGURES = {
    "weight_of_evidence.svg": "Weight of evidence of the columns with the largest information value",
    "score_distribution.svg": "Probabilities of good and bad cases, and the KS statistic",
    "calibration_by_decile.svg": "Predicted and observed bad rate by decile",
    "cost.svg": "Cost per case over the threshold",
    "fairness.svg": "Decisions, ranking and calibration by group of the protected column",
    "drift.svg": "Drift of the columns and of the probability since training, and what is expected by chance",
    "scorecard.csv": "Scorecard: the points of a case sum to its score, more points for less risk",
    "scorecard_fidelity.csv": "How well the scorecard repeats the model, on the test rows",
}
"""Captions of the figures, and of tables that the page shows."""


def write_risk_report(
    folder: Path,
    test: ScoredTable,
    cost_matrix: CostMatrix,
    threshold: float,
    train: ScoredTable | None = None,
    protected: "pl.Series | None" = None,
) -> None:
    """Write the figures of `RISK_FIGURES`, and tables as CSV.

    The tables are `information_value`, `weight_of_evidence`, `calibration_by_decile`, `thresholds`, `scorecard`,
    `scorecard_fidelity`, with a protected column `fairness`, and with training rows `drift`.

    Args:
        folder: Folder to write to.
        test: The test rows.
        cost_matrix: Costs of the two errors.
        threshold: The threshold of the model.
        train: The training rows with out-of-fold probabilities: bins, scorecard and optimal threshold are fitted to
            them, and the drift is that since these rows. None: they are fitted to the test rows, and there is no drift.
        protected: Group of each test row, from a column that is not among the features.

    Raises:
        InputError: If the protected column is among the features, or its length differs.
    """
    _check_protected(protected, test)
    reference = train or test
    binnings = bin_columns(reference.table, reference.outcomes)
    _write_binnings(binnings, folder)
    draw_score_distribution(test.probabilities, test.outcomes, folder / "score_distribution.svg")
    deciles = calibration_by_decile(test.probabilities, test.outcomes)
    write_spreadsheet(deciles, folder / "calibration_by_decile.csv")
    draw_calibration_by_decile(deciles, folder / "calibration_by_decile.svg")
    _write_thresholds(test, reference, cost_matrix, threshold, folder)
    _write_scorecard(test, reference, binnings, folder)
    if protected is not None:
        fairness = fairness_table(protected, test.probabilities, test.outcomes, threshold)
        write_spreadsheet(fairness, folder / "fairness.csv")
        draw_fairness(fairness, protected.name, folder / "fairness.svg")
    if train is not None:
        _write_drift(train, test, folder)


def _check_protected(protected: "pl.Series | None", test: ScoredTable) -> None:
    if protected is None:
        return
    if protected.name in test.table.columns:
        raise InputError(f"protected column {protected.name!r}: the model uses it; remove it from the features")
    if len(protected) != test.table.height:
        raise InputError(
            f"protected column {protected.name!r}: expected {test.table.height:,} rows, found {len(protected):,}"
        )


def _write_binnings(binnings: list[WeightOfEvidence], folder: Path) -> None:
    import polars as pl

    values = {
        "column": [binning.column for binning in binnings],
        "information_value": [binning.information_value for binning in binnings],
        "strength": [binning.strength for binning in binnings],
    }
    write_spreadsheet(pl.DataFrame(values), folder / "information_value.csv")
    write_spreadsheet(pl.concat([binning.table() for binning in binnings]), folder / "weight_of_evidence.csv")
    draw_weight_of_evidence(binnings, folder / "weight_of_evidence.svg")


def _write_thresholds(
    test: ScoredTable, reference: ScoredTable, cost_matrix: CostMatrix, threshold: float, folder: Path
) -> None:
    """Write the cost at the threshold of the model, the optimal one of the training rows, and the theoretical one."""
    import polars as pl

    optimal = cost_matrix.choose_threshold(reference.probabilities, reference.outcomes)
    interval = optimal.threshold_low, optimal.threshold_high
    thresholds = {
        "model": (threshold, None, None),
        "optimal": (optimal.threshold, *interval),
        "theoretical": (cost_matrix.theoretical_threshold, None, None),
    }
    rows = []
    for name, (value, low, high) in thresholds.items():
        case = test.probabilities, test.outcomes, value
        cost, (cost_low, cost_high) = cost_matrix.cost_per_case(*case), cost_matrix.cost_interval(*case)
        costs = {"cost_per_case": cost, "cost_per_case_low": cost_low, "cost_per_case_high": cost_high}
        rows.append({"threshold": name, "value": value, "value_low": low, "value_high": high, **costs})
    write_spreadsheet(pl.DataFrame(rows, infer_schema_length=None), folder / "thresholds.csv")
    draw_cost(test.probabilities, test.outcomes, cost_matrix, threshold, interval, folder / "cost.svg")


def _write_scorecard(test: ScoredTable, reference: ScoredTable, binnings: list[WeightOfEvidence], folder: Path) -> None:
    import polars as pl

    card = Scorecard.fit(reference.table, binnings, reference.log_odds)
    write_spreadsheet(card.table(), folder / "scorecard.csv")
    fidelity = card.fidelity(test.table, test.log_odds, test.outcomes)
    rows = {"cases": [test.table.height], "fitted_to_other_rows": [reference is not test]}
    write_spreadsheet(
        pl.DataFrame(rows | {name: [value] for name, value in fidelity.items()}), folder / "scorecard_fidelity.csv"
    )


def _write_drift(train: ScoredTable, test: ScoredTable, folder: Path) -> None:
    import polars as pl

    before, after = (
        split.table.with_columns(pl.Series(PROBABILITY, np.asarray(split.probabilities, float)))
        for split in (train, test)
    )
    drift = drift_table(before, after)
    write_spreadsheet(drift, folder / "drift.csv")
    draw_drift(drift, folder / "drift.svg")
