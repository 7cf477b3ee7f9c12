"""Findings whose sentence agrees with their number."""

from collections import defaultdict
from typing import NamedTuple

from plexus import Findings


class Counted(NamedTuple):
    """A kind of finding, as it follows its number.

    Attributes:
        singular: After 1: "date is in a second format".
        plural: After a larger number: "dates are in a second format".

    Example:
        ```python
        Counted("date is in a second format", "dates are in a second format")
        ```
    """

    singular: str
    plural: str


class CountedFindings:
    """Collects problems and remarks, and adds them to `Findings` when their number is known.

    Args:
        findings: Receives them.

    Example:
        ```python
        cells = CountedFindings(findings)
        cells.add(Counted("date is in a second format", "dates are in a second format"), "column day, row 8")
        cells.finish()  # findings.lines() has "1 date is in a second format: column day, row 8"
        ```
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._problems: dict[Counted, list[str]] = defaultdict(list)
        self._remarks: dict[Counted, list[str]] = defaultdict(list)

    def add(self, kind: Counted, place: str) -> None:
        """Add a problem.

        Args:
            kind: The kind.
            place: The column and the row, and the reason.

        Raises:
            InputError: In strict mode.
        """
        if self._findings.strict:
            self._findings.add(kind.singular, place)
        self._problems[kind].append(place)

    def remark(self, kind: Counted, place: str) -> None:
        """Add what is worth knowing but no problem.

        Args:
            kind: The kind.
            place: The column, with the row if there is one.
        """
        self._remarks[kind].append(place)

    def finish(self) -> None:
        """Add all to the findings; each kind once in the life of these findings, or its number is not theirs."""
        for add, kinds in ((self._findings.add, self._problems), (self._findings.remark, self._remarks)):
            for kind, places in kinds.items():
                for place in places:
                    add(kind.singular if len(places) == 1 else kind.plural, place)
