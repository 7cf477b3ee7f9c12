"""Findings about rows of a table."""

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted


def add_rows(findings: Findings, kind: Counted, place: str, rows: np.ndarray) -> None:
    """Add a finding for each of some rows.

    Args:
        findings: Receives the findings.
        kind: What was repaired or dropped.
        place: Name of the table or column.
        rows: Numbers of the rows, counted from 1.

    Raises:
        InputError: In strict mode, at the first row.
    """
    for row in rows.tolist():
        findings.add(kind, f"{place}, row {row}")
