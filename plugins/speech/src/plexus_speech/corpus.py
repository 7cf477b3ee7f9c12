"""Corpora of words: folder layouts and tables."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from plexus import InputError
from plexus.data.audio import SUFFIXES
from plexus.data.text import read_listing, read_text
from plexus_speech.audio import find_recordings
from plexus_speech.recordings import LabelledRecording

SPLIT_LISTS = {"testing_list.txt": "test", "validation_list.txt": "val"}
"""Files of Speech Commands that list the recordings of a split."""
SPLIT_NAMES = {"train": "train", "training": "train", "val": "val", "validation": "val", "dev": "val", "test": "test"}
FSDD_TEST_TAKES = 5
"""The official test split of the Free Spoken Digit Dataset: the first takes of each word and speaker."""
_WORD_SPEAKER_TAKE = re.compile(r"(?P<word>[^_]+)_(?P<speaker>.+)_(?P<take>\d+)")
_SPEAKER_NOHASH = re.compile(r"(?P<speaker>.+?)_nohash_\d+")


@dataclass
class Corpus:
    """The recordings of a folder or a table, not yet read.

    Args:
        recordings: The recordings, their labels and speakers.
        splits: The official split of each: `train`, `val` or `test`; empty if there is none.
        has_split_lists: Whether the splits are lists that come with the data.
        locations: File and line where each is listed, for error messages; empty if that is the recording itself.

    Example:
        ```python
        corpus = read_word_corpus(Path("speech_commands"))
        ```
    """

    recordings: list[LabelledRecording] = field(default_factory=list)
    splits: list[str] = field(default_factory=list)
    has_split_lists: bool = False
    locations: list[str] = field(default_factory=list)


def read_word_corpus(path: Path) -> Corpus:
    """List the recordings of a folder or a table.

    Args:
        path: A folder with one sub-folder per word, as Speech Commands has; a folder of `{word}_{speaker}_{n}.wav`, as
            the Free Spoken Digit Dataset has; a `.csv` or `.tsv` with columns `path` and `label`.

    Returns:
        The corpus.

    Raises:
        InputError: If it is none of these; the line says what would be right.
    """
    if path.suffix.lower() in {".csv", ".tsv"}:
        return _read_table(path)
    if not path.is_dir():
        raise InputError(
            f"--data {path}: expected a folder with one sub-folder per word, a folder of "
            "{word}_{speaker}_{n}.wav, or a .csv with columns path and label"
        )
    return _read_file_names(path) or _read_word_folders(path)


def find_column(file: Path, columns: list[str], *accepted: str) -> str:
    """Return the first accepted column of a table.

    Args:
        file: The table, for the error message.
        columns: The columns of the table.
        *accepted: Names, the preferred one first.

    Returns:
        The name of the column.

    Raises:
        InputError: If there is none.
    """
    column = next((name for name in accepted if name in columns), None)
    if column is None:
        raise InputError(
            f"{file}: no column is named {' or '.join(accepted)}; there are {', '.join(columns) or 'none'}"
        )
    return column


def parse_split(location: str, value: str | None) -> str:
    """Return the split that a table names.

    Args:
        location: File and line, for the error message.
        value: The value of the column `split`; empty for `train`.

    Returns:
        `train`, `val` or `test`.

    Raises:
        InputError: If it is none of these.
    """
    split = SPLIT_NAMES.get((value or "train").strip().lower())
    if split is None:
        raise InputError(f"{location}: split {value!r} is none of train, val, test")
    return split


def _read_file_names(folder: Path) -> Corpus | None:
    """Read `{word}_{speaker}_{n}.wav`; None if the folder has no recordings."""
    place = folder / "recordings" if (folder / "recordings").is_dir() else folder
    files = sorted(file for file in place.iterdir() if file.suffix.lower() in SUFFIXES)
    if not files:
        return None
    corpus = Corpus()
    for file in files:
        match = _WORD_SPEAKER_TAKE.fullmatch(file.stem)
        if match is None:
            raise InputError(f"{file}: expected a name like {{word}}_{{speaker}}_{{n}}.wav, or one sub-folder per word")
        corpus.recordings.append(LabelledRecording(file, match["word"], match["speaker"]))
        corpus.splits.append("test" if int(match["take"]) < FSDD_TEST_TAKES else "train")
    return corpus


def _read_word_folders(folder: Path) -> Corpus:
    """Read one sub-folder per word; folders like `_background_noise_` are not words."""
    words = [child for child in sorted(folder.iterdir()) if child.is_dir() and not child.name.startswith((".", "_"))]
    if not words:
        raise InputError(f"{folder} has no sub-folders: expected one sub-folder per word, with its recordings")
    listed = {
        line.strip(): split
        for name, split in SPLIT_LISTS.items()
        if (folder / name).is_file()
        for line in read_text(folder / name).splitlines()
    }
    corpus = Corpus(has_split_lists=bool(listed))
    for child in words:
        for file in find_recordings(child):
            match = _SPEAKER_NOHASH.fullmatch(file.stem)
            corpus.recordings.append(LabelledRecording(file, child.name, match["speaker"] if match else ""))
            if listed:
                corpus.splits.append(listed.get(f"{child.name}/{file.name}", "train"))
    return corpus


def _read_table(file: Path) -> Corpus:
    """Read paths, relative to the table, and labels; speakers and splits if it has such columns."""
    corpus, rows = Corpus(), read_listing(file)
    columns = rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or []]
    path, label = find_column(file, columns, "path", "file"), find_column(file, columns, "label", "word")
    for row in rows:
        location = f"{file}, line {rows.line_num}"
        if not row[path] or not row[label]:
            raise InputError(f"{location}: {path} and {label} must both have a value")
        speaker = (row.get("speaker") or "").strip()
        corpus.recordings.append(LabelledRecording(file.parent / row[path], row[label].strip(), speaker))
        if "split" in columns:
            corpus.splits.append(parse_split(location, row["split"]))
    if not corpus.recordings:
        raise InputError(f"{file} has no rows: expected one recording per row")
    corpus.has_split_lists = bool(corpus.splits)
    return corpus
