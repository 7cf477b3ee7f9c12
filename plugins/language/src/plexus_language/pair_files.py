"""Pairs of sentences from tables, tab-separated lines, two files line by line, and archives of these."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError
from plexus.data.archives import archive_files
from plexus.data.splits import split_name
from plexus.data.tables import FORMATS, is_table, read_table, spreadsheet_hint
from plexus.data.text import decode_text, read_text
from plexus.errors import unknown
from plexus.utils.messages import note

if TYPE_CHECKING:
    import polars as pl

    from plexus_language.options import TranslateOptions

Pairs = tuple[list[str], list[str]]
"""Sentences of the first language, and those of the second."""
NAMES = {
    "en": ("en", "eng", "english"),
    "fr": ("fr", "fra", "fre", "french", "français"),
    "de": ("de", "deu", "ger", "german", "deutsch"),
    "es": ("es", "spa", "spanish", "español"),
    "it": ("it", "ita", "italian", "italiano"),
}
"""Names of columns by the code of the language; others are columns by the code alone."""
SOURCE_NAMES, TARGET_NAMES = ("source", "src", "input", "text"), ("target", "tgt", "translation", "output")


def read_pairs(path: Path, languages: Sequence[str], options: "TranslateOptions") -> dict[str, Pairs]:
    """Read pairs of sentences.

    Args:
        path: A table with a column for each language; `.txt`, lines of two sentences with a tab between them; one of
            two files `NAME.en` and `NAME.fr`, line by line; a folder of two such files, or of those of `train`, `val`
            and `test`; a ZIP file of one `.txt`.
        languages: Codes of the two languages.
        options: The options.

    Returns:
        Pairs by split; all of them as `train` if there are no splits.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    if path.is_dir():
        return _read_folder(path, languages)
    if path.suffix.lower() == ".zip":
        return {"train": _read_zip(path)}
    if path.suffix.removeprefix(".") in languages:
        return {"train": read_lines([path.with_suffix(f".{language}") for language in languages])}
    if is_table(path):
        return {"train": read_columns(read_table(path), path, languages, options)}
    if path.suffix.lower() == ".txt":
        return {"train": _split_tabs(read_text(path), str(path))}
    raise InputError(
        f"{path}: expected a table ({FORMATS}), a .txt of lines with two sentences and a tab between them, or two "
        f"files NAME.{languages[0]} and NAME.{languages[1]}{spreadsheet_hint(path)}"
    )


def column_languages(columns: Sequence[str]) -> tuple[str, str] | None:
    """Return the languages that the columns of a table are named after.

    Args:
        columns: Names of the columns.

    Returns:
        Codes of the two languages, in the order of the columns; None if not exactly two columns are named after one.
    """
    names = [column.strip().lower() for column in columns]
    codes = [code for name in names for code, usual in NAMES.items() if name in usual]
    return (codes[0], codes[1]) if len(set(codes)) == len(codes) == 2 else None


def read_lines(files: Sequence[Path]) -> Pairs:
    """Read two files line by line.

    Args:
        files: The files of the two languages.

    Returns:
        The pairs.

    Raises:
        InputError: If a file is missing, or one has more lines than the other.
    """
    for file in files:
        if not file.is_file():
            raise InputError(f"{file} is missing: expected {files[0].name} and {files[1].name} in one folder")
    first, second = (read_text(file).removesuffix("\n").split("\n") for file in files)
    if len(first) != len(second):
        raise InputError(
            f"{files[0]} has {len(first):,} lines and {files[1].name} {len(second):,}: expected line n of one to be "
            "the translation of line n of the other"
        )
    return first, second


def _read_folder(folder: Path, languages: Sequence[str]) -> dict[str, Pairs]:
    first = [file for file in sorted(folder.glob(f"*.{languages[0]}")) if file.is_file()]
    if not first:
        tables = sorted(folder.glob("*.zip"))
        if len(tables) == 1:
            return {"train": _read_zip(tables[0])}
        raise InputError(f"{folder}: expected two files NAME.{languages[0]} and NAME.{languages[1]}, found neither")
    names = [split_name(file.stem, part=True) or "train" for file in first]
    if len(set(names)) != len(names):
        listed = ", ".join(file.name for file in first)
        raise InputError(f"{folder}: expected one file of each split, found {listed}: pass one of them")
    return {
        name: read_lines([file, file.with_suffix(f".{languages[1]}")]) for name, file in zip(names, first, strict=True)
    }


def _read_zip(archive: Path) -> Pairs:
    if not zipfile.is_zipfile(archive):
        raise InputError(f"{archive} is damaged, or is not the .zip that its name says; create it again")
    texts = [
        (name, bytes(content))
        for name, content in archive_files(archive, lambda name: name.endswith(".txt") and not _is_note(name))
    ]
    if len(texts) != 1:
        raise InputError(f"{archive}: expected one .txt of lines with two sentences, found {len(texts)}")
    name, content = texts[0]
    return _split_tabs(decode_text(content, f"{archive}:{name}"), f"{archive}:{name}")


def _is_note(name: str) -> bool:
    return name.rpartition("/")[2].startswith(("_", "."))


def _split_tabs(content: str, place: str) -> Pairs:
    """Return the first two fields of each line; a third one, such as a licence, is ignored."""
    first, second = [], []
    for number, line in enumerate(content.removesuffix("\n").split("\n"), 1):
        fields = line.removesuffix("\r").split("\t")
        if len(fields) < 2:
            raise InputError(f"{place}, line {number}: expected two sentences with a tab between them, found no tab")
        first.append(fields[0])
        second.append(fields[1])
    return first, second


def read_columns(table: "pl.DataFrame", path: Path, languages: Sequence[str], options: "TranslateOptions") -> Pairs:
    """Return the pairs of a table, and print which columns they are.

    Args:
        table: The table.
        path: Its file, for messages.
        languages: Codes of the two languages.
        options: The options.

    Returns:
        The pairs.

    Raises:
        InputError: If the table has no column for a language.
    """
    names = find_columns(table, languages, (options.source_column, options.target_column), str(path))
    note(f"{path}: column {names[0]!r} is {languages[0]}, column {names[1]!r} is {languages[1]}")
    first, second = (table[name].cast(str).fill_null("").to_list() for name in names)
    return first, second


def find_columns(
    table: "pl.DataFrame", languages: Sequence[str], explicit: Sequence[str | None], place: str
) -> tuple[str, str]:
    """Return the columns of the two languages: as named by the user, else by usual names, else the only two of text.

    Args:
        table: The table.
        languages: Codes of the languages.
        explicit: The columns that the user names, None for others.
        place: The file, for messages.

    Returns:
        Names of the two columns.

    Raises:
        InputError: If there are no such columns.
    """
    import polars as pl

    columns: list[str | None] = []
    for name, language, usual in zip(explicit, languages, (SOURCE_NAMES, TARGET_NAMES), strict=True):
        if name is not None and name not in table.columns:
            raise unknown(f"column in {place}", name, table.columns)
        names = (*NAMES.get(language, (language,)), *usual)
        columns.append(name or next((each for each in table.columns if each.strip().lower() in names), None))
    rest = [name for name, dtype in table.schema.items() if dtype == pl.String and name not in columns]
    if len(rest) != columns.count(None):
        rest = []  # a guess could take a category for a sentence
    first, second = (name or (rest.pop(0) if rest else None) for name in columns)
    if first is None or second is None or first == second:
        raise InputError(
            f"{place}: expected a column for {languages[0]} and one for {languages[1]}, found the columns "
            f"{', '.join(table.columns)}: name them with --source-column and --target-column"
        )
    return first, second
