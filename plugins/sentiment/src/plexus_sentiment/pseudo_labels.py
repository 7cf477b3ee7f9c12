"""Unlabelled texts, labelled by a teacher that was trained on the labelled ones."""

from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError, LabelPrediction
from plexus.data.tables import is_table, read_table
from plexus.data.text import read_text
from plexus.utils.messages import note
from plexus_sentiment.columns import find_text_column
from plexus_sentiment.dataset import TextDataset, find_duplicates
from plexus_sentiment.examples import TextExamples

if TYPE_CHECKING:
    from plexus.task import TrainedModel

MIN_CONFIDENCE = 0.8
"""Probability from which a prediction becomes a pseudo-label."""


def read_unlabelled(file: Path, column: str | None) -> list[str]:
    """Read the texts of a table, or the lines of any other file, without empty ones.

    Args:
        file: The file.
        column: Column of the texts in a table; None to detect it.

    Returns:
        The texts, at least one.

    Raises:
        InputError: If the file cannot be read, or has no texts.
    """
    if is_table(file):
        table = read_table(file)
        texts = [str(text) for text in table[find_text_column(table, column, str(file))].fill_null("")]
    else:
        texts = read_text(file).split("\n")
    texts = [text for text in texts if text.strip()]
    if not texts:
        raise InputError(f"--unlabelled {file}: it has no texts")
    return texts


def add_pseudo_labels(dataset: TextDataset, texts: list[str], teacher: "TrainedModel") -> TextDataset:
    """Add unlabelled texts to the training split, with the labels that a teacher predicts (pseudo-labels, Lee 2013).

    Texts that are duplicates of labelled ones, in any split, are left out, and those of which the teacher is not
    confident.

    Args:
        dataset: The labelled texts.
        texts: The unlabelled texts.
        teacher: A model that was trained on the dataset.

    Returns:
        A dataset with more training texts.
    """
    duplicates = find_duplicates(dataset, texts)
    if duplicates.any():
        note(f"{duplicates.sum():,} unlabelled texts were dropped: they are exact or near duplicates of labelled ones")
    texts = [text for text, is_duplicate in zip(texts, duplicates.tolist(), strict=True) if not is_duplicate]
    confident = [
        (text, prediction.label)
        for text, prediction in zip(texts, teacher.predict(texts), strict=True)
        if isinstance(prediction, LabelPrediction) and prediction.probability >= MIN_CONFIDENCE
    ]
    note(f"{len(confident):,} of {len(texts):,} unlabelled texts get a label of probability {MIN_CONFIDENCE} or more")
    train = dataset["train"]
    return dataset.replace_train(
        TextExamples(
            [*train.inputs, *(text for text, _ in confident)],
            [*train.targets, *(label for _, label in confident)],
            pseudo_labels=len(confident),
            teacher_accuracy=teacher.metrics["accuracy"],
        )
    )
