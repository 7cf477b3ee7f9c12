"""Detection of the columns of texts and labels in a table."""

from typing import TYPE_CHECKING

from plexus import InputError
from plexus.data.text_columns import find_text_column as find_column
from plexus.data.times import holds_times
from plexus.errors import unknown
from plexus_sentiment.tokenization import split_words

if TYPE_CHECKING:
    import polars as pl

TEXT_NAMES = ("text", "review", "sentence", "comment", "content", "body", "tweet", "message", "phrase", "document")
LABEL_NAMES = ("label", "sentiment", "polarity", "class", "stars", "rating", "score", "target", "category")
MAX_LABELS = 100
SAMPLE, MIN_WORDS, MIN_DISTINCT = 1000, 3, 0.1
"""Values that are looked at; words of a text, and share of different values, from which a column looks like texts."""


def find_columns(table: "pl.DataFrame", text: str | None, label: str | None, place: str) -> tuple[str, str]:
    """Return the columns of texts and labels: as named by the user, else by usual names, else by content.

    Args:
        table: The table.
        text: Column of the texts, if the user names it.
        label: Column of the labels, if the user names it.
        place: The file, for messages.

    Returns:
        Names of the two columns.

    Raises:
        InputError: If there is no such column, or none that can be it.
    """
    candidates = table.drop(label, strict=False) if label and not text else table
    text_name = find_text_column(candidates, text, place)
    rest = table.drop(text_name)
    if label == text_name:
        raise InputError(f"{place}: --label {label} is the column of the texts; there are {', '.join(rest.columns)}")
    if label is not None and label not in table.columns:
        raise unknown(f"column in {place}", label, table.columns)
    label_name = label or _find_label_column(rest, place)
    _require_header(table, text_name, label_name, place)
    return text_name, label_name


def _require_header(table: "pl.DataFrame", text: str, label: str, place: str) -> None:
    """Refuse a table whose first line is a row: a text, and a label that other rows have, too."""
    words = [word for word in split_words(text) if word.isalpha()]
    if len(words) >= MIN_WORDS and (table[label].cast(str) == label).any():
        raise InputError(
            f"{place}: its first line is a row, with the label {label!r}: add a line with the names of the columns "
            "above it, such as text,label"
        )


def find_text_column(table: "pl.DataFrame", name: str | None, place: str) -> str:
    """Return the column of the texts: as named by the user, else by a usual name, else that of the longest texts.

    Values of a column with a usual name are texts however short they are.

    Args:
        table: The table.
        name: The column, if the user names it.
        place: The file, for messages.

    Returns:
        Name of the column.

    Raises:
        InputError: If there is no such column, or none of strings.
    """
    return find_column(table, name, place, TEXT_NAMES, _holds_texts)


def _holds_texts(column: "pl.Series") -> bool:
    """Return whether most values are several words or a run of unspaced script: no names, codes, dates or numbers."""
    sample = column.drop_nulls()[:SAMPLE]
    if not len(sample) or holds_times(sample):
        return False
    sentences = [len([word for word in split_words(text) if word.isalpha()]) >= MIN_WORDS for text in sample]
    repeated = sample.n_unique() < MIN_DISTINCT * len(sample)
    return sum(sentences) > len(sentences) / 2 and not (repeated and len(sample) >= MAX_LABELS)


def _find_label_column(table: "pl.DataFrame", place: str) -> str:
    usual = next((column for usual in LABEL_NAMES for column in table.columns if column.lower() == usual), None)
    if usual is not None:
        return usual
    counts = {column: table[column].n_unique() for column in table.columns}
    most = min(MAX_LABELS, len(table) // 3)
    suitable = {column: count for column, count in counts.items() if 2 <= count <= most}
    if not suitable:
        raise InputError(
            f"{place}: no column contains labels: name it with --label (besides the texts there are "
            f"{', '.join(table.columns) or 'no columns'})"
        )
    return min(suitable, key=lambda column: suitable[column])
