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
        Entry("sentiment.classify", "Sentiment of a text: one label out of several", "plexus_sentiment.task:Classify")
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
        ),
        Entry("rt_polarity", "10,662 sentences of film reviews, positive or negative", f"{DATASETS}:RT_POLARITY"),
        Entry("sst2", "9,613 sentences of film reviews, in three splits", f"{DATASETS}:SST2"),
        Entry("tweets", "3,432 tweets rated by 20 people, positive or negative", f"{DATASETS}:TWEETS"),
        Entry("imdb", "25,000 film reviews to train on, 25,000 to test on", f"{DATASETS}:IMDB"),
    ]
