"""Labelled recordings of words."""

from collections import Counter
from pathlib import Path
from typing import Any

from plexus import InputError, SupervisedDataset
from plexus.data.findings import Findings
from plexus.data.named import NamedDataset, locate
from plexus.utils.messages import note
from plexus_speech.audio import rate_of
from plexus_speech.division import has_both_sides, split_recordings
from plexus_speech.layouts import Layout, of_path
from plexus_speech.options import CommandsOptions
from plexus_speech.recordings import UNKNOWN, Recordings

MOST_HERTZ = 16_000
LONGEST = 2.0
"""Seconds of speech that can be one word."""
LOOKED_AT = 200
"""Files whose rate is looked at."""


def read_commands(options: CommandsOptions) -> SupervisedDataset:
    """Words, and who said them, in three splits.

    Raises:
        InputError: the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    layout, licence = layout_of(options.data)
    recordings, splits = loaded(layout, options.rate, LONGEST, findings)
    _keep_words(recordings, options.words)
    _require_words(recordings, options.data)
    parts, protocol = split_recordings(recordings, splits, layout.given, options.split, options.seed)
    note(f"its test split: {protocol}")
    return SupervisedDataset(
        parts,
        options.seed,
        findings,
        licence,
        protocol=protocol,
        whole=None if layout.given and has_both_sides(splits) else recordings,
    )


def layout_of(data: str) -> tuple[Layout, str]:
    """How a set lies, and its licence.

    Raises:
        InputError: there is none, or it lies as none that is known.
    """
    place = locate(data)
    if isinstance(place, Path):
        return of_path(place), "not stated"
    return _of_named(place), place.licence


def loaded(layout: Layout, rate: int | None, longest: float, findings: Findings) -> tuple[Recordings, list[str]]:
    """The recordings that can be used, and what the set says of each.

    Args:
        rate: of the samples; None: by the data.
        longest: seconds of speech in one.
    """
    rate = rate or common_rate([raw for raw, *_ in layout.listed])
    recordings, kept = Recordings.load(layout.listed, rate, longest, findings)
    return recordings, [layout.splits[i] for i in kept] if layout.splits else []


def common_rate(raws: list[Any]) -> int:
    """The lowest rate of the recordings, which all of them have; 16,000 at most."""
    rates = []
    for raw in raws[:: max(len(raws) // LOOKED_AT, 1)]:
        try:
            rates.append(rate_of(raw))
        except InputError:
            continue  # whoever reads it whole says so
    return min([MOST_HERTZ, *rates])


def _of_named(named: NamedDataset) -> Layout:
    if named.embedded:
        sounds, labels = named.embedded()["train"]
        return Layout([(sound, label, sound.name.split("_")[1]) for sound, label in zip(sounds, labels, strict=True)])
    folder = named.fetch()
    unpacked = next(folder.glob("*/recordings"), None)  # an archive brings a folder of its own
    return of_path(folder if unpacked is None else unpacked)


def _keep_words(recordings: Recordings, words: str | None) -> None:
    """Name all other words unknown."""
    if words is None:
        return
    wanted = {word.strip() for word in words.split(",")}
    missing = sorted(wanted - set(recordings.labels))
    if missing:
        raise InputError(f"--words: nobody says {missing[0]!r}; there are {', '.join(sorted(set(recordings.labels)))}")
    recordings.labels = [label if label in wanted else UNKNOWN for label in recordings.labels]


def _require_words(recordings: Recordings, data: str) -> None:
    counts = Counter(recordings.labels)
    counts.pop(UNKNOWN, None)
    if not counts:
        raise InputError(f"--data {data}: there are no recordings to learn from")
    if len(counts) < 2:
        raise InputError(f"--data {data}: there is one word only, {next(iter(counts))!r}; two or more are wanted")
    rare, count = min(counts.items(), key=lambda item: item[1])
    if count < 3:
        raise InputError(f"--data {data}: word {rare!r} has {count} recordings; three or more are wanted")
