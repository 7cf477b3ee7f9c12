"""Datasets of spoken words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from plexus import Examples, Findings, InputError, NamedDataset, SupervisedDataset
from plexus.tasks.classification import LabelledDataset
from plexus.utils.messages import note
from plexus_speech.audio import RawRecording, sampling_rate
from plexus_speech.corpus import Corpus, read_word_corpus
from plexus_speech.options import CommandOptions
from plexus_speech.recordings import UNKNOWN, LabelledRecording, Recordings
from plexus_speech.splits import has_train_and_test, split_recordings

MAX_RATE = 16_000
MAX_SECONDS = 2.0
"""Longest speech in the recording of one word."""
MAX_HEADERS = 200
"""Files whose header is read to find the sampling rate."""
MIN_PER_WORD = 3


class LicensedCorpus(NamedTuple):
    """A corpus and its licence.

    Attributes:
        corpus: The corpus.
        licence: The licence, for the model card.

    Example:
        ```python
        corpus, licence = read_corpus(task.locate("fsdd"), Findings())
        ```
    """

    corpus: Corpus
    licence: str


def load_dataset(place: Path | NamedDataset, options: CommandOptions) -> LabelledDataset:
    """Read words and their speakers.

    Args:
        place: A named data set, or a path as for `read_word_corpus`.
        options: The options.

    Returns:
        The dataset, whose splits are `Recordings`.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    corpus, licence = read_corpus(place, findings)
    recordings, official = read_recordings(corpus, options.rate, MAX_SECONDS, findings)
    recordings = _keep_words(recordings, options.words)
    _check_words(recordings, options, findings)
    parts, protocol = split_recordings(recordings, official, corpus.has_split_lists, options.split, options.seed)
    _check_splits(parts, options.data)
    note(f"test split: {protocol}")
    return SupervisedDataset[Examples[str]](
        parts,
        options.seed,
        findings,
        licence,
        evaluation_protocol=protocol,
        whole=None if corpus.has_split_lists and has_train_and_test(official) else recordings,
    )


def read_corpus(place: Path | NamedDataset, findings: Findings) -> LicensedCorpus:
    """List the recordings of a named data set or a path.

    Args:
        place: A named data set, or a path as for `read_word_corpus`.
        findings: Collects what is left out.

    Returns:
        The corpus and its licence.

    Raises:
        InputError: If the path has no known layout.
    """
    if isinstance(place, Path):
        return LicensedCorpus(read_word_corpus(place, findings), "not stated")
    if place.embedded is not None:
        waveforms, labels = place.embedded()["train"]
        pairs = zip(waveforms, [] if labels is None else labels, strict=True)
        recordings = [LabelledRecording(waveform, str(label), waveform.name.split("_")[1]) for waveform, label in pairs]
        return LicensedCorpus(Corpus(recordings), place.licence)
    folder = place.fetch()
    unpacked = next(folder.glob("*/recordings"), None)  # an archive has a folder of its own
    return LicensedCorpus(read_word_corpus(folder if unpacked is None else unpacked, findings), place.licence)


def read_recordings(
    corpus: Corpus, rate: int | None, max_seconds: float, findings: Findings
) -> tuple[Recordings, list[str]]:
    """Read the recordings of a corpus.

    Args:
        corpus: The corpus.
        rate: Sampling rate to resample to, in hertz; None for that of the data.
        max_seconds: Longest speech in one recording.
        findings: Collects what was dropped.

    Returns:
        The usable recordings, and the official split of each; an empty list if there is none.
    """
    rate = rate or common_rate([recording for recording, _, _ in corpus.recordings])
    recordings, rows = Recordings.read(corpus.recordings, rate, max_seconds, findings)
    return recordings, [corpus.splits[row] for row in rows] if corpus.splits else []


def common_rate(recordings: Sequence[RawRecording]) -> int:
    """Return the lowest sampling rate of recordings.

    Args:
        recordings: Files or waveforms; of many, some are opened.

    Returns:
        The rate in hertz, at most `MAX_RATE`.
    """
    rates = [MAX_RATE]
    for recording in recordings[:: max(len(recordings) // MAX_HEADERS, 1)]:
        try:
            rates.append(sampling_rate(recording))
        except InputError:
            continue  # it is reported when it is read
    return min(rates)


def _keep_words(recordings: Recordings, words: str | None) -> Recordings:
    """Label all words that are not in the list as unknown."""
    if words is None:
        return recordings
    listed = {word.strip() for word in words.split(",")}
    missing = sorted(listed - set(recordings.targets))
    if missing:
        available = ", ".join(sorted(set(recordings.targets)))
        raise InputError(f"--words: there are no recordings of {missing[0]!r}; there are {available}")
    return replace(recordings, targets=[word if word in listed else UNKNOWN for word in recordings.targets])


def _check_splits(parts: Mapping[str, Recordings], data: str) -> None:
    for name in ("train", "val", "test"):
        if set(parts[name].targets) <= {UNKNOWN}:
            line = f"--data {data}: the {name} split has none of the words; add recordings of more speakers"
            raise InputError(f"{line}, or change --seed or --split")


def _check_words(recordings: Recordings, options: CommandOptions, findings: Findings) -> None:
    data = f"--data {options.data}" if options.words is None else f"--words {options.words}"
    counts = Counter(recordings.targets)
    counts.pop(UNKNOWN, None)
    if not counts:
        raise InputError(findings.describe_in(f"{data}: there are no recordings to train on"))
    if len(counts) < 2:
        line = f"{data}: there is one word only, {next(iter(counts))!r}; expected two or more"
        raise InputError(findings.describe_in(line))
    rare, count = min(counts.items(), key=lambda item: item[1])
    if count < MIN_PER_WORD:
        line = f"{data}: word {rare!r} has {count} recordings; expected {MIN_PER_WORD} or more"
        raise InputError(findings.describe_in(line))
