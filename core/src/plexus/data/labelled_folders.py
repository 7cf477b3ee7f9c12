"""Folders whose sub-folders are labels, with or without a folder for each split."""

import os
from collections.abc import Collection
from pathlib import Path

from plexus.data.findings import Counted, Findings
from plexus.data.folders import FileKind, FolderWalk
from plexus.data.splits import SPLIT_NAMES, split_name
from plexus.errors import InputError
from plexus.utils.messages import note

LabelledFiles = list[tuple[Path, str]]
"""Files, and the label of each."""
OTHER_FOLDER = Counted(
    "folder next to those of the splits was left out", "folders next to those of the splits were left out"
)


def find_labelled_files(
    folder: Path, kind: FileKind, findings: Findings, no_label: str = ".", target: str = "label"
) -> dict[str, LabelledFiles]:
    """Find files in one sub-folder per label, or in such sub-folders of one folder per split.

    A folder of a split has sub-folders and any of the common names (`SPLIT_NAMES`), in upper or lower case. If there is
    one split only, it is all of the data, and returned as `train`. Folders of splits may also lie in those of the
    labels, `LABEL/SPLIT/FILE`, if all files are in such a folder.

    Args:
        folder: The folder.
        kind: The kind of files.
        findings: Collects what is left out.
        no_label: Folders whose name begins with this are no labels.
        target: What a label is, for messages: `person`.

    Returns:
        Files and labels by split. The labels are the names of folders.

    Raises:
        InputError: If there are no labels, a label has no files, folders of splits lie elsewhere, as in several folds,
            or a folder or a file may not be read.
    """
    reader = _LabelReader(kind, no_label, target)
    parts = reader.read(folder)
    findings.extend(reader.walk.findings)
    if len(parts) == 1 and "train" not in parts:
        split, labelled = parts.popitem()
        note(f"{folder}: {split} is its only split, so that it is all of the data")
        return {"train": labelled}
    return parts


def label_name(folder: Path) -> str:
    r"""Return the label that a folder stands for.

    Args:
        folder: The folder.

    Returns:
        Its name; bytes of it that are not UTF-8 are escaped, as `\xff`.
    """
    return os.fsencode(folder.name).decode(errors="backslashreplace")


class _LabelReader:
    def __init__(self, kind: FileKind, no_label: str, target: str) -> None:
        self.kind, self.no_label, self.target, self.walk = kind, no_label, target, FolderWalk(kind)

    def read(self, folder: Path) -> dict[str, LabelledFiles]:
        if not self.walk.folders(folder):
            raise self._no_sub_folders(folder)
        splits = self._split_folders(folder)
        if not splits:
            self._require_labels(folder)
            return _follow_splits_below(folder, self._labelled(folder))
        parts: dict[str, LabelledFiles] = {}
        for child in self.walk.children(folder):
            if child.path in splits:
                split, labels = splits[child.path], self._unwrapped(child.path, splits[child.path])
                labelled = self._labelled(labels)
                _require_no_other_split(labels, labelled, split)
                parts.setdefault(split, []).extend(labelled)
            elif child.is_folder:
                self._leave_out(child.path)
            else:
                self._count_outside(child.path)
        return parts

    def _split_folders(self, folder: Path) -> dict[Path, str]:
        """Return the folders of splits: by their names, or by a part of their names if one is for training."""
        folders = [path for path in self.walk.folders(folder) if self.walk.folders(path)]
        splits = _splits_of([path.name for path in folders])
        return {path: splits[path.name] for path in folders if path.name in splits}

    def _require_labels(self, folder: Path) -> None:
        """Refuse folders of splits that have no labels: they are no labels themselves."""
        folders = self.walk.folders(folder)
        if all(split_name(path.name) for path in folders):
            raise self._no_sub_folders(folders[0])

    def _no_sub_folders(self, folder: Path) -> InputError:
        return InputError(
            f"{folder} has no sub-folders: expected one sub-folder per {self.target}, with its {self.kind.name}"
        )

    def _unwrapped(self, folder: Path, split: str) -> Path:
        """Return the folder of the labels: some archives have `seg_train/seg_train/`."""
        folders = self.walk.folders(folder)
        while len(folders) == 1 and split_name(folders[0].name, part=True) == split and self.walk.folders(folders[0]):
            folder, folders = folders[0], self.walk.folders(folders[0])
        return folder

    def _leave_out(self, folder: Path) -> None:
        if split_name(folder.name, part=True):
            reason = f"has no sub-folders: expected one per {self.target}"
        else:
            reason = f"is not named like a split ({', '.join(SPLIT_NAMES)}): rename it, or move it away"
        self.walk.findings.add(OTHER_FOLDER, f"{folder} {reason}")

    def _labelled(self, folder: Path) -> LabelledFiles:
        labelled: LabelledFiles = []
        for child in self.walk.children(folder):
            if not child.is_folder:
                self._count_outside(child.path)
            elif child.path.name.startswith(self.no_label):
                no_label = Counted(
                    f"folder is no {self.target} and was left out", f"folders are no {self.target}s and were left out"
                )
                self.walk.findings.remark(no_label, str(child.path))
            else:
                files = list(self.walk.files(child.path))
                if not files:
                    raise self.walk.nothing_in(child.path, f"fill the {self.target}'s folder, or remove it")
                labelled += [(file, label_name(child.path)) for file in files]
        return labelled

    def _count_outside(self, file: Path) -> None:
        usable = self.walk.classify(file)
        if usable is False:
            self.walk.findings.remark(self.kind.other_files, str(file))
        else:
            outside = Counted(
                f"{self.kind.singular} is in no folder of a {self.target} and was left out",
                f"{self.kind.name} are in no folder of a {self.target} and were left out",
            )
            self.walk.findings.add(outside, f"{file} is in no folder of a {self.target}")


