"""Descriptions of the metrics of a player of board games."""

from plexus import Metric

OTHER_METRICS = (
    Metric("search_points", "Points per game with 100 simulations per move against UCT"),
    Metric("random_points", "Points per game of random moves against UCT"),
    Metric("good_moves", "Moves that keep the result, of positions where some lose it"),
    Metric("perfect_moves", "Moves with the quickest win or the slowest loss, of these positions"),
    Metric("policy_good_moves", "Moves of the network alone that keep the result"),
    Metric("contested_positions", "Positions where some moves keep and some lose the result", higher_is_better=None),
)
"""Descriptions of the metrics other than the one that ranks models. A win is one point, a draw one half."""
