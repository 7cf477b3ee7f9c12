"""Folders whose sub-folders are labels, with or without a folder for each split."""

import os
from pathlib import Path

from plexus.data.findings import Findings
from plexus.data.folders import FileKind, FolderWalk
from plexus.data.splits import SPLIT_NAMES, split_name
from plexus.errors import InputError
from plexus.utils.messages import note

LabelledFiles = list[tuple[Path, str]]
"""Files, and the label of each."""


def find_labelled_files(
    folder: Path, kind: FileKind, findings: Findings, no_label: str = "."
) -> dict[str, LabelledFiles]:
    """Find files in one sub-folder per label, or in such sub-folders of one folder per split.

    A folder of a split has sub-folders and any of the common names (`SPLIT_NAMES`), in upper or lower case. If there is
    one split only, it is all of the data, and returned as `train`.

    Args:
        folder: The folder.
        kind: The kind of files.
        findings: Collects what is left out.
        no_label: Folders whose name begins with this are no labels.

    Returns:
        Files and labels by split. The labels are the names of folders.

    Raises:
        InputError: If there are no labels, a label has no files, or a folder or a file may not be read.
    """
    reader = _LabelReader(kind, no_label)
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
    def __init__(self, kind: FileKind, no_label: str) -> None:
        self.kind, self.no_label, self.walk = kind, no_label, FolderWalk(kind)

    def read(self, folder: Path) -> dict[str, LabelledFiles]:
        if not self.walk.folders(folder):
            raise InputError(
                f"{folder} has no sub-folders: expected one sub-folder per label, with its {self.kind.name}"
            )
        splits = self._split_folders(folder)
        if not splits:
            self._require_labels(folder)
            return {"train": self._labelled(folder)}
        parts: dict[str, LabelledFiles] = {}
        for child in self.walk.children(folder):
            if child.path in splits:
                split = splits[child.path]
                parts.setdefault(split, []).extend(self._labelled(self._unwrapped(child.path, split)))
            elif child.is_folder:
                self._leave_out(child.path)
            else:
                self._count_outside(child.path)
        return parts

    def _split_folders(self, folder: Path) -> dict[Path, str]:
        """Return the folders of splits: by their names, or by a part of their names if one is for training."""
        folders = [path for path in self.walk.folders(folder) if self.walk.folders(path)]
        exact = {path for path in folders if split_name(path.name)}
        splits = {path: split for path in folders if (split := split_name(path.name, part=True))}
        return splits if exact or ("train" in splits.values() and len(splits) > 1) else {}

    def _require_labels(self, folder: Path) -> None:
        """Refuse folders of splits that have no labels: they are no labels themselves."""
        folders = self.walk.folders(folder)
        if all(split_name(path.name) for path in folders):
            raise InputError(
                f"{folders[0]} has no sub-folders: expected one sub-folder per label, with its {self.kind.name}"
            )

    def _unwrapped(self, folder: Path, split: str) -> Path:
        """Return the folder of the labels: some archives have `seg_train/seg_train/`."""
        folders = self.walk.folders(folder)
        while len(folders) == 1 and split_name(folders[0].name, part=True) == split and self.walk.folders(folders[0]):
            folder, folders = folders[0], self.walk.folders(folders[0])
        return folder

    def _leave_out(self, folder: Path) -> None:
        if split_name(folder.name, part=True):
            reason = "has no sub-folders: expected one per label"
        else:
            reason = f"is not named like a split ({', '.join(SPLIT_NAMES)}): rename it, or move it away"
        self.walk.findings.add("folders next to those of the splits were left out", f"{folder} {reason}")

    def _labelled(self, folder: Path) -> LabelledFiles:
        labelled: LabelledFiles = []
        for child in self.walk.children(folder):
            if not child.is_folder:
                self._count_outside(child.path)
            elif child.path.name.startswith(self.no_label):
                self.walk.findings.remark("folders are no labels and were left out", str(child.path))
            else:
                files = list(self.walk.files(child.path))
                if not files:
                    raise self.walk.nothing_in(child.path, "fill the label's folder, or remove it")
                labelled += [(file, label_name(child.path)) for file in files]
        return labelled

    def _count_outside(self, file: Path) -> None:
        verdict = self.walk.classify(file)
        if verdict is False:
            self.walk.findings.remark(f"files are no {self.kind.name} and were left out", str(file))
        else:
            self.walk.findings.add(
                f"{self.kind.name} are in no folder of a label and were left out", f"{file} is in no folder of a label"
            )
