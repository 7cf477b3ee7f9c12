"""Recordings with what is read out in them, from wherever they are."""

from pathlib import Path

from plexus import InputError, SupervisedDataset
from plexus.data.findings import Findings
from plexus.data.named import locate
from plexus.utils.messages import note
from plexus_speech.alphabet import normalised
from plexus_speech.dataset import layout_of, loaded
from plexus_speech.division import has_both_sides, split_recordings
from plexus_speech.layouts import Layout
from plexus_speech.options import TranscribeOptions
from plexus_speech.strings import DIGITS, strings
from plexus_speech.text_layouts import of_texts

STRINGS = "-strings"
LONGEST = 30.0
"""Seconds of speech in one recording to learn from."""
STRINGS_OF = {"val": 60, "test": 250}
"""Strings in each split."""


def read_transcripts(options: TranscribeOptions) -> SupervisedDataset:
    """Recordings and texts in three splits; of `NAME-strings`, words to train on and strings of them to test on.

    Raises:
        InputError: the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    made = options.data.endswith(STRINGS) and not Path(options.data).exists()
    layout, licence = layout_of(options.data.removesuffix(STRINGS)) if made else _listed(options.data, findings)
    layout = _texts(layout, options.alphabet, findings)
    recordings, splits = loaded(layout, options.rate, LONGEST, findings)
    if not len(recordings):
        raise InputError(f"--data {options.data}: there are no recordings with texts to learn from")
    parts, protocol = split_recordings(recordings, splits, layout.given, options.split, options.seed)
    if made:
        parts |= {name: strings(parts[name], count, seed) for seed, (name, count) in enumerate(STRINGS_OF.items())}
    note(f"its test split: {protocol}")
    apart = layout.given and has_both_sides(splits)
    whole = None if apart else strings(recordings, STRINGS_OF["test"], 2) if made else recordings
    return SupervisedDataset(parts, options.seed, findings, licence, protocol=protocol, whole=whole)


def _texts(layout: Layout, alphabet: str, findings: Findings) -> Layout:
    """The same with texts in small letters; those with others are left out, counted and named."""
    kept = Layout([], [], layout.given)
    for i, (raw, label, speaker) in enumerate(layout.listed):
        where = layout.places[i] if layout.places else str(raw)
        try:
            text = normalised(DIGITS.get(label, label), alphabet, where)
        except InputError as error:
            findings.add("texts could not be used and were left out", str(error))
            continue
        kept.listed.append((raw, text, speaker))
        kept.splits += layout.splits[i : i + 1]
    return kept


def _listed(data: str, findings: Findings) -> tuple[Layout, str]:
    place = locate(data)
    if isinstance(place, Path):
        return of_texts(place, findings), "not stated"
    return of_texts(place.fetch(), findings), place.licence
