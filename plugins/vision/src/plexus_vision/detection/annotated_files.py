"""The files of a data set of boxes: images and annotations."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from plexus import Findings
from plexus.data.folders import FileKind, FolderWalk
from plexus.data.image_formats import SUFFIXES, classify_image
from plexus.data.splits import split_name

ANNOTATION_SUFFIXES = {".xml", ".json", ".yaml", ".yml", ".txt", ".names", ".csv", ".tsv"}
IMAGE_SUFFIXES = SUFFIXES | {".heic", ".heif"}
_KIND = FileKind("image or annotation files", IMAGE_SUFFIXES | ANNOTATION_SUFFIXES, classify_image)


class AnnotatedFiles:
    """The images and annotation files of a folder.

    Args:
        path: The folder; or one annotation file, whose images lie in its folder, or in the folder above if its own is
            named `annotations`.
        findings: Receives what is left out.

    Attributes:
        folder: The folder.
        images: The images in the folder and its sub-folders, sorted.
        is_file: Whether one annotation file is read.

    Example:
        ```python
        files = AnnotatedFiles(Path("bccd"), findings)
        files.find_image("BloodImage_00001", near=files.annotations({".xml"})[0])
        ```
    """

    def __init__(self, path: Path, findings: Findings) -> None:
        self.is_file = path.is_file()
        self.folder = path
        if self.is_file:
            self.folder = path.parent.parent if path.parent.name.lower() == "annotations" else path.parent
        walk = FolderWalk(_KIND)
        files = list(walk.files(self.folder))
        findings.extend(walk.findings)
        self.images = [file for file in files if file.suffix.lower() not in ANNOTATION_SUFFIXES]
        self._texts = [file for file in files if file.suffix.lower() in ANNOTATION_SUFFIXES]
        self._annotations = [path] if self.is_file else self._texts
        self._by_stem = _group(self.images)
        self._texts_by_stem = _group([file for file in self._texts if file.suffix.lower() == ".txt"])

    def annotations(self, suffixes: Collection[str]) -> list[Path]:
        """Return annotation files.

        Args:
            suffixes: Their suffixes, in lower case.

        Returns:
            The files, sorted; the one that was named, if one was.
        """
        return [file for file in self._annotations if file.suffix.lower() in suffixes]

    def find_text(self, name: str) -> Path | None:
        """Return a text file by its name, in the folder or below.

        Args:
            name: Its name in lower case.

        Returns:
            The first such file; None if there is none.
        """
        return next((file for file in self._texts if file.name.lower() == name), None)

    def find_image(self, name: str, near: Path) -> Path:
        """Return the image that an annotation names.

        Only files of the folder are returned: a name that leads elsewhere opens nothing.

        Args:
            name: Its name or path; a suffix that the file does not have is ignored, like upper and lower case.
            near: The annotation file: of several such images, one in the same or a similar folder is returned.

        Returns:
            The image. If there is none, a path that does not exist.
        """
        parts = PurePosixPath(name.replace("\\", "/")).parts or ("",)
        candidates = self._by_stem.get(image_stem(parts[-1]), [])
        if self.is_file and not candidates:
            return near.parent / name  # a file that the user names may list images elsewhere
        if not candidates:
            return near.parent / parts[-1]
        return max(candidates, key=lambda file: self.agreement(file, name, near))

    def agreement(self, image: Path, name: str, near: Path) -> tuple[int, ...]:
        """Return how well an image agrees with an annotation.

        Args:
            image: The image.
            name: Its name or path in the annotation.
            near: The annotation file.

        Returns:
            Numbers to be compared in order: equal parts at the end of the path, whether the split is that of the
            annotation file, whether they are in one folder, folders of the same name, and equal upper and lower case.
        """
        parts = PurePosixPath(name.replace("\\", "/")).parts or ("",)
        split = split_name(near.stem, part=True)  # of `instances_train.json`
        is_of_split = split is not None and self.split_of(image) == split
        is_same = _stem(image.name) == _stem(parts[-1])
        return _common_end(image.parts, parts), int(is_of_split), *_common_parts(image, near), int(is_same)

    def find_label_file(self, image: Path) -> Path | None:
        """Return the `.txt` of an image, in the same folder or in a similar one: `images/train`, `labels/train`.

        Args:
            image: The image.

        Returns:
            The file; None if there is none, or if it is that of another image with the same name: if an image has no
            `labels/train/1.txt`, `labels/val/1.txt` is not its.
        """
        stem = image_stem(image.name)
        file = max(self._texts_by_stem.get(stem, []), key=lambda file: _label_agreement(image, file), default=None)
        if file is None:
            return None
        best = max(_label_agreement(other, file) for other in self._by_stem[stem])
        return file if _label_agreement(image, file) == best else None

    def other_label_files(self, label_files: Collection[Path]) -> list[Path]:
        """Return the `.txt` files next to label files that belong to no image.

        Args:
            label_files: The label files of images.

        Returns:
            The files, sorted.
        """
        folders = {file.parent for file in label_files}
        stems = sorted(self._texts_by_stem.keys() - self._by_stem.keys())
        return sorted(file for stem in stems for file in self._texts_by_stem[stem] if file.parent in folders)

    def split_of(self, *files: Path) -> str | None:
        """Return the split that folders stand for.

        Args:
            *files: Files in the folder, the most important one first.

        Returns:
            `train`, `val` or `test`; None if no folder is named like one.
        """
        for file in files:
            if file.is_relative_to(self.folder):
                for name in reversed(file.relative_to(self.folder).parts[:-1]):
                    if split := split_name(name, part=True):
                        return split
        return None

    def describe(self, file: Path) -> str:
        """Return the path of a file for messages, relative to the folder.

        Args:
            file: A file in the folder.

        Returns:
            The path.
        """
        return str(file.relative_to(self.folder)) if file.is_relative_to(self.folder) else str(file)


def image_stem(name: str) -> str:
    """Return the name by which images and annotations are matched.

    Args:
        name: Name of a file, without folders.

    Returns:
        The name without the suffix of an image or a label file, in lower case; `a.v2` has none. Letters with accents
        are composed: macOS writes them in two parts.
    """
    return _stem(name).casefold()


def _stem(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and f".{suffix.casefold()}" in IMAGE_SUFFIXES | {".txt"} else name


def _label_agreement(image: Path, file: Path) -> tuple[int, ...]:
    return *_common_parts(image, file), int(_stem(image.name) == _stem(file.name))


def _group(files: Sequence[Path]) -> dict[str, list[Path]]:
    groups = defaultdict(list)
    for file in files:
        groups[image_stem(file.name)].append(file)
    return dict(groups)


def _common_end(path: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts of two paths are equal, counted from the end."""
    count = 0
    for part, other_part in zip(reversed(path), reversed(other), strict=False):
        if part != other_part:
            break
        count += 1
    return count


def _common_parts(file: Path, other: Path) -> tuple[int, int]:
    """Return whether two files are in one folder, and how many folders above them have the same name."""
    return int(file.parent == other.parent), len(set(file.parts[:-1]) & set(other.parts[:-1]))
