"""Datasets of pairs of sentences."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus import Findings, InputError, NamedDataset
from plexus.data.tables import is_table, read_table
from plexus_language.cleaning import clean_pairs, sentence_key
from plexus_language.options import TranslateOptions
from plexus_language.pair_files import Pairs, column_languages, read_columns, read_pairs
from plexus_language.pairs import PairDataset, PairExamples
from plexus_language.splits import PROTOCOL, split_pairs

MIN_PAIRS = 20
LANGUAGES = ("en", "fr")
"""Codes of the languages of data whose name does not say them."""


def load_dataset(place: Path | NamedDataset, options: TranslateOptions) -> PairDataset:
    """Read, clean and split pairs of sentences.

    Args:
        place: A named data set, or a path as for `read_pairs`.
        options: The options.

    Returns:
        The dataset.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    if isinstance(place, NamedDataset):
        name, licence = place.id, place.licence
        languages = _languages(place.labels, options)
        read = _read_named(place, languages, options)
    else:
        name, licence = str(place), "not stated"
        languages, read = _read_files(place, options)
    parts = {
        split: PairExamples(*clean_pairs(pairs, f"{name} {split}", findings)) for split, pairs in sorted(read.items())
    }
    if not any(map(len, parts.values())) or ("train" in parts and len(parts["train"]) < MIN_PAIRS):
        count = len(parts.get("train", ()))
        line = f"--data {options.data}: there are {count} pairs to train on; expected {MIN_PAIRS} or more"
        raise InputError(findings.describe_in(line))
    return _split(parts, languages, findings, licence, options)


def _split(
    parts: dict[str, PairExamples],
    languages: tuple[str, str],
    findings: Findings,
    licence: str,
    options: TranslateOptions,
) -> PairDataset:
    has_train, whole = "train" in parts, next(iter(parts.values()))
    missing = [name for name in ("test", "val") if name not in parts] if has_train else []
    splits = {**parts, **split_pairs(parts["train"], options.seed, missing)} if missing else dict(parts)
    if has_train:
        splits["val"] = _without_shared(splits["val"], [splits["test"]], "validation", findings)
        splits["train"] = _without_shared(splits["train"], [splits["val"], splits["test"]], "training", findings)
    for name, part in splits.items():
        if not len(part):
            raise InputError(f"--data {options.data}: the {name} split is empty: pass more pairs of other sentences")
    if options.max_pairs is not None and has_train and len(splits["train"]) > options.max_pairs:
        rows = np.random.default_rng(options.seed).permutation(len(splits["train"]))[: options.max_pairs]
        splits["train"] = splits["train"].take(np.sort(rows))
    dataset = PairDataset(
        splits,
        options.seed,
        findings,
        licence,
        evaluation_protocol=PROTOCOL,
        whole=whole if "test" in missing else parts.get("test", whole),
    )
    dataset.languages = languages
    return dataset


def _without_shared(part: PairExamples, others: Sequence[PairExamples], name: str, findings: Findings) -> PairExamples:
    """Return the pairs without those of which a side is in another split."""
    sources = {sentence_key(text) for other in others for text in other.inputs}
    targets = {sentence_key(text) for other in others for text in other.targets}
    is_free = [
        sentence_key(source) not in sources and sentence_key(target) not in targets
        for source, target in zip(part.inputs, part.targets, strict=True)
    ]
    dropped = len(part) - sum(is_free)
    if dropped:
        findings.remark(f"{name} pairs share a sentence with another split and were left out", f"{dropped:,}")
    return part.take(np.flatnonzero(is_free))


def _read_files(path: Path, options: TranslateOptions) -> tuple[tuple[str, str], dict[str, Pairs]]:
    """Return the languages and the pairs of files; the names of a table's columns may state the languages."""
    if not is_table(path) or path.is_dir():
        languages = _languages(LANGUAGES, options)
        return languages, read_pairs(path, languages, options)
    table = read_table(path)
    named = column_languages(table.columns) or LANGUAGES
    languages = _languages(LANGUAGES if set(named) == set(LANGUAGES) else named, options)
    return languages, {"train": read_columns(table, path, languages, options)}


def _languages(names: Sequence[str], options: TranslateOptions) -> tuple[str, str]:
    """Return the languages of the options; one that is not set is the other language of the data."""
    first, second = names if len(names) == 2 else LANGUAGES
    if options.source == second or options.target == first:
        first, second = second, first
    first, second = options.source or first, options.target or second
    if first == second:
        raise InputError(f"--source and --target are both {first}: expected two languages")
    return first, second


def _read_named(place: NamedDataset, languages: tuple[str, str], options: TranslateOptions) -> dict[str, Pairs]:
    if place.embedded is None:
        labels = (place.labels[0], place.labels[1]) if len(place.labels) == 2 else languages
        return _in_order(read_pairs(place.fetch(), labels, options), place, languages)
    read = {
        split: (list(sources), list(targets))
        for split, (sources, targets) in place.embedded().items()
        if targets is not None
    }
    return _in_order(read, place, languages)


def _in_order(read: dict[str, Pairs], place: NamedDataset, languages: tuple[str, str]) -> dict[str, Pairs]:
    """Exchange the sides if the user names the languages in the other order."""
    if len(place.labels) != 2 or languages == tuple(place.labels):
        return read
    if languages == tuple(reversed(place.labels)):
        return {split: (second, first) for split, (first, second) in read.items()}
    raise InputError(
        f"--source {languages[0]} --target {languages[1]}: {place.id} has the languages {' and '.join(place.labels)}"
    )
