"""Labelled texts from tables, folders, archives and named data sets."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Findings, InputError, NamedDataset, SupervisedDataset
from plexus.data.findings import Counted
from plexus.data.tables import FORMATS, is_table, read_table, spreadsheet_hint, with_cells_as_written
from plexus.data.text import read_text
from plexus.utils.messages import note
from plexus_sentiment.columns import find_columns
from plexus_sentiment.datasets import RATED_TWEETS
from plexus_sentiment.duplicates import TextFingerprints
from plexus_sentiment.examples import TextExamples
from plexus_sentiment.labelled_files import (
    ARCHIVES,
    POLARITY,
    SPLITS,
    LabelledTexts,
    read_archive,
    read_folder,
    read_polarity,
)
from plexus_sentiment.options import ClassifyOptions

if TYPE_CHECKING:
    import polars as pl

EMPTY = Counted("empty text was dropped", "empty texts were dropped")
NO_LABEL = Counted("text without a label was dropped", "texts without a label were dropped")
MIN_TEXTS, MIN_PER_LABEL = 10, 3
VAL_SHARE = 0.03
"""The validation split serves the learning curve only."""
PARTS = ("train", "val", "test")
MIN_RATING = 0.5
"""Smallest absolute mean rating, on a scale from -4 to 4, of a tweet with a label."""

TextDataset = SupervisedDataset[TextExamples]
_WHOLE = re.compile(r"[+-]?[0-9]+(\.0+)?$")


def load_dataset(places: Sequence[Path | NamedDataset], options: ClassifyOptions) -> TextDataset:
    """Read labelled texts.

    Args:
        places: Named data sets; tables; folders or archives with one sub-folder per label; `NAME.pos` with `NAME.neg`.
        options: The options.

    Returns:
        The dataset, all places together.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    parts, licence = _read_places(places, options, findings)
    _check_labels(parts, options.data, findings)
    return SupervisedDataset(parts, options.seed, findings, licence, VAL_SHARE)


def add_training_texts(
    dataset: TextDataset, places: Sequence[Path | NamedDataset], options: ClassifyOptions
) -> TextDataset:
    """Add labelled texts to the training split alone, such as those of another domain.

    Exact and near duplicates of texts of the dataset, in any split, are dropped.

    Args:
        dataset: The labelled texts.
        places: Places as `load_dataset` takes them; texts of all their splits are added.
        options: The options.

    Returns:
        A dataset with more training texts.

    Raises:
        InputError: If the data cannot be used, or has a label that the dataset lacks.
    """
    findings = Findings(options.strict)
    findings.extend(dataset.findings)
    parts, licence = _read_places(places, options, findings)
    texts = [text for part in parts.values() for text in part.inputs]
    labels = [label for part in parts.values() for label in part.targets]
    train = dataset["train"]
    unknown_labels = set(labels).difference(train.targets)
    if unknown_labels or not texts:
        expected = f"the labels of --data ({', '.join(sorted(set(train.targets)))})"
        problem = f"expected {expected}, found {min(unknown_labels)!r}" if unknown_labels else "it has no texts"
        raise InputError(f"--extra-data {options.extra_data}: {problem}")
    duplicates = find_duplicates(dataset, texts)
    if duplicates.any():
        note(f"texts of --extra-data that were dropped as exact or near duplicates of others: {duplicates.sum():,}")
    rows = np.flatnonzero(~duplicates).tolist()
    extended = dataset.replace_train(
        TextExamples([*train.inputs, *(texts[row] for row in rows)], [*train.targets, *(labels[row] for row in rows)])
    )
    extended.findings = findings
    extended.licence = "; ".join(dict.fromkeys([dataset.licence, licence]))
    return extended


def find_duplicates(dataset: TextDataset, texts: Sequence[str]) -> np.ndarray:
    """Return which texts also occur in a dataset, exactly or nearly.

    Args:
        dataset: The dataset, of which all splits count.
        texts: The texts.

    Returns:
        Boolean array of shape `(texts,)`.
    """
    return TextFingerprints.fit([text for split in PARTS for text in dataset[split].inputs]).contains(texts)


def _read_places(
    places: Sequence[Path | NamedDataset], options: ClassifyOptions, findings: Findings
) -> tuple[dict[str, TextExamples], str]:
    """Return the texts of all places by split, and their licences."""
    texts: dict[str, LabelledTexts] = {}
    licences = []
    for place in places:
        if isinstance(place, NamedDataset):
            name, licence, read = place.id, place.licence, _read_named(place, findings)
        else:
            name, licence, read = str(place), "not stated", _read_path(place, options, findings)
        licences.append(licence)
        for split, labelled in read.items():
            _extend(texts.setdefault(split, ([], [])), labelled, f"{name} {split}", findings)
    return {split: TextExamples(*labelled) for split, labelled in texts.items()}, "; ".join(dict.fromkeys(licences))


