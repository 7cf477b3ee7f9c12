"""How sets of spoken words lie in folders and tables."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plexus import InputError
from plexus.data.text import read_listing, read_text
from plexus_speech.audio import SUFFIXES, recordings_in

LISTS = {"testing_list.txt": "test", "validation_list.txt": "val"}
SPLITS = {"train": "train", "training": "train", "val": "val", "validation": "val", "dev": "val", "test": "test"}
_NAMED = re.compile(r"(?P<label>[^_]+)_(?P<speaker>.+)_(?P<take>\d+)")
_SPEAKER = re.compile(r"(?P<speaker>.+?)_nohash_\d+")
OFFICIAL_TAKES = 5
"""The first takes of each word are for testing, in the Free Spoken Digit Dataset's own protocol."""


@dataclass
class Layout:
    """Recordings as they are listed.

    Args:
        listed: raw, label and speaker of each; the speaker is empty where nobody knows.
        splits: what the set itself says of each: `train`, `val`, `test`; empty if it says nothing.
        given: whether these are lists that came with the data, to be kept to unless told otherwise.
        places: where each is listed, if that is not the recording itself.
    """

    listed: list[tuple[Any, str, str]]
    splits: list[str] = field(default_factory=list)
    given: bool = False
    places: list[str] = field(default_factory=list)


def of_path(path: Path) -> Layout:
    """The layout of a folder, or of a table of paths.

    Raises:
        InputError: it is none that is known.
    """
    if path.suffix.lower() in {".csv", ".tsv"}:
        return _of_table(path)
    if not path.is_dir():
        wanted = "a folder with one sub-folder a word, or of {word}_{speaker}_{n}.wav, or a .csv is wanted"
        raise InputError(f"--data {path}: {wanted}")
    named = _of_names(path)
    return named if named is not None else _of_folders(path)


def _of_names(folder: Path) -> Layout | None:
    """`{label}_{speaker}_{n}.wav`, as in the Free Spoken Digit Dataset."""
    inside = folder / "recordings" if (folder / "recordings").is_dir() else folder
    files = sorted(file for file in inside.iterdir() if file.suffix.lower() in SUFFIXES)
    found = [_NAMED.fullmatch(file.stem) for file in files]
    if not files:
        return None
    strange = next((file for file, match in zip(files, found, strict=True) if match is None), None)
    if strange is not None:
        raise InputError(f"{strange}: a name like {{word}}_{{speaker}}_{{n}}.wav is wanted, or a sub-folder a word")
    listed = [(file, match["label"], match["speaker"]) for file, match in zip(files, found, strict=True)]
    splits = ["test" if int(match["take"]) < OFFICIAL_TAKES else "train" for match in found]
    return Layout(listed, splits)


def _of_folders(folder: Path) -> Layout:
    """A sub-folder a word, as in Speech Commands; lists of files say which are for testing."""
    words = [child for child in sorted(folder.iterdir()) if child.is_dir() and not child.name.startswith((".", "_"))]
    if not words:
        raise InputError(f"{folder} has no sub-folders: one sub-folder a word is wanted, with its recordings")
    lists = {
        line.strip(): split
        for name, split in LISTS.items()
        if (folder / name).is_file()
        for line in read_text(folder / name).splitlines()
    }
    listed, splits = [], []
    for child in words:
        for file in recordings_in(child):
            match = _SPEAKER.fullmatch(file.stem)
            listed.append((file, child.name, match["speaker"] if match else ""))
            splits.append(lists.get(f"{child.name}/{file.name}", "train"))
    return Layout(listed, splits if lists else [], given=bool(lists))


def _of_table(file: Path) -> Layout:
    """Paths, relative to the table, and labels; speakers and splits if it has such columns."""
    layout = Layout([])
    rows = read_listing(file)
    names = [name.strip().lower() for name in rows.fieldnames or []]
    rows.fieldnames = names
    path, label = (column(file, names, *wanted) for wanted in (("path", "file"), ("label", "word")))
    for row in rows:
        where = f"{file}, line {rows.line_num}"
        if not row[path] or not row[label]:
            raise InputError(f"{where}: {path} and {label} must both be given")
        layout.listed.append((file.parent / row[path], row[label].strip(), (row.get("speaker") or "").strip()))
        if "split" in names:
            layout.splits.append(split_named(where, row["split"]))
    if not layout.listed:
        raise InputError(f"{file} has no rows: one recording a row is wanted")
    layout.given = bool(layout.splits)
    return layout


def column(file: Path, names: list[str], *wanted: str) -> str:
    """The first of the wanted columns that a table has.

    Raises:
        InputError: it has none.
    """
    found = next((name for name in wanted if name in names), None)
    if found is None:
        raise InputError(f"{file}: no column is named {' or '.join(wanted)}; there are {', '.join(names) or 'none'}")
    return found


def split_named(where: str, given: str | None) -> str:
    """The split that a table names.

    Raises:
        InputError: there is none of that name; the line says where.
    """
    split = SPLITS.get((given or "train").strip().lower())
    if split is None:
        raise InputError(f"{where}: split {given!r} is none of train, val, test")
    return split
