"""Problems of the data, counted and named."""

from collections import defaultdict
from typing import NamedTuple

from plexus.errors import InputError
from plexus.utils.printable import printable

MAX_LISTED = 3


class Counted(NamedTuple):
    """A kind of finding, as it follows its number.

    Attributes:
        singular: After 1: "date is in a second format".
        plural: After a larger number: "dates are in a second format".

    Example:
        ```python
        findings.add(Counted("date is in a second format", "dates are in a second format"), "column day, row 8")
        findings.lines()  # ["1 date is in a second format: column day, row 8"]
        ```
    """

    singular: str
    plural: str


class Findings:
    """Problems that were repaired or whose examples were dropped while the data was read.

    Args:
        strict: Whether the first problem is an error.

    Example:
        ```python
        findings = Findings()
        unreadable = Counted("image could not be read and was dropped", "images could not be read and were dropped")
        findings.add(unreadable, "cat/7.png is cut off")
        findings.lines()
        ```
    """

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict
        self._places: dict[Counted, list[str]] = defaultdict(list)
        self._remarks: dict[Counted, list[str]] = defaultdict(list)

    def add(self, what: Counted | str, place: str) -> None:
        """Add one problem.

        Args:
            what: The kind of problem; a text is used after any number.
            place: The file, with the row or field if there is one, and the reason.

        Raises:
            InputError: In strict mode.
        """
        if self.strict:
            raise InputError(f"{place} (--strict)")
        self._places[_counted(what)].append(place)

    def remark(self, what: Counted | str, place: str) -> None:
        """Add what is worth knowing but no problem: it is listed, and no error in strict mode.

        Args:
            what: The kind; a text is used after any number.
            place: The file.
        """
        self._remarks[_counted(what)].append(place)

    def extend(self, other: "Findings") -> None:
        """Add all problems and remarks of another object.

        Args:
            other: The other object.

        Raises:
            InputError: In strict mode, if it has a problem.
        """
        for what, places in other._places.items():
            for place in places:
                self.add(what, place)
        for what, places in other._remarks.items():
            self._remarks[what] += places

    def count(self) -> int:
        """Return the number of problems.

        Returns:
            The number.
        """
        return sum(len(places) for places in self._places.values())

    def describe_in(self, line: str) -> str:
        """Add the problems and remarks to the line of an error: too little data is often due to what was left out.

        Args:
            line: The line.

        Returns:
            The line, followed by those of `lines`.
        """
        return "; ".join([line, *self.lines()])

    def lines(self) -> list[str]:
        """Describe the problems, then the remarks.

        Returns:
            One line per kind: the number, the kind and the first places.
        """
        lines = []
        for what, places in [*self._places.items(), *self._remarks.items()]:
            more = f" and {len(places) - MAX_LISTED:,} more" if len(places) > MAX_LISTED else ""
            kind = what.singular if len(places) == 1 else what.plural
            lines.append(printable(f"{len(places):,} {kind}: {'; '.join(places[:MAX_LISTED])}{more}"))
        return lines


def _counted(what: Counted | str) -> Counted:
    return Counted(what, what) if isinstance(what, str) else what
