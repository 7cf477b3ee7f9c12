"""Who is kept for testing."""

from collections.abc import Sequence

import numpy as np

from plexus import InputError
from plexus.data.splits import split_rows
from plexus_speech.recordings import Recordings

TEST, VALIDATION = 0.2, 0.1
"""Shares of the recordings, as near as whole speakers allow."""
MANY_SPEAKERS = 10
"""From so many on, those of the validation split are not heard in training either."""


def split_recordings(
    recordings: Recordings, splits: Sequence[str], given: bool, wanted: str, seed: int
) -> tuple[dict[str, Recordings], str]:
    """Recordings in `train`, `val` and `test`, and the protocol in words.

    Args:
        splits: what the set itself says of each recording, if it says anything.
        given: whether these are lists that came with the data.
        wanted: `auto`, `speakers` or `official`.
        seed: of the choice.

    Raises:
        InputError: they cannot be divided as wanted.
    """
    speakers = np.array(recordings.speakers)
    known = len(set(speakers.tolist()) - {""}) > 1
    if wanted == "speakers" and not known:
        raise InputError("--split speakers: it is not known who speaks, or only one person does")
    if has_both_sides(splits) and (wanted == "official" or (wanted == "auto" and given)):
        side, protocol = np.array(splits, object), "on the recordings that the set itself keeps for testing"
        if known and set(speakers[side == "test"].tolist()) & set(speakers[side == "train"].tolist()):
            protocol += ", by speakers who are heard in training too"
    elif known:
        side = _by_speakers(speakers, TEST, seed)
        protocol = f"on speakers who are never heard in training: {_names(speakers[side == 'test'])}"
    else:
        protocol = "on recordings kept from training; who speaks is not known, and may be heard in both"
        side = np.full(len(speakers), "train", object)
        side[split_rows(recordings.labels, TEST, seed)[1]] = "test"
    rows = _with_validation(recordings, side, speakers, seed)
    return {name: recordings.take(rows[name]) for name in rows}, protocol


def has_both_sides(splits: Sequence[str]) -> bool:
    """Whether what a set says of its recordings leaves some to learn from and some to test on."""
    return {"train", "test"} <= set(splits)


def _by_speakers(speakers: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Speakers at random until they have that share of the recordings; never the last one left."""
    side = np.full(len(speakers), "train", object)
    for speaker in np.random.default_rng(seed).permutation(np.unique(speakers))[:-1]:
        side[speakers == speaker] = "test"
        if np.mean(side == "test") >= share:
            break
    return side


def _with_validation(
    recordings: Recordings, side: np.ndarray, speakers: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """The rows of each split; validation is taken off training if there is none."""
    train = np.flatnonzero(side == "train")
    if not (side == "val").any():
        if len(set(speakers[train].tolist())) >= MANY_SPEAKERS:
            held = np.flatnonzero(_by_speakers(speakers[train], VALIDATION, seed + 1) == "test")
        else:
            held = split_rows([recordings.labels[i] for i in train], VALIDATION, seed)[1]
        side = side.copy()
        side[train[held]] = "val"
    return {name: np.flatnonzero(side == name) for name in ("train", "val", "test")}


def _names(speakers: np.ndarray, shown: int = 5) -> str:
    names = sorted(set(speakers.tolist()))
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")
