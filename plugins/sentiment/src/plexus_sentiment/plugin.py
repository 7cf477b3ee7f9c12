"""Registers the tasks and the named data sets of sentiment classification with Plexus."""

from plexus import Entry, hookimpl

DATASETS = "plexus_sentiment.datasets"


@hookimpl
def register_tasks() -> list[Entry]:
    """Register the task.

    Returns:
        One entry.
    """
    return [
        Entry(
            "sentiment.classify",
            "Sentiment of a text: one label out of several",
            "plexus_sentiment.task:Classify",
            data_kinds=("labelled texts",),
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
            "phrases",
            "2,400 synthetic reviews, a third of them with a negation; comes with Plexus",
            f"{DATASETS}:PHRASES",
            data_kinds=("labelled texts",),
        ),
        Entry(
            "rt_polarity",
            "10,662 sentences of film reviews, positive or negative",
            f"{DATASETS}:RT_POLARITY",
            data_kinds=("labelled texts",),
        ),
        Entry(
            "sst2",
            "9,613 sentences of film reviews, in three splits",
            f"{DATASETS}:SST2",
            data_kinds=("labelled texts",),
        ),
        Entry(
            "tweets",
            "3,432 tweets rated by 20 people, positive or negative",
            f"{DATASETS}:TWEETS",
            data_kinds=("labelled texts",),
        ),
        Entry(
            "imdb",
            "25,000 film reviews to train on, 25,000 to test on",
            f"{DATASETS}:IMDB",
            data_kinds=("labelled texts",),
        ),
    ]
