"""Texts without labels, labelled by a model that learned from those with."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import InputError, Run, SupervisedDataset
from plexus.data.findings import Findings
from plexus.data.tables import is_table
from plexus.utils.messages import note
from plexus_sentiment.columns import text_column
from plexus_sentiment.dataset import JSON_LINES, decoded, read_rows
from plexus_sentiment.duplicates import Fingerprints
from plexus_sentiment.options import SentimentOptions
from plexus_sentiment.texts import Texts

if TYPE_CHECKING:
    from plexus_sentiment.classify import Classify

CONFIDENT = 0.8
"""The probability from which an answer is taken as a label."""


def read_unlabelled(file: Path, column: str | None) -> list[str]:
    """The texts of a table, or the lines of any other file, without empty ones.

    Raises:
        InputError: it cannot be read.
    """
    if file.suffix in JSON_LINES or is_table(file):
        table = read_rows(file)
        texts = [str(text) for text in table[text_column(table, column, str(file))].fill_null("")]
    else:
        texts = decoded(file).splitlines()
    return [text for text in texts if text.strip()]


def teach(task: "Classify", dataset: SupervisedDataset, options: SentimentOptions) -> tuple[Texts, dict[str, float]]:
    """Train without the unlabelled texts, and let that model label them (pseudo-labels, Lee 2013).

    Returns:
        The training texts with those that it is confident of, and its figures on the test split.

    Raises:
        InputError: the texts cannot be read, or there are none.
    """
    from plexus.training.trainer import train

    texts = read_unlabelled(Path(str(options.unlabelled)), options.text)
    parts = {name: dataset[name] for name in ("train", "val", "test")}
    labelled = Fingerprints.of([raw for part in parts.values() for raw in part.raws]).among(texts)
    if labelled.any():
        note(f"{labelled.sum():,} unlabelled texts are left out: they are among the labelled ones, or nearly")
        texts = [text for text, known in zip(texts, labelled.tolist(), strict=True) if not known]

    class Teacher(type(task)):  # type: ignore[misc]
        def load_dataset(self, options: SentimentOptions) -> SupervisedDataset:
            return SupervisedDataset(dict(parts), options.seed, Findings(), dataset.licence)

    if not texts:
        raise InputError(f"--unlabelled {options.unlabelled}: it has no texts")
    note(f"first without the {len(texts):,} unlabelled texts, to label them and to tell what they gain")
    with tempfile.TemporaryDirectory() as folder:
        alone = options.model_copy(update={"unlabelled": None})
        result = train(Teacher(task.id), Run.start(task.id, alone, folder=Path(folder) / "run"))
        answers = plexus.load(result["bundle"]).predict(texts)
    sure = [(text, a.label) for text, a in zip(texts, answers, strict=True) if a.probability >= CONFIDENT]
    note(f"{len(sure):,} of them are labelled with a probability of {CONFIDENT} or more, and learned from")
    given = [*zip(parts["train"].raws, parts["train"].labels, strict=True), *sure]
    return Texts([text for text, _ in given], [label for _, label in given], guessed=len(sure)), result["scores"]
