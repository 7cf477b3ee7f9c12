"""Labelled texts from folders, archives and pairs of files, whose paths hold the labels."""

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal

from plexus import Findings, InputError
from plexus.errors import raise_system_error
from plexus_sentiment.text_files import decode_text, read_text_file

SPLITS = {"train": "train", "dev": "val", "val": "val", "valid": "val", "validation": "val", "test": "test"}
UNLABELLED_FOLDERS = {"unsup", *SPLITS}
ARCHIVES: dict[str, Literal["r:gz", "r:"]] = {".tar.gz": "r:gz", ".tgz": "r:gz", ".tar": "r:"}
"""Suffixes of archives with the mode that opens each: only the compression that the suffix names is accepted."""
POLARITY = {".neg": "negative", ".pos": "positive"}
FOLDER_LABELS = {"neg": "negative", "pos": "positive"}
NOT_TEXT = "files that are not text were dropped"

LabelledTexts = tuple[list[str], list[str]]
"""Texts, and the label of each."""


def read_folder(folder: Path, findings: Findings) -> dict[str, LabelledTexts]:
    """Read a folder with one sub-folder per label, with sub-folders of splits, or with `NAME.pos` and `NAME.neg`.

    Args:
        folder: The folder.
        findings: Collects files that are not text.

    Returns:
        Texts and labels by split.

    Raises:
        InputError: If `NAME.pos` or `NAME.neg` is missing.
    """
    polarity = sorted(folder.glob("*.neg"))
    return read_polarity(polarity[0]) if polarity else _group(_folder_texts(folder, findings))


def read_archive(archive: Path, findings: Findings) -> dict[str, LabelledTexts]:
    """Read an archive of a folder in place; nothing is written.

    Args:
        archive: A file with a suffix of `ARCHIVES`.
        findings: Collects files that are not text.

    Returns:
        Texts and labels by split.

    Raises:
        InputError: If it is damaged or not what its suffix says, or a member is a link or leads out of the archive.
    """
    return _group(_archive_texts(archive, findings))


def read_polarity(file: Path) -> dict[str, LabelledTexts]:
    """Read `NAME.pos` and `NAME.neg`, one text per line.

    Args:
        file: One of the two.

    Returns:
        Texts and labels of the split `train`.

    Raises:
        InputError: If the other one is missing.
    """
    return _group(_polarity_texts(file))


def _folder_texts(folder: Path, findings: Findings) -> Iterator[tuple[str, str, str]]:
    for file in sorted(folder.rglob("*.txt")):
        place = _split_and_label(file.relative_to(folder).parts)
        if place is not None:
            try:
                yield *place, decode_text(file.read_bytes(), str(file))
            except InputError as error:
                findings.add(NOT_TEXT, str(error))


def _archive_texts(archive: Path, findings: Findings) -> Iterator[tuple[str, str, str]]:
    ending = next(ending for ending in ARCHIVES if archive.name.endswith(ending))
    try:
        with tarfile.open(archive, ARCHIVES[ending]) as tar:
            for member in tar:
                place = _member_place(archive, member)
                if place is None:
                    continue
                stream = tar.extractfile(member)
                try:
                    yield *place, decode_text(stream.read() if stream else b"", f"{archive}:{member.name}")
                except InputError as error:
                    findings.add(NOT_TEXT, str(error))
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise_system_error(error, archive)
        raise InputError(
            f"{archive} is damaged, or is not the {ending} that its name says: {error}; create the archive again"
        ) from error


def _member_place(archive: Path, member: tarfile.TarInfo) -> tuple[str, str] | None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or member.issym() or member.islnk() or member.isdev():
        raise InputError(f"{archive}: refused: {member.name!r} leads out of the archive or is a link")
    return _split_and_label(path.parts) if member.isfile() and path.suffix == ".txt" else None


def _split_and_label(parts: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the split and the label of a path `…/[split/]label/file`."""
    if len(parts) < 2 or parts[-2] in UNLABELLED_FOLDERS:
        return None
    split = SPLITS.get(parts[-3], "train") if len(parts) > 2 else "train"
    return split, FOLDER_LABELS.get(parts[-2], parts[-2])


def _polarity_texts(file: Path) -> Iterator[tuple[str, str, str]]:
    for ending, label in POLARITY.items():
        half = file.with_suffix(ending)
        if not half.is_file():
            raise InputError(f"{file}: {half.name} is missing: expected both files in one folder")
        for line in read_text_file(half).split("\n"):
            if line.strip():
                yield "train", label, line.strip()


def _group(texts: Iterator[tuple[str, str, str]]) -> dict[str, LabelledTexts]:
    parts: dict[str, LabelledTexts] = {}
    for split, label, text in texts:
        inputs, labels = parts.setdefault(split, ([], []))
        inputs.append(text)
        labels.append(label)
    return parts
