"""Glossaries: translations of terms that a user prescribes."""

from collections.abc import Mapping
from pathlib import Path

from plexus import InputError
from plexus.data.tables import read_table

MAX_TERMS = 10_000
COLUMNS = 2


def read_glossary(path: Path) -> Mapping[str, str]:
    """Read a glossary.

    Args:
        path: A table (.csv, .tsv and others) with two columns, the term and its translation; the first row is a header.

    Returns:
        Translation of each term.

    Raises:
        InputError: If the table cannot be read, has other columns, an empty cell, or a term twice.
    """
    table = read_table(path)
    if table.width != COLUMNS:
        raise InputError(
            f"{path}: expected {COLUMNS} columns, the term and its translation, found {table.width}: "
            "remove the others, or pass a CSV with commas"
        )
    if len(table) > MAX_TERMS:
        raise InputError(f"{path}: {len(table):,} terms, expected at most {MAX_TERMS:,}")
    terms: dict[str, str] = {}
    for row, (term, translation) in enumerate(table.rows(), 1):
        term, translation = (str(cell or "").strip() for cell in (term, translation))
        if not term or not translation:
            raise InputError(f"{path}, row {row}: expected a term and its translation, found an empty cell")
        if terms.get(term, translation) != translation:
            raise InputError(f"{path}, row {row}: {term!r} has two translations: remove one")
        terms[term] = translation
    return terms
