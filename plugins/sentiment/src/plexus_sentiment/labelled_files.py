"""Labelled texts from folders, archives and pairs of files, whose paths hold the labels."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from plexus import Findings, InputError
from plexus.data.archives import archive_files
from plexus.data.findings import Counted
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
OUTSIDE = Counted(
    "text is in no folder of a label and was left out", "texts are in no folder of a label and were left out"
)
POLARITY = {".neg": "negative", ".pos": "positive"}
FOLDER_LABELS = {"neg": "negative", "pos": "positive"}
NOT_TEXT = Counted("file that is not text was dropped", "files that are not text were dropped")
OTHER_FILES = TEXTS.other_files


class _Member(NamedTuple):
    """A text of a folder or an archive: its name for messages, the parts of its path, and its content."""

    name: str
    parts: tuple[str, ...]
    read: Callable[[], bytes]


LabelledTexts = tuple[list[str], list[str]]
"""Texts, and the label of each."""


def read_folder(folder: Path, findings: Findings) -> dict[str, LabelledTexts]:
    """Read a folder with one sub-folder per label, with sub-folders of splits, or with `NAME.pos` and `NAME.neg`.

    Folders of splits lie above those of the labels, or in all of them.

    Args:
        folder: The folder.
        findings: Collects files that are not text.

    Returns:
        Texts and labels by split.

    Raises:
        InputError: If `NAME.pos` or `NAME.neg` is missing.
    """
    polarity = sorted(folder.glob("*.neg"))
    return (
        read_polarity(polarity[0]) if polarity else _group(_texts(folder, _folder_members(folder, findings), findings))
    )


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
    return _group(_texts(archive, _archive_members(archive, findings), findings))


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


def _folder_members(folder: Path, findings: Findings) -> Iterator[_Member]:
    for file in _text_files(folder, findings):
        yield _Member(str(file), file.relative_to(folder).parts, partial(_read_bytes, file))


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


def _archive_members(archive: Path, findings: Findings) -> Iterator[_Member]:
    _require_suffix(archive)
    others: list[str] = []
    count = 0
    for name, content in archive_files(archive, lambda name: _is_text_file(name, others)):
        count += 1
        yield _Member(f"{archive}:{name}", PurePosixPath(name).parts, partial(bytes, content))
    if not count:
        raise _no_texts(archive, others)
    for name in others:
        findings.remark(OTHER_FILES, f"{archive}:{name}")


def _texts(place: Path, members: Iterable[_Member], findings: Findings) -> Iterator[tuple[str, str, str]]:
    """Read the texts whose folders say their labels: `[SPLIT/]LABEL/FILE`, or else `LABEL/SPLIT/FILE`."""
    above: dict[str, tuple[str, ...]] = {}
    below: list[_Member] = []
    has_labels = False
    for member in members:
        split, label = _split_and_label(member.parts)
        if label:
            has_labels = True
            if split:
                _require_one_place(place, above, split, member.parts[:-3])
            yield from _read_text(member, split or "train", label, findings)
        elif split and len(member.parts) > 2:
            below.append(member)
        else:
            findings.remark(OUTSIDE, member.name)
    for member in below:
        if has_labels:
            findings.remark(OUTSIDE, member.name)
        else:
            label, folder, _ = member.parts[-3:]
            _require_one_place(place, above, split_name(folder) or "train", member.parts[:-3])
            yield from _read_text(member, split_name(folder) or "train", _label(label), findings)


def _require_one_place(place: Path, above: dict[str, tuple[str, ...]], split: str, folders: tuple[str, ...]) -> None:
    """Refuse the same split in several folders, as that of several folds: its texts would be mixed."""
    other = above.setdefault(split, folders)
    if other != folders:
        names = " and ".join("/".join(parts) or "the top" for parts in (other, folders))
        raise InputError(f"{place}: {names} both have the split {split}, as several folds do: use one of them")


def _read_text(member: _Member, split: str, label: str, findings: Findings) -> Iterator[tuple[str, str, str]]:
    try:
        yield split, label, decode_text(member.read(), member.name, findings)
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            raise
        findings.add(NOT_TEXT, str(error))


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
    ending = next(ending for ending in ARCHIVES if archive.name.lower().endswith(ending))
    head, magic = read_head(archive), ARCHIVES[ending]
    if not head.startswith(magic) or (not magic and head.startswith(COMPRESSED)):
        raise InputError(f"{archive} is damaged, or is not the {ending} that its name says; create it again")


def _split_and_label(parts: tuple[str, ...]) -> tuple[str | None, str]:
    """Return the split and the label of a path `…/[split/]label/file`; the label is empty if there is none."""
    if len(parts) < 2 or parts[-2].lower() in UNLABELLED_FOLDERS:
        return split_name(parts[-2]) if len(parts) > 1 else None, ""
    return split_name(parts[-3]) if len(parts) > 2 else None, _label(parts[-2])


def _label(folder: str) -> str:
    return FOLDER_LABELS.get(folder, label_name(Path(folder)))


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
