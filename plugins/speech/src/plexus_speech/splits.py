"""Speaker-disjoint and official splits."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from plexus import InputError
from plexus.data.splits import split_rows
from plexus_speech.recordings import Recordings

TEST_SHARE, VAL_SHARE = 0.2, 0.1
"""Shares of the recordings, as near as whole speakers allow."""
MIN_SPEAKERS = 10
"""With so many training speakers the validation split is speaker-disjoint too."""
SHOWN_SPEAKERS = 5
MIN_REPETITIONS = 2
"""Labels that occur so often on average are in all splits; of texts that hardly ever repeat, each is in one split."""


class Splits(NamedTuple):
    """The splits of a data set of recordings.

    Attributes:
        parts: Recordings of `train`, `val` and `test`.
        protocol: How the test split was made, for the model card.

    Example:
        ```python
        parts, protocol = split_recordings(recordings, [], has_split_lists=False, method="auto", seed=0)
        ```
    """

    parts: dict[str, Recordings]
    protocol: str


def split_recordings(
    recordings: Recordings,
    official: Sequence[str],
    has_split_lists: bool,
    method: Literal["auto", "speakers", "official"],
    seed: int,
) -> Splits:
    """Split recordings.

    Args:
        recordings: The recordings.
        official: The official split of each recording: `train`, `val` or `test`; empty if there is none.
        has_split_lists: Whether the official splits are lists that come with the data, which `auto` follows.
        method: The value of the option `split`.
        seed: Random seed.

    Returns:
        The splits.

    Raises:
        InputError: If the method is `speakers` and the speakers are not known, or `official` and there are no official
            splits.
    """
    speakers = np.array(recordings.speakers)
    has_speakers = len(set(speakers.tolist()) - {""}) > 1
    if method == "speakers" and not has_speakers:
        raise InputError("--split speakers: the speakers are not known, or there is one only; use --split auto")
    if method == "official" and not has_train_and_test(official):
        raise InputError("--split official: the data has no official training and test split; use --split auto")
    if has_train_and_test(official) and (method == "official" or (method == "auto" and has_split_lists)):
        split, protocol = np.array(official, object), "on the official test recordings of the data set"
        if has_speakers and set(speakers[split == "test"].tolist()) & set(speakers[split == "train"].tolist()):
            protocol += ", by speakers of the training split"
    elif has_speakers:
        split = _split_groups(speakers, TEST_SHARE, seed)
        protocol = f"on speakers that are not in the training split: {_join_names(speakers[split == 'test'])}"
    else:
        split, protocol = np.full(len(speakers), "train", object), "on random recordings; the speakers are not known"
        split[_draw_rows(recordings.targets, TEST_SHARE, seed)] = "test"
    split = _with_validation(recordings, split, speakers, seed)
    return Splits({name: recordings.take(np.flatnonzero(split == name)) for name in ("train", "val", "test")}, protocol)


def has_train_and_test(official: Sequence[str]) -> bool:
    """Return whether official splits leave examples to train on and to test on.

    Args:
        official: The official split of each recording.

    Returns:
        Whether `train` and `test` occur.
    """
    return {"train", "test"} <= set(official)


def _draw_rows(targets: Sequence[str], share: float, seed: int) -> np.ndarray:
    """Draw random rows: a share of each label, or of texts that hardly ever repeat, all rows of some texts."""
    if MIN_REPETITIONS * len(set(targets)) <= len(targets):
        return split_rows(targets, share, seed)[1]
    return np.flatnonzero(_split_groups(np.array(targets), share, seed) == "test")


def _split_groups(groups: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Move random speakers or texts to the test split until it has that share of the recordings; one remains."""
    split = np.full(len(groups), "train", object)
    for group in np.random.default_rng(seed).permutation(np.unique(groups))[:-1]:
        split[groups == group] = "test"
        if np.mean(split == "test") >= share:
            break
    return split


def _with_validation(recordings: Recordings, split: np.ndarray, speakers: np.ndarray, seed: int) -> np.ndarray:
    """Split a validation split off the training split if there is none."""
    if (split == "val").any():
        return split
    train = np.flatnonzero(split == "train")
    if len(set(speakers[train].tolist())) >= MIN_SPEAKERS:
        rows = np.flatnonzero(_split_groups(speakers[train], VAL_SHARE, seed + 1) == "test")
    else:
        rows = _draw_rows([recordings.targets[i] for i in train.tolist()], VAL_SHARE, seed)
    completed = split.copy()
    completed[train[rows]] = "val"
    return completed


def _join_names(speakers: np.ndarray) -> str:
    names = sorted(set(speakers.tolist()))
    more = f" and {len(names) - SHOWN_SPEAKERS} more" if len(names) > SHOWN_SPEAKERS else ""
    return ", ".join(names[:SHOWN_SPEAKERS]) + more
