"""Images that occur more than once."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from plexus import Findings
from plexus.data.findings import Counted
from plexus_medical.source_images import SourceImages

REPEATED = Counted(
    "training image repeats another one pixel by pixel and was dropped",
    "training images repeat others pixel by pixel and were dropped",
)
REPEATED_IN_VAL = Counted(
    "validation image repeats a training image pixel by pixel and was dropped",
    "validation images repeat training images pixel by pixel and were dropped",
)
IN_TEST = Counted(
    "training image is in the official test split, too, and was dropped",
    "training images are in the official test split, too, and were dropped",
)
TWO_LABELS = Counted(
    "image occurs with both labels and was dropped, with all its repeats",
    "images occur with both labels and were dropped, with all their repeats",
)
REPEATED_IN_TEST = Counted(
    "image of the official test split repeats another one of it", "images of the official test split repeat others"
)
_LEARNING = ("train", "val")


def remove_repeats(parts: Mapping[str, SourceImages], findings: Findings) -> dict[str, SourceImages]:
    """Drop images for training whose pixels occur before, or in the official test split.

    One image of each group of repeats remains. If its images have different labels, one of these is wrong and nothing
    says which: all of them are dropped, as in the studies of errors in labels (Northcutt, Jiang, Chuang 2021,
    arXiv:1911.00068, which prunes doubtful examples instead of correcting them). The official test split stays as it
    was published. Patients who share an image become one: probably they are one person with two numbers.

    Args:
        parts: Images by split, `train`, `val` and `test` of which one or two may be missing.
        findings: Counts and names what is dropped.

    Returns:
        The images that remain, by split.

    Raises:
        InputError: In strict mode, if there are repeats.
    """
    parts = _with_joint_patients(parts)
    search = _RepeatSearch(parts, findings)
    remaining: dict[str, SourceImages] = {}
    for split in _LEARNING:
        if split in parts:
            remaining[split] = parts[split].take(search.remaining(split))
    if "test" in parts:
        remaining["test"] = parts["test"]
        _remark_repeats(parts["test"], findings)
    return remaining


class _RepeatSearch:
    """The search for repeats among the images for training, in the order `train`, `val`.

    Args:
        parts: Images by split.
        findings: Counts and names the repeats.
    """

    def __init__(self, parts: Mapping[str, SourceImages], findings: Findings) -> None:
        self.parts, self.findings = parts, findings
        self.in_test = set(parts["test"].digests) if "test" in parts else set()
        self.first: dict[bytes, str] = {}
        self.labels: dict[bytes, set[str]] = defaultdict(set)
        self.names: dict[bytes, list[str]] = defaultdict(list)
        for split in _LEARNING:
            for name, digest, label in _rows(parts.get(split)):
                self.labels[digest].add(label)
                self.names[digest].append(name)

    def remaining(self, split: str) -> list[int]:
        """Return the rows of a split that are no repeats of an earlier image; the others are counted.

        Args:
            split: `train`, then `val`.

        Returns:
            The rows.
        """
        return [
            row for row, (name, digest, _) in enumerate(_rows(self.parts[split])) if self._is_new(name, digest, split)
        ]

    def _is_new(self, name: str, digest: bytes, split: str) -> bool:
        if digest in self.in_test:
            self.findings.add(IN_TEST, f"{name} is in the test split, too")
        elif len(self.labels[digest]) > 1:
            if digest not in self.first:
                labels = " and ".join(sorted(self.labels[digest]))
                self.findings.add(TWO_LABELS, f"{' = '.join(self.names[digest])} ({labels})")
        elif digest in self.first:
            what = REPEATED if split == "train" else REPEATED_IN_VAL
            self.findings.add(what, f"{name} = {self.first[digest]}")
        else:
            self.first[digest] = name
            return True
        self.first.setdefault(digest, name)
        return False


def _rows(images: SourceImages | None) -> list[tuple[str, bytes, str]]:
    return [] if images is None else list(zip(images.names, images.digests, images.examples.targets, strict=True))


def _remark_repeats(images: SourceImages, findings: Findings) -> None:
    first: dict[bytes, str] = {}
    for name, digest, _ in _rows(images):
        if digest in first:
            findings.remark(REPEATED_IN_TEST, f"{name} = {first[digest]}")
        first.setdefault(digest, name)


def _with_joint_patients(parts: Mapping[str, SourceImages]) -> dict[str, SourceImages]:
    """Give patients who share an image one number, over all splits."""
    leaders: dict[int, int] = {}

    def leader(patient: int) -> int:
        while leaders.get(patient, patient) != patient:
            patient = leaders[patient]
        return patient

    first: dict[bytes, int] = {}
    for images in parts.values():
        for digest, patient in zip(images.digests, images.examples.patients.tolist(), strict=True):
            low, high = sorted((leader(first.setdefault(digest, patient)), leader(patient)))
            leaders[high] = low
    return {
        split: images.with_examples(
            images.examples.with_patients(np.array([leader(patient) for patient in images.examples.patients.tolist()]))
        )
        for split, images in parts.items()
    }
