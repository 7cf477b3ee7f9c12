"""Corpora of recordings with texts: folder layouts and tables."""

from pathlib import Path

from plexus import Findings, InputError
from plexus.data.archives import opened_folder
from plexus.data.audio import RECORDINGS, SUFFIXES
from plexus.data.audio_containers import CONTAINER_SUFFIXES
from plexus.data.findings import Counted
from plexus.data.folders import FolderWalk, is_hidden
from plexus.data.splits import parse_split
from plexus.data.text import read_listing, read_text
from plexus_speech.corpus import Corpus, find_column
from plexus_speech.recordings import LabelledRecording

WITHOUT_TEXT = Counted("recording without a text was dropped", "recordings without a text were dropped")
WITHOUT_RECORDING = Counted("text without a recording was dropped", "texts without a recording were dropped")


def read_text_corpus(path: Path, findings: Findings) -> Corpus:
    """List the recordings of a folder or a table, and their texts.

    Args:
        path: A folder like LJ Speech's, with `metadata.csv`, or like LibriSpeech's, with `*.trans.txt`; an archive of
            one; a `.csv` or `.tsv` with columns `path` and `text`.
        findings: Collects recordings without texts and texts without recordings.

    Returns:
        The corpus, with the location of each text.

    Raises:
        InputError: If it is none of these; the line says what would be right.
    """
    with opened_folder(path) as folder:
        return _read_place(folder or path, findings)


def _read_place(path: Path, findings: Findings) -> Corpus:
    if path.is_dir() and (path / "metadata.csv").is_file():
        return _read_ljspeech(path / "metadata.csv", findings)
    if path.is_dir():
        return _read_librispeech(path, findings)
    if path.name == "metadata.csv" and "|" in read_text(path)[:1000]:
        return _read_ljspeech(path, findings)
    if path.suffix.lower() in {".csv", ".tsv"}:
        return _read_table(path, findings)
    raise InputError(
        f"--data {path}: expected a folder with metadata.csv or *.trans.txt, or a .csv with columns path and text"
    )


def _read_ljspeech(file: Path, findings: Findings) -> Corpus:
    """Read `id|text|normalized text` and `wavs/`, of one speaker."""
    corpus, listed = Corpus(), set()
    for number, line in enumerate(read_text(file).splitlines(), 1):
        if not line.strip():
            continue
        name, *texts = line.split("|")
        location = f"{file}, line {number}"
        if not texts:
            raise InputError(f"{location}: expected id|text, separated by |")
        recording = _find_recording(file.parent, name)
        if recording is None:
            findings.add(WITHOUT_RECORDING, f"{location}: there is no wavs/{name}.wav")
            continue
        listed.add(recording)
        text = next((text for text in reversed(texts) if text.strip()), "")
        corpus.recordings.append(LabelledRecording(recording, text, ""))
        corpus.locations.append(location)
    for recording in _recordings_of(file.parent / "wavs", findings):
        if recording not in listed:
            findings.add(WITHOUT_TEXT, str(recording))
    return corpus


def _recordings_of(folder: Path, findings: Findings) -> list[Path]:
    """Return the recordings of a folder without its sub-folders; none if there is no such folder."""
    if not folder.is_dir():
        return []
    walk = FolderWalk(RECORDINGS)
    files = [child.path for child in walk.children(folder) if not child.is_folder and walk.accepts(child.path)]
    findings.extend(walk.findings)
    return files


def _find_recording(folder: Path, name: str) -> Path | None:
    places = folder / "wavs" / name, folder / name
    candidates = (
        place.with_name(place.name + suffix)
        for place in places
        for suffix in ("", *sorted(SUFFIXES | CONTAINER_SUFFIXES))
    )
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _read_librispeech(folder: Path, findings: Findings) -> Corpus:
    """Read `SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt`, with an id and a text per line."""
    lists, corpus = [file for file in sorted(folder.rglob("*.trans.txt")) if not is_hidden(file.name)], Corpus()
    if not lists:
        raise InputError(f"{folder} has neither metadata.csv (LJ Speech) nor *.trans.txt (LibriSpeech)")
    for file in lists:
        suffixes = SUFFIXES | CONTAINER_SUFFIXES
        places = [place for place in sorted(file.parent.iterdir()) if not is_hidden(place.name)]
        recordings = {place.stem: place for place in places if place.suffix.lower() in suffixes}
        for number, line in enumerate(read_text(file).splitlines(), 1):
            name, _, text = line.partition(" ")
            location = f"{file}, line {number}"
            if name and name not in recordings:
                findings.add(WITHOUT_RECORDING, f"{location}: there is no {name}.flac")
            elif name:
                corpus.recordings.append(LabelledRecording(recordings.pop(name), text, name.split("-")[0]))
                corpus.locations.append(location)
        for place in sorted(recordings.values()):
            findings.add(WITHOUT_TEXT, str(place))
    return corpus


def _read_table(file: Path, findings: Findings) -> Corpus:
    """Read paths, relative to the table, and texts; speakers and splits if it has such columns."""
    corpus, rows = Corpus(), read_listing(file)
    columns = rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or []]
    path = find_column(file, columns, "path", "file")
    text = find_column(file, columns, "text", "transcript", "sentence")
    for row in rows:
        location = f"{file}, line {rows.line_num}"
        if not (row[path] and (file.parent / row[path]).is_file()):
            findings.add(WITHOUT_RECORDING, f"{location}: there is no {row[path] or 'path'}")
            continue
        speaker = (row.get("speaker") or "").strip()
        corpus.recordings.append(LabelledRecording(file.parent / row[path], row[text] or "", speaker))
        corpus.locations.append(location)
        if "split" in columns:
            corpus.splits.append(parse_split(location, row["split"]))
    corpus.has_split_lists = bool(corpus.splits)
    return corpus
