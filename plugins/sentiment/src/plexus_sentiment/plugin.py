"""Sentiment's table of contents."""

from plexus import Entry, hookimpl


@hookimpl
def register_tasks() -> list[Entry]:
    """What can be learned from texts."""
    return [
        Entry("sentiment.classify", "What a text feels: one label out of several", "plexus_sentiment.classify:Classify")
    ]


@hookimpl
def register_datasets() -> list[Entry]:
    """Named sets of texts."""
    at = "plexus_sentiment.datasets"
    return [
        Entry("phrases", "2,400 made-up reviews, a third of them with a negation; comes with Plexus", f"{at}:PHRASES"),
        Entry("rt_polarity", "10,662 sentences of film reviews, positive or negative", f"{at}:RT_POLARITY"),
        Entry("sst2", "9,613 sentences of film reviews, in three splits", f"{at}:SST2"),
        Entry("imdb", "25,000 film reviews to train on, 25,000 to test on", f"{at}:IMDB"),
    ]