def _read_named(dataset: NamedDataset, findings: Findings) -> dict[str, LabelledTexts]:
    if dataset.embedded is not None:
        return {
            split: (list(texts), [dataset.labels[index] for index in classes])
            for split, (texts, classes) in dataset.embedded().items()
            if classes is not None
        }
    folder = dataset.fetch()
    files = sorted(folder.glob("*.tsv"))
    if files:
        return {SPLITS[file.stem]: _read_classes(file, dataset.labels) for file in files if file.stem in SPLITS}
    if (folder / RATED_TWEETS).exists():
        return {"train": _read_ratings(folder / RATED_TWEETS, dataset.labels)}
    archives = sorted(folder.glob("*.tar.gz"))
    return read_archive(archives[0], findings) if archives else read_folder(folder, findings)


def _read_classes(file: Path, labels: Sequence[str]) -> LabelledTexts:
    """Read lines of a text, a tab and the index of its label."""
    pairs = [line.rsplit("\t", 1) for line in read_text(file).splitlines() if line]
    return [text for text, _ in pairs], [labels[int(index)] for _, index in pairs]


def _read_ratings(file: Path, labels: Sequence[str]) -> LabelledTexts:
    """Read lines of an id, a mean rating and a text, separated by tabs; drop those rated near 0."""
    rows = [line.split("\t", 2) for line in read_text(file).splitlines() if line]
    pairs = [(text, float(rating)) for _, rating, text in rows if abs(float(rating)) >= MIN_RATING]
    return [text for text, _ in pairs], [labels[int(rating > 0)] for _, rating in pairs]


def _read_path(path: Path, options: ClassifyOptions, findings: Findings) -> dict[str, LabelledTexts]:
    if path.is_dir():
        return read_folder(path, findings)
    if path.name.lower().endswith(tuple(ARCHIVES)):
        return read_archive(path, findings)
    if path.suffix in POLARITY:
        return read_polarity(path)
    if is_table(path):
        table = read_table(path)
        text, label = find_columns(table, options.text, options.label, str(path))
        note(f"{path}: texts are in column {text!r}, labels in {label!r}")
        table = with_cells_as_written(table, path, [label])
        return {"train": (table[text].cast(str).fill_null("").to_list(), _label_names(table[label]))}
    raise InputError(
        f"{path}: expected a table ({FORMATS}), a folder or a {', '.join(ARCHIVES)} with one sub-folder per "
        f"label, or NAME.pos with NAME.neg{spreadsheet_hint(path)}"
    )


def _label_names(column: "pl.Series") -> list[str]:
    """Return labels as strings as they are, whole numbers without a point; empty where one is missing."""
    if column.dtype.is_float():
        column = column.fill_nan(None)
    labels = ["" if value is None else str(value) for value in column.to_list()]
    are_whole = all(_WHOLE.match(label) for label in labels if label)
    return [label.partition(".")[0] for label in labels] if are_whole else labels


def _extend(texts: LabelledTexts, labelled: LabelledTexts, place: str, findings: Findings) -> None:
    """Append texts and labels, without empty ones."""
    for row, (text, label) in enumerate(zip(*labelled, strict=True), 1):
        if not str(text).strip():
            findings.add(EMPTY, f"{place}, text {row}")
        elif not label.strip():
            findings.add(NO_LABEL, f"{place}, text {row}")
        else:
            texts[0].append(str(text))
            texts[1].append(label)


def _check_labels(parts: dict[str, TextExamples], data: str, findings: Findings) -> None:
    if "train" not in parts and any(map(len, parts.values())):
        return  # for an evaluation alone
    train = parts.get("train", TextExamples([], []))
    if len(train) < MIN_TEXTS:
        line = f"--data {data}: there are {len(train)} texts to train on; expected {MIN_TEXTS} or more"
        raise InputError(findings.describe_in(line))
    counts = Counter(train.targets)
    if len(counts) < 2:
        raise InputError(f"--data {data}: there is one label only, {next(iter(counts))!r}; expected two or more")
    rare = next((label for label, count in counts.items() if count < MIN_PER_LABEL), None)
    if rare is not None:
        count = f"{counts[rare]} text{'s' * (counts[rare] != 1)}"
        raise InputError(f"--data {data}: label {rare!r} has {count}; expected {MIN_PER_LABEL} or more")
