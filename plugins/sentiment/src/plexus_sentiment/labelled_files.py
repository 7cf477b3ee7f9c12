"""Labelled texts from folders, archives and pairs of files, whose paths hold the labels."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from plexus import Findings, InputError
from plexus.data.archives import archive_files
from plexus.data.folders import FileKind, FolderWalk, read_head
from plexus.data.labelled_folders import label_name
from plexus.data.splits import SPLIT_NAMES, split_name
from plexus.data.tables import is_table
from plexus.data.text import decode_text, read_text
from plexus.errors import os_error

SPLITS = SPLIT_NAMES
UNLABELLED_FOLDERS = {"unsup", *SPLITS}
ARCHIVES = {".tar.gz": b"\x1f\x8b", ".tgz": b"\x1f\x8b", ".tar": b"", ".zip": b"PK"}
"""Suffixes of archives with the first bytes of each: only the compression that the suffix names is accepted."""
COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
TEXTS = FileKind("texts", {".txt"}, lambda _head, _suffix: False)
OTHER_TEXTS = FileKind("texts", {".txt"}, lambda head, suffix: suffix in {"", ".text"} and b"\0" not in head)
"""Texts of a folder that has no file with the suffix .txt, as the newsgroups and Enron's mails are stored."""
OUTSIDE = "texts are in no folder of a label and were left out"
POLARITY = {".neg": "negative", ".pos": "positive"}
FOLDER_LABELS = {"neg": "negative", "pos": "positive"}
NOT_TEXT = "files that are not text were dropped"
OTHER_FILES = f"files are no {TEXTS.name} and were left out"

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
        InputError: If it is damaged or not what its suffix says, exceeds a limit, or has a member that is a link or
            leads out of the archive.
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
    for file in _text_files(folder, findings):
        place = _split_and_label(file.relative_to(folder).parts)
        if place is None:
            findings.remark(OUTSIDE, str(file))
            continue
        try:
            yield *place, decode_text(_read_bytes(file), str(file), findings)
        except InputError as error:
            if isinstance(error.__cause__, PermissionError):
                raise
            findings.add(NOT_TEXT, str(error))


def _text_files(folder: Path, findings: Findings) -> list[Path]:
    for kind in (TEXTS, OTHER_TEXTS):
        walk = FolderWalk(kind)
        files = list(walk.files(folder))
        if files:
            break
    findings.extend(walk.findings)
    return files


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise os_error(error, "read", file) from error


def _archive_texts(archive: Path, findings: Findings) -> Iterator[tuple[str, str, str]]:
    _require_suffix(archive)
    others: list[str] = []
    count = 0
    for name, content in archive_files(archive, lambda name: _is_text_file(name, others)):
        count += 1
        place = _split_and_label(PurePosixPath(name).parts)
        if place is None:
            findings.remark(OUTSIDE, f"{archive}:{name}")
            continue
        try:
            yield *place, decode_text(content, f"{archive}:{name}", findings)
        except InputError as error:
            findings.add(NOT_TEXT, str(error))
    if not count:
        raise _no_texts(archive, others)
    for name in others:
        findings.remark(OTHER_FILES, f"{archive}:{name}")


def _is_text_file(name: str, others: list[str]) -> bool:
    """Return whether a member is read; the name of another one is added to `others`."""
    if name.lower().endswith(".txt"):
        return True
    others.append(name)
    return False


def _no_texts(archive: Path, names: list[str]) -> InputError:
    table = next((name for name in names if is_table(Path(name))), None)
    if table is not None:
        return InputError(f"{archive} has no texts (.txt), but the table {table}: unpack it, and pass the table")
    more = f" and {len(names) - 1:,} more files" if len(names) > 1 else ""
    content = f"only {names[0]}{more}" if names else "no files"
    return InputError(f"{archive} has no texts (.txt), {content}: expected one folder of .txt files per label")


def _require_suffix(archive: Path) -> None:
    """Refuse another compression than the one that the suffix names."""
    ending = next(ending for ending in ARCHIVES if archive.name.endswith(ending))
    head, magic = read_head(archive), ARCHIVES[ending]
    if not head.startswith(magic) or (not magic and head.startswith(COMPRESSED)):
        raise InputError(f"{archive} is damaged, or is not the {ending} that its name says; create it again")


def _split_and_label(parts: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the split and the label of a path `…/[split/]label/file`."""
    if len(parts) < 2 or parts[-2].lower() in UNLABELLED_FOLDERS:
        return None
    split = split_name(parts[-3]) if len(parts) > 2 else None
    return split or "train", FOLDER_LABELS.get(parts[-2], label_name(Path(parts[-2])))


def _polarity_texts(file: Path) -> Iterator[tuple[str, str, str]]:
    for ending, label in POLARITY.items():
        half = file.with_suffix(ending)
        if not half.is_file():
            raise InputError(f"{file}: {half.name} is missing: expected both files in one folder")
        for line in read_text(half).split("\n"):
            if line.strip():
                yield "train", label, line.strip()


def _group(texts: Iterator[tuple[str, str, str]]) -> dict[str, LabelledTexts]:
    parts: dict[str, LabelledTexts] = {}
    for split, label, text in texts:
        inputs, labels = parts.setdefault(split, ([], []))
        inputs.append(text)
        labels.append(label)
    return parts
