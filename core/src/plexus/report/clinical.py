"""Report of the clinical evaluation of a model: figures and tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from plexus.data.spreadsheets import write_spreadsheet
from plexus.metrics.abstention import abstention_table
from plexus.metrics.binary import check_binary
from plexus.metrics.decision_curve import decision_curve
from plexus.metrics.operating_points import OperatingPoints
from plexus.metrics.recalibration import calibration_table
from plexus.metrics.subgroups import subgroup_table
from plexus.report.calibration_curve import draw_calibration_curve
from plexus.report.decision_curve import draw_decision_curve
from plexus.report.roc_curve import draw_roc_curve
from plexus.report.subgroup_plot import draw_subgroups


def write_clinical_report(
    probabilities: np.ndarray,
    outcomes: np.ndarray,
    folder: Path,
    *,
    threshold: float,
    groups: np.ndarray | None = None,
    subgroups: Mapping[str, Sequence[object] | np.ndarray] | None = None,
    uncertainty: np.ndarray | None = None,
) -> None:
    """Write `roc_curve`, `calibration_curve`, `decision_curve` and `subgroups` as PNG and CSV, and `abstention.csv`.

    Args:
        probabilities: Probabilities of the positive class, shape `(n,)`.
        outcomes: Outcomes, 1 or 0, both of which occur, shape `(n,)`.
        folder: Existing folder to write to.
        threshold: Probability from which a row is positive, chosen on other rows.
        groups: Group of each row, such as its patient, shape `(n,)`; None: each row is a patient.
        subgroups: Values of the columns of the subgroup table, one a row, such as a sex or an age band.
        uncertainty: Uncertainty of each row, by which `abstention.csv` orders them, shape `(n,)`; None: that of the
            decision at the threshold.

    Raises:
        InputError: If predictions, outcomes, groups or subgroups do not fit together.
    """
    import polars as pl

    groups = check_binary(probabilities, outcomes, groups)
    draw_roc_curve(probabilities, outcomes, groups, threshold, folder / "roc_curve.svg")
    points = OperatingPoints.compute(probabilities, outcomes)
    columns = {"threshold": points.thresholds, "sensitivity": points.sensitivities, "specificity": points.specificities}
    write_spreadsheet(pl.DataFrame(columns)[1:], folder / "roc_curve.csv")  # the first threshold is infinite
    draw_calibration_curve(probabilities, outcomes, groups, folder / "calibration_curve.svg")
    write_spreadsheet(calibration_table(probabilities, outcomes, groups), folder / "calibration_curve.csv")
    curve = decision_curve(probabilities, outcomes, groups)
    draw_decision_curve(curve, threshold, folder / "decision_curve.svg")
    write_spreadsheet(curve, folder / "decision_curve.csv")
    write_spreadsheet(abstention_table(probabilities, outcomes, threshold, uncertainty), folder / "abstention.csv")
    if subgroups:
        table = subgroup_table(probabilities, outcomes, subgroups, groups, threshold)
        draw_subgroups(table, folder / "subgroups.svg")
        write_spreadsheet(table, folder / "subgroups.csv")
