"""What was wrong with the data, counted and named."""

from collections import defaultdict

from plexus.errors import InputError

SHOWN = 3


class Findings:
    """Collects what was repaired or left out, so that nothing is silent.

    Args:
        strict: raise at the first finding instead.
    """

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict
        self._places: dict[str, list[str]] = defaultdict(list)

    def add(self, what: str, place: str) -> None:
        """Note one finding.

        Args:
            what: the kind, said of many: "pictures that cannot be read were left out".
            place: the file, with row or field where there is one, and the reason.

        Raises:
            InputError: in strict mode.
        """
        if self.strict:
            raise InputError(f"{place} (--strict)")
        self._places[what].append(place)

    def count(self) -> int:
        """How many findings there are."""
        return sum(len(places) for places in self._places.values())

    def lines(self) -> list[str]:
        """One line a kind: the count, what, and the first places."""
        lines = []
        for what, places in self._places.items():
            more = f" and {len(places) - SHOWN:,} more" if len(places) > SHOWN else ""
            lines.append(f"{len(places):,} {what}: {'; '.join(places[:SHOWN])}{more}")
        return lines
