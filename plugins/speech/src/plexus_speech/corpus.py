"""Corpora of words: folder layouts and tables."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from plexus import Findings, InputError
from plexus.data.archives import opened_folder
from plexus.data.audio import RECORDINGS
from plexus.data.folders import FolderWalk
from plexus.data.labelled_folders import find_labelled_files
from plexus.data.splits import parse_split
from plexus.data.text import read_listing, read_text
from plexus_speech.recordings import LabelledRecording

SPLIT_LISTS = {"testing_list.txt": "test", "validation_list.txt": "val"}
"""Files of Speech Commands that list the recordings of a split."""
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


def read_word_corpus(path: Path, findings: Findings) -> Corpus:
    """List the recordings of a folder, an archive or a table.

    Args:
        path: A folder with one sub-folder per word, as Speech Commands has, or with such in a folder per split; a
            folder of `{word}_{speaker}_{n}.wav`, as the Free Spoken Digit Dataset has; an archive of one; a `.csv` or
            `.tsv` with columns `path` and `label`.
        findings: Collects what is left out.

    Returns:
        The corpus.

    Raises:
        InputError: If it is none of these; the line says what would be right.
    """
    if path.suffix.lower() in {".csv", ".tsv"}:
        return _read_table(path)
    with opened_folder(path) as folder:
        if folder is None:
            raise InputError(
                f"--data {path}: expected a folder with one sub-folder per word, a folder of "
                "{word}_{speaker}_{n}.wav, an archive of one, or a .csv with columns path and label"
            )
        return _read_file_names(folder, findings) or _read_word_folders(folder, findings)


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


def _read_file_names(folder: Path, findings: Findings) -> Corpus | None:
    """Read `{word}_{speaker}_{n}.wav`; None if the folder has no recordings."""
    place = folder / "recordings" if (folder / "recordings").is_dir() else folder
    walk = FolderWalk(RECORDINGS)
    files = [child.path for child in walk.children(place) if not child.is_folder and walk.accepts(child.path)]
    if not files:
        return None
    findings.extend(walk.findings)
    corpus = Corpus()
    for file in files:
        match = _WORD_SPEAKER_TAKE.fullmatch(file.stem)
        if match is None:
            raise InputError(f"{file}: expected a name like {{word}}_{{speaker}}_{{n}}.wav, or one sub-folder per word")
        corpus.recordings.append(LabelledRecording(file, match["word"], match["speaker"]))
        corpus.splits.append("test" if int(match["take"]) < FSDD_TEST_TAKES else "train")
    return corpus


def _read_word_folders(folder: Path, findings: Findings) -> Corpus:
    """Read one sub-folder per word; folders like `_background_noise_` are not words."""
    parts = find_labelled_files(folder, RECORDINGS, findings, no_label="_")
    listed = {
        line.strip(): split
        for name, split in SPLIT_LISTS.items()
        if (folder / name).is_file()
        for line in read_text(folder / name).splitlines()
    }
    has_splits = bool(listed) or len(parts) > 1
    corpus = Corpus(has_split_lists=has_splits)
    for split, files in parts.items():
        for file, label in files:
            match = _SPEAKER_NOHASH.fullmatch(file.stem)
            corpus.recordings.append(LabelledRecording(file, label, match["speaker"] if match else ""))
            if has_splits:
                corpus.splits.append(listed.get(f"{label}/{file.name}", split))
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