def _splits_of(names: Collection[str]) -> dict[str, str]:
    """Return the splits that names of folders stand for; a part of a name counts if there is one for training."""
    splits = {name: split for name in names if (split := split_name(name, part=True))}
    is_exact = any(split_name(name) for name in names)
    return splits if is_exact or ("train" in splits.values() and len(splits) > 1) else {}


def _follow_splits_below(folder: Path, labelled: LabelledFiles) -> dict[str, LabelledFiles]:
    """Split files by the folders in those of the labels: `LABEL/SPLIT/FILE`."""
    inner = _inner_folders(folder, labelled)
    splits = _splits_of({name for names in inner.values() for name in names})
    if not splits:
        return {"train": labelled}
    _require_split_each(folder, inner, splits)
    parts: dict[str, LabelledFiles] = {}
    for file, label in labelled:
        parts.setdefault(splits[inner[file.parent][0]], []).append((file, label))
    return parts


def _require_split_each(folder: Path, inner: dict[Path, tuple[str, ...]], splits: dict[str, str]) -> None:
    """Refuse folders of files that are not `LABEL/SPLIT`, if some are below one."""
    for place, names in inner.items():
        if names[:1] and names[0] in splits and len(names) > 1:
            above = folder / place.relative_to(folder).parts[0]
            raise InputError(
                f"{above} has a folder of a split with sub-folders, {names[0]}: if it is one of several folds, name it "
                f"instead of {folder}; else rename {above / names[0]}"
            )
        if not names or names[0] not in splits:
            example = next(path for path, names in inner.items() if splits.keys() & names)
            raise InputError(
                f"{place} is no LABEL/SPLIT, although {example} is named like a split: expected LABEL/SPLIT/FILE or "
                "SPLIT/LABEL/FILE for all files: move them, or rename what is no split"
            )


def _require_no_other_split(folder: Path, labelled: LabelledFiles, split: str) -> None:
    for place, names in _inner_folders(folder, labelled).items():
        if any(split_name(name) not in {None, split} for name in names):
            raise InputError(f"{place} is named like a split in a folder of another ({split}): rename it, or move it")


def _inner_folders(folder: Path, labelled: LabelledFiles) -> dict[Path, tuple[str, ...]]:
    """Return the folders that hold files, with the names of the folders between the label and the files."""
    places = dict.fromkeys(file.parent for file, _ in labelled)
    return {place: place.relative_to(folder).parts[1:] for place in places}
