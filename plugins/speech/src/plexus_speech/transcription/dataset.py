"""Datasets of recordings with texts."""

from dataclasses import replace
from pathlib import Path

from plexus import Findings, InputError, NamedDataset, SupervisedDataset
from plexus.data.findings import Counted
from plexus.utils.messages import note
from plexus_speech.audio import recording_name
from plexus_speech.corpus import Corpus
from plexus_speech.dataset import read_corpus, read_recordings
from plexus_speech.datasets import WORD_SETS
from plexus_speech.recordings import Recordings
from plexus_speech.splits import has_train_and_test, split_recordings
from plexus_speech.transcription.alphabet import normalize
from plexus_speech.transcription.corpus import read_text_corpus
from plexus_speech.transcription.options import TranscriptionOptions
from plexus_speech.transcription.word_strings import DIGIT_NAMES, compose_strings

STRINGS_SUFFIX = "-strings"
"""`NAME-strings`: words of the data set NAME to train on, and strings of them to validate and test on."""
MAX_SECONDS = 30.0
"""Longest speech in one recording."""
STRING_COUNTS = {"val": 60, "test": 250}
UNSEEN_SEED = 2
"""Seed of the strings of other data."""

TranscriptDataset = SupervisedDataset[Recordings]
UNUSABLE = Counted("text could not be used and was dropped", "texts could not be used and were dropped")


def load_dataset(place: Path | NamedDataset, options: TranscriptionOptions, as_strings: bool) -> TranscriptDataset:
    """Read recordings and texts.

    Args:
        place: A named data set, or a path as for `read_text_corpus`; with `as_strings` as for `read_word_corpus`.
        options: The options.
        as_strings: Whether to read words, and to compose strings of them to validate and test on.

    Returns:
        The dataset.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    corpus, licence = read_corpus(place, findings) if as_strings else _read_texts(place, findings)
    corpus = _normalize_texts(corpus, options.alphabet, findings)
    recordings, official = read_recordings(corpus, options.rate, MAX_SECONDS, findings)
    if not len(recordings):
        raise InputError(findings.describe_in(f"--data {options.data}: there are no recordings with texts to train on"))
    parts, protocol = split_recordings(recordings, official, corpus.has_split_lists, options.split, options.seed)
    for name, part in parts.items():
        if not len(part):
            raise InputError(f"--data {options.data}: no recording is in the {name} split: add recordings")
    whole = recordings
    if as_strings:
        strings = {name: compose_strings(parts[name], n, seed) for seed, (name, n) in enumerate(STRING_COUNTS.items())}
        parts = parts | strings
        whole = compose_strings(recordings, STRING_COUNTS["test"], UNSEEN_SEED)
    note(f"test split: {protocol}")
    return SupervisedDataset(
        parts,
        options.seed,
        findings,
        licence,
        evaluation_protocol=protocol,
        whole=None if corpus.has_split_lists and has_train_and_test(official) else whole,
    )


def _read_texts(place: Path | NamedDataset, findings: Findings) -> tuple[Corpus, str]:
    if isinstance(place, Path):
        return read_text_corpus(place, findings), "not stated"
    if place in WORD_SETS:
        raise InputError(f"--data {place.id}: expected sentences, found words: pass --data {place.id}{STRINGS_SUFFIX}")
    return read_text_corpus(place.fetch(), findings), place.licence


def _normalize_texts(corpus: Corpus, alphabet: str, findings: Findings) -> Corpus:
    """Normalize the texts, digits by their names; texts with foreign characters are dropped and reported."""
    normalized = replace(corpus, recordings=[], splits=[], locations=[])
    for i, item in enumerate(corpus.recordings):
        location = corpus.locations[i] if corpus.locations else recording_name(item.recording)
        try:
            text = normalize(DIGIT_NAMES.get(item.label, item.label), alphabet, location)
        except InputError as error:
            findings.add(UNUSABLE, str(error))
            continue
        normalized.recordings.append(item._replace(label=text))
        normalized.splits += corpus.splits[i : i + 1]
    return normalized
