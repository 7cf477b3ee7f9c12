"""Values of options that list columns."""

from collections.abc import Iterable, Sequence

from plexus.errors import unknown
from plexus_tables.cell_texts import to_text

ORDINAL_FORM = "columns with their categories, lowest first, such as 'grade=low<medium<high; size=S<M<L'"


def parse_names(names: str, columns: Iterable[str], option: str) -> list[str]:
    """Return the columns that an option lists.

    Args:
        names: Names, separated by commas.
        columns: Names of the columns that exist.
        option: The option, for the message: `--ignore`.

    Returns:
        The names.

    Raises:
        InputError: If there is no column of a name.
    """
    listed, existing = [name.strip() for name in names.split(",") if name.strip()], list(columns)
    for name in listed:
        if name not in existing:
            raise unknown(f"column (option {option})", name, existing)
    return listed


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
