"""Groups of persons from the column `group` of a table."""

from collections.abc import Sequence
from pathlib import Path

from plexus import InputError
from plexus.data.text import read_listing

GROUP_COLUMN = "group"
MAX_GROUPS, MAX_LETTERS = 30, 100


def read_groups(file: Path, person_columns: Sequence[str]) -> dict[str, str]:
    """Read the group of each person, such as an age band or a site, from a table of images and persons.

    Args:
        file: A table that `plexus.data.labelled_listing.list_labelled_files` reads.
        person_columns: Names that the column of persons may have, in lower case.

    Returns:
        The group by person, without persons that have none; empty if no column is named `group`.

    Raises:
        InputError: If a person is in two groups, there are more than 30 groups, or a name is no line of 100 letters or
            fewer, or has one of the characters | and `, which end a cell of the model card; the line names file and
            row.
    """
    rows = read_listing(file)
    columns = {name.strip().lower(): name for name in reversed(rows.fieldnames)}
    if GROUP_COLUMN not in columns:
        return {}
    person_column = next(name for name in rows.fieldnames if name.strip().lower() in person_columns)
    groups: dict[str, str] = {}
    for row in rows:
        person, group = row[person_column], row[columns[GROUP_COLUMN]].strip()
        if group and groups.setdefault(person, group) != group:
            raise InputError(
                f"{file}, line {rows.line_num}: {person!r} is in the groups {groups[person]!r} and {group!r}; expected "
                "one group per person: correct the column group, or rename it if it says something about images"
            )
        if len(group) > MAX_LETTERS or not group.isprintable() or set(group) & set("|`"):
            raise InputError(
                f"{file}, line {rows.line_num}: group {group[:MAX_LETTERS]!r}: expected a name of at most "
                f"{MAX_LETTERS} letters, without | and `"
            )
    if len(set(groups.values())) > MAX_GROUPS:
        raise InputError(
            f"{file}: column group: expected at most {MAX_GROUPS} groups, found {len(set(groups.values())):,}; pass "
            "bands of values, such as 40-59"
        )
    return groups
