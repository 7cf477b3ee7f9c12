"""Descriptions of the metrics of an agent."""

from plexus import Metric

OTHER_METRICS = (
    Metric("return_deviation", "Standard deviation of the return", higher_is_better=None),
    Metric("episode_length", "Mean length of an episode", "steps", higher_is_better=None),
    Metric("random_mean_return", "Mean return of random actions"),
    Metric("training_return", "Mean return of the last training episodes"),
    Metric("steps", "Environment steps of the training", higher_is_better=None),
)
"""Descriptions of the metrics other than the one that ranks models. A return is in the rewards of the environment."""
