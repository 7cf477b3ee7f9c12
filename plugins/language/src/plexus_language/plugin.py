"""Registers the task and the named data sets of translation with Plexus."""

from plexus import Entry, hookimpl

DATASETS = "plexus_language.datasets"


@hookimpl
def register_tasks() -> list[Entry]:
    """Register the task.

    Returns:
        One entry.
    """
    return [
        Entry(
            "language.translate",
            "Translation of texts between two languages",
            "plexus_language.task:Translate",
            data_kinds=("pairs of sentences",),
        )
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Register the named data sets.

    Returns:
        One entry per data set.
    """
    return [
        Entry(
            "number_words",
            "6,000 numbers and dates in English words with their digits; comes with Plexus",
            f"{DATASETS}:NUMBER_WORDS",
            data_kinds=("pairs of sentences",),
        ),
        Entry(
            "tatoeba_fra_eng",
            "142,787 pairs of English and French sentences",
            f"{DATASETS}:TATOEBA_FRA_ENG",
            data_kinds=("pairs of sentences",),
        ),
    ]
