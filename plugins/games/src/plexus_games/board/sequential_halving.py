"""Sequential halving (Karnin et al. 2013), which distributes simulations over the actions of a root."""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=1024)
def considered_visits(actions: int, simulations: int) -> tuple[int, ...]:
    """Return how many visits the action of each simulation has had before.

    All actions get equally many simulations in a phase; then the better half goes on (Danihelka et al. 2022,
    algorithm 2). In each simulation the best action with that many visits is searched.

    Args:
        actions: Actions considered at the root, at least 1.
        simulations: Number of simulations.

    Returns:
        One number per simulation.
    """
    if actions <= 1:
        return tuple(range(simulations))
    phases, considered = int(np.ceil(np.log2(actions))), actions
    visits, order = [0] * actions, list[int]()
    while len(order) < simulations:
        for _ in range(max(1, int(simulations / (phases * considered)))):
            order += visits[:considered]
            visits[:considered] = [count + 1 for count in visits[:considered]]
        considered = max(2, considered // 2)
    return tuple(order[:simulations])


def considered_visits_table(actions: np.ndarray, simulations: int) -> np.ndarray:
    """Return `considered_visits` of several roots.

    Args:
        actions: Actions considered at each root, shape `(n,)`.
        simulations: Number of simulations.

    Returns:
        Visits of shape `(n, simulations)`.
    """
    return np.array([considered_visits(int(count), simulations) for count in actions], np.int64)
