"""Which column of a table holds the texts, and which the labels."""

from typing import TYPE_CHECKING

from plexus import InputError
from plexus.errors import unknown

if TYPE_CHECKING:
    import polars as pl

TEXTS = ("text", "review", "sentence", "comment", "content", "body", "tweet", "message", "phrase", "document")
LABELS = ("label", "sentiment", "polarity", "class", "stars", "rating", "score", "target", "category")
MOST_LABELS = 100


def choose_columns(table: "pl.DataFrame", text: str | None, label: str | None, where: str) -> tuple[str, str]:
    """The names of the two columns: as given, else by their names, else by what is in them.

    Raises:
        InputError: there is no such column, or none that could be it.
    """
    chosen_text = (
        text_column(table, text, where)
        if text or not label
        else text_column(table.drop(label, strict=False), None, where)
    )
    rest = table.drop(chosen_text)
    if label == chosen_text:
        raise InputError(f"{where}: --label {label} is the column of the texts; there are {', '.join(rest.columns)}")
    if label is not None and label not in table.columns:
        raise unknown(f"column in {where}", label, table.columns)
    return chosen_text, label or _label_column(rest, where)


def text_column(table: "pl.DataFrame", given: str | None, where: str) -> str:
    """The column of the texts: the one given, else one of a usual name, else that with the longest texts."""
    import polars as pl

    if given is not None:
        if given not in table.columns:
            raise unknown(f"column in {where}", given, table.columns)
        return given
    strings = [name for name, kind in table.schema.items() if kind == pl.String]
    named = next((name for wanted in TEXTS for name in strings if name.lower() == wanted), None)
    if named or not strings:
        if not named:
            raise InputError(f"{where}: no column holds texts; there are {', '.join(table.columns)}")
        return named
    lengths = table.select(pl.col(strings).str.len_chars().mean()).row(0)
    return max(zip(lengths, strings, strict=True), key=lambda pair: pair[0] or 0)[1]


def _label_column(table: "pl.DataFrame", where: str) -> str:
    named = next((name for wanted in LABELS for name in table.columns if name.lower() == wanted), None)
    if named:
        return named
    few = {name: table[name].n_unique() for name in table.columns}
    fitting = {name: count for name, count in few.items() if 2 <= count <= min(MOST_LABELS, len(table) // 3)}
    if not fitting:
        raise InputError(
            f"{where}: no column holds labels; name it with --label (there are {', '.join(table.columns)})"
        )
    return min(fitting, key=lambda name: fitting[name])
