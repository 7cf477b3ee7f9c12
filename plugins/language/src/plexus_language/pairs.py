"""Pairs of sentences."""

from dataclasses import dataclass

from plexus import Examples, SupervisedDataset


@dataclass
class PairExamples(Examples[str]):
    """Sentences and their translations.

    Args:
        inputs: Sentences of the first language.
        targets: Their translations.

    Example:
        ```python
        PairExamples(["Good evening.", "Thank you."], ["Bonsoir.", "Merci."])
        ```
    """


class PairDataset(SupervisedDataset[PairExamples]):
    """Pairs of sentences in splits.

    Attributes:
        languages: Codes of the two languages; assigned by `load_dataset`.

    Example:
        ```python
        dataset = load_dataset(NUMBER_WORDS, options)
        dataset.languages, dataset["test"].inputs[0]
        ```
    """

    languages: tuple[str, str] = ("", "")
