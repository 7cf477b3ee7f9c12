"""Sequential halving, which distributes simulations over the actions of a root."""

import math
from functools import lru_cache

import numpy as np


@lru_cache(maxsize=1024)
def required_visits(actions: int, simulations: int) -> tuple[int, ...]:
    """Return how many visits the action of each simulation has had before.

    In a phase all remaining actions get equally many simulations; then the better half remains (Karnin et al. 2013;
    Danihelka et al. 2022, algorithm 2). In each simulation the best action with that many visits is searched.

    Args:
        actions: Number of actions in the first phase, at least 1.
        simulations: Number of simulations.

    Returns:
        One number per simulation.
    """
    if actions == 1:
        return tuple(range(simulations))
    phases, remaining, visits, order = math.ceil(math.log2(actions)), actions, 0, list[int]()
    while len(order) < simulations:
        for _ in range(max(simulations // (phases * remaining), 1)):
            order += [visits] * remaining
            visits += 1
        remaining = max(remaining // 2, 2)
    return tuple(order[:simulations])


def required_visits_table(actions: np.ndarray, simulations: int) -> np.ndarray:
    """Return `required_visits` of several roots.

    Args:
        actions: Number of actions of each root in the first phase, shape `(n,)`.
        simulations: Number of simulations.

    Returns:
        Visits of shape `(n, simulations)`.
    """
    return np.array([required_visits(int(count), simulations) for count in actions], np.int64)
