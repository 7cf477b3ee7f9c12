"""Detection of the column of texts in a table."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plexus.errors import InputError, unknown

if TYPE_CHECKING:
    import polars as pl


def find_text_column(
    table: "pl.DataFrame",
    name: str | None,
    place: str,
    usual_names: Sequence[str],
    is_text: "Callable[[pl.Series], bool]" = lambda _: True,
) -> str:
    """Return the column of the texts: as named by the user, else by a usual name, else that of the longest texts.

    Values of a column with a usual name are texts however short they are.

    Args:
        table: The table.
        name: The column, if the user names it.
        place: The file, for messages.
        usual_names: Usual names of such a column in lower case, the most usual one first.
        is_text: Whether a column of strings without a usual name may be that of the texts.

    Returns:
        Name of the column.

    Raises:
        InputError: If there is no such column, or none of texts.
    """
    import polars as pl

    if name is not None:
        if name not in table.columns:
            raise unknown(f"column in {place}", name, table.columns)
        return name
    strings = [column for column, dtype in table.schema.items() if dtype == pl.String]
    if not strings:
        raise InputError(f"{place}: no column contains texts; there are {', '.join(table.columns)}")
    usual = next((column for usual in usual_names for column in strings if column.lower() == usual), None)
    if usual is not None:
        return usual
    texts = [column for column in strings if is_text(table[column])]
    if not texts:
        raise InputError(
            f"{place}: no column looks like texts: name it with --text, or with --column for a prediction (there are "
            f"{', '.join(table.columns)})"
        )
    lengths = table.select(pl.col(texts).str.len_chars().mean()).row(0)
    return max(zip(lengths, texts, strict=True), key=lambda pair: pair[0] or 0)[1]
