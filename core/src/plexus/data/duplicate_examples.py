"""Examples that occur more than once in a dataset."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from plexus.data.examples import Examples

FindDuplicates = Callable[["Examples[Any]", "Examples[Any]"], np.ndarray]
"""`plexus.tasks.abilities.FindsDuplicates.find_duplicates`."""
MAX_PAIRS = 20
"""Near-duplicates whose partner is looked up."""


class Place(NamedTuple):
    """The place of an example in a dataset.

    Attributes:
        split: The split.
        row: Index in the split.

    Example:
        ```python
        Place("test", 12)
        ```
    """

    split: str
    row: int


@dataclass(frozen=True)
class DuplicateGroup:
    """Examples that are equal, or of which the first is nearly equal to the second.

    Args:
        places: Two places or more.
        exact: Whether they are equal.
        targets: Their different targets.

    Example:
        ```python
        group = DuplicateGroup((Place("train", 3), Place("test", 12)), True, ("cat", "dog"))
        group.crosses_splits, group.has_conflict  # (True, True)
        ```
    """

    places: tuple[Place, ...]
    exact: bool
    targets: tuple[str, ...]

    @property
    def crosses_splits(self) -> bool:
        """Whether they are in different splits."""
        return len({place.split for place in self.places}) > 1

    @property
    def has_conflict(self) -> bool:
        """Whether their targets differ."""
        return len(self.targets) > 1


def equal_examples(
    digests: "Mapping[str, Sequence[bytes | int]]", splits: "Mapping[str, Examples[Any]]"
) -> list[DuplicateGroup]:
    """Group the examples with equal checksums.

    Args:
        digests: A checksum of each example by split.
        splits: The examples.

    Returns:
        The groups: those with different targets first, then those of several splits, then the others.
    """
    counts = Counter(value for values in digests.values() for value in values)
    places = defaultdict(list)
    for split, values in digests.items():
        for row, value in enumerate(values):
            if counts[value] > 1:
                places[value].append(Place(split, row))
    groups = [_group(repeated, True, splits) for repeated in places.values()]
    return sorted(groups, key=lambda group: (not group.has_conflict, not group.crosses_splits))


def near_duplicates(
    find: FindDuplicates, splits: "Mapping[str, Examples[Any]]", equal: Sequence[DuplicateGroup]
) -> tuple[int, list[DuplicateGroup]]:
    """Find examples of other splits that are nearly those of the training split.

    Args:
        find: Finds the examples of the first argument that occur in the second.
        splits: The examples.
        equal: The result of `equal_examples`, whose examples are left out.

    Returns:
        Their number, and the pairs of the first `MAX_PAIRS` of them; without those that have no single partner.
    """
    count, left, pairs = 0, MAX_PAIRS, list[DuplicateGroup]()
    train = splits.get("train")
    if train is None:
        return count, pairs
    equal_places = {place for group in equal if group.crosses_splits for place in group.places}
    for split, examples in splits.items():
        if split == "train" or not len(examples):
            continue
        rows = np.flatnonzero(find(examples, train))
        rows = np.array([row for row in rows.tolist() if Place(split, row) not in equal_places], int)
        count += len(rows)
        rows, left = rows[:left], max(left - len(rows), 0)
        partners = _partners(find, examples.take(rows), train, np.arange(len(train))) if len(rows) else {}
        for position, partner in partners.items():
            places = [Place(split, int(rows[position])), Place("train", partner)]
            pairs.append(_group(places, False, splits))
    return count, pairs


def _partners(
    find: FindDuplicates, examples: "Examples[Any]", reference: "Examples[Any]", rows: np.ndarray
) -> dict[int, int]:
    """Return the partner of each example in the reference, by bisection: `find` says only whether there is one.

    An example that has its parts in several others, but in no half of them, has no partner.
    """
    if len(rows) == 1:
        return dict.fromkeys(range(len(examples)), int(rows[0]))
    partners, remaining = dict[int, int](), np.arange(len(examples))
    for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
        if not len(remaining):
            break
        in_half = find(examples.take(remaining), reference.take(half))
        positions, remaining = remaining[in_half], remaining[~in_half]
        if len(positions):
            for position, partner in _partners(find, examples.take(positions), reference, half).items():
                partners[int(positions[position])] = partner
    return dict(sorted(partners.items()))


def _group(places: Sequence[Place], exact: bool, splits: "Mapping[str, Examples[Any]]") -> DuplicateGroup:
    targets = dict.fromkeys(str(splits[place.split].targets[place.row]) for place in places)
    return DuplicateGroup(tuple(places), exact, tuple(targets))
