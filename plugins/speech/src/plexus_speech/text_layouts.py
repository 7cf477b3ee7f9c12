"""How sets of recordings and texts lie in folders and tables."""

from pathlib import Path

from plexus import InputError
from plexus.data.findings import Findings
from plexus.data.text import read_listing, read_text
from plexus_speech.audio import SUFFIXES
from plexus_speech.layouts import Layout, column, split_named

WITHOUT = "recordings without a text were left out"
ABSENT = "texts without a recording were left out"


def of_texts(path: Path, findings: Findings) -> Layout:
    """LibriSpeech's `*.trans.txt`, LJ Speech's `metadata.csv`, or a table with columns path and text.

    Raises:
        InputError: it is none of these.
    """
    if path.is_dir() and (path / "metadata.csv").is_file():
        return _of_metadata(path / "metadata.csv", findings)
    if path.is_dir():
        return _of_librispeech(path, findings)
    if path.name == "metadata.csv" and "|" in read_text(path)[:1000]:
        return _of_metadata(path, findings)
    if path.suffix.lower() in {".csv", ".tsv"}:
        return _of_table(path, findings)
    raise InputError(
        f"--data {path}: a folder with metadata.csv or *.trans.txt, or a .csv with path and text is wanted"
    )


def _of_metadata(file: Path, findings: Findings) -> Layout:
    """`id|text|normalised text`, of one speaker, beside `wavs/`."""
    layout, listed = Layout([]), set()
    for number, line in enumerate(read_text(file).splitlines(), 1):
        if not line.strip():
            continue
        name, *texts = line.split("|")
        where = f"{file}, line {number}"
        if not texts:
            raise InputError(f"{where}: id|text is wanted, with | between them")
        recording = _beside(file.parent, name)
        if recording is None:
            findings.add(ABSENT, f"{where}: there is no wavs/{name}.wav")
            continue
        listed.add(recording)
        layout.listed.append((recording, next((text for text in reversed(texts) if text.strip()), ""), ""))
        layout.places.append(where)
    for recording in sorted((file.parent / "wavs").glob("*")):
        if recording.suffix.lower() in SUFFIXES and recording not in listed:
            findings.add(WITHOUT, str(recording))
    return layout


def _beside(folder: Path, name: str) -> Path | None:
    places = (folder / "wavs" / name, folder / name)
    found = (place.with_name(place.name + ending) for place in places for ending in ("", *sorted(SUFFIXES)))
    return next((place for place in found if place.is_file()), None)


def _of_librispeech(folder: Path, findings: Findings) -> Layout:
    """`SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt`, each line an id and a text."""
    lists, layout = sorted(folder.rglob("*.trans.txt")), Layout([])
    if not lists:
        raise InputError(f"{folder} has neither metadata.csv (LJ Speech) nor *.trans.txt (LibriSpeech)")
    for file in lists:
        there = {place.stem: place for place in file.parent.iterdir() if place.suffix.lower() in SUFFIXES}
        for number, line in enumerate(read_text(file).splitlines(), 1):
            name, _, text = line.partition(" ")
            where = f"{file}, line {number}"
            if name and name not in there:
                findings.add(ABSENT, f"{where}: there is no {name}.flac")
            elif name:
                layout.listed.append((there.pop(name), text, name.split("-")[0]))
                layout.places.append(where)
        for place in sorted(there.values()):
            findings.add(WITHOUT, str(place))
    return layout


def _of_table(file: Path, findings: Findings) -> Layout:
    """Paths, relative to the table, and texts; speakers and splits if it has such columns."""
    layout = Layout([])
    rows = read_listing(file)
    names = rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or []]
    path, text = column(file, names, "path", "file"), column(file, names, "text", "transcript", "sentence")
    for row in rows:
        where = f"{file}, line {rows.line_num}"
        if not (row[path] and (file.parent / row[path]).is_file()):
            findings.add(ABSENT, f"{where}: there is no {row[path] or 'path'}")
            continue
        layout.listed.append((file.parent / row[path], row[text] or "", (row.get("speaker") or "").strip()))
        layout.places.append(where)
        if "split" in names:
            layout.splits.append(split_named(where, row["split"]))
    layout.given = bool(layout.splits)
    return layout
