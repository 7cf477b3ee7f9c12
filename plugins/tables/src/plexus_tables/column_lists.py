"""Values of options that list columns."""

import csv
import io
from collections.abc import Collection, Iterable, Sequence

from plexus.errors import InputError, unknown
from plexus_tables.cell_texts import to_text

ORDINAL_FORM = "columns with their categories, lowest first, such as 'grade=low<medium<high; size=S<M<L'"


def parse_names(names: str, columns: Iterable[str], option: str) -> list[str]:
    """Return the columns that an option lists.

    Args:
        names: Names, separated by commas; one that holds a comma is in double quotes.
        columns: Names of the columns that exist.
        option: The option, for the message: `--ignore`.

    Returns:
        The names.

    Raises:
        InputError: If there is no column of a name.
    """
    existing = list(columns)
    listed = split_names(names, existing)
    for name in listed:
        if name not in existing:
            raise unknown(f"column (option {option})", name, existing)
    return listed


def split_names(names: str, columns: Collection[str] = ()) -> list[str]:
    """Return the names that an option lists, whether there are such columns or not.

    Args:
        names: Names, separated by commas; one that holds a comma is in double quotes.
        columns: Names of the columns that exist: one of them that holds commas needs no quotes where it is alone.

    Returns:
        The names.
    """
    if names.strip() in columns:
        return [names.strip()]
    fields = next(csv.reader(io.StringIO(names), skipinitialspace=True), []) if '"' in names else names.split(",")
    return [name.strip() for name in fields if name.strip()]


def require_column(columns: Sequence[str], name: str | None, target: str, place: str, option: str) -> None:
    """Check that an option names a column other than the target.

    Args:
        columns: Names of the columns but the target.
        name: The name; None if the option is left open.
        target: Name of the target.
        place: Name of the table, for the message.
        option: The option, for the message: `--group`.

    Raises:
        InputError: If there is no column of the name, or it is the target.
    """
    if name == target:
        raise InputError(f"{place}: {option} {name}: this column is the target; name another one")
    if name is not None and name not in columns:
        raise unknown(f"column in {place} (option {option})", name, columns)


def join_names(names: Iterable[str]) -> str:
    """Return a list of columns as `parse_names` reads it.

    Args:
        names: Names of columns.

    Returns:
        The names, separated by commas; one that holds a comma or a quote is in double quotes.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    return text.getvalue()


def parse_ordinal(ordinal: str) -> dict[str, tuple[str, ...]]:
    """Return the ordered categories of columns.

    Args:
        ordinal: Value of the option: `grade=low<medium<high; size=S<M<L`.

    Returns:
        The categories by column, lowest first.

    Raises:
        ValueError: If it has another form; the message fits after "must be".
    """
    columns: dict[str, tuple[str, ...]] = {}
    for part in filter(str.strip, ordinal.split(";")):
        name, equals, levels = part.partition("=")
        categories = tuple(to_text(level) or "" for level in levels.split("<"))
        if not equals or not name.strip() or not _are_levels(categories) or name.strip() in columns:
            raise ValueError(ORDINAL_FORM)
        columns[name.strip()] = categories
    return columns


def _are_levels(categories: Sequence[str]) -> bool:
    return len(categories) > 1 and all(categories) and len(set(categories)) == len(categories)
