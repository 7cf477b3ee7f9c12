"""Seeds of the games and episodes of a split."""

import numpy as np

NUMBERS = {"val": 1, "test": 2, "unseen": 2, "train": 3}


def split_seed(seed: int, split: str) -> int:
    """Return the seed of a split's games; training has others.

    Args:
        seed: Seed of the run.
        split: `train`, `val`, `test` or `unseen`.

    Returns:
        The seed.
    """
    return int(np.random.SeedSequence((seed, NUMBERS[split])).generate_state(1)[0] >> 1)
