"""Sizes of the network and of the training by the number of training rows."""

from typing import NamedTuple

BATCH_SIZE = 128
MAX_PASSES, MIN_PASSES, MIN_PATIENCE = 256, 12, 5
EPOCHS = 40
"""Most epochs, about: each ends with an evaluation out of fold, from which the best epoch is taken."""


class Sizes(NamedTuple):
    """Sizes for tables of similar length.

    They were chosen on four sets of `benchmarks/table_sets.py` (german_credit, pima_diabetes, concrete, vehicle).
    Noisy tables need few steps and others many: training is long, and the best epoch out of fold is taken, which is
    often the end of one of the first cycles of the learning rate; it ends when a quarter of the epochs are no better.

    Attributes:
        rows: Training rows below which these sizes are used.
        width: Units per layer.
        depth: Layers.
        bags: Networks per fold.
        learning_rate: Peak learning rate.
        steps: Steps of the training.

    Example:
        ```python
        Sizes(rows=2000, width=64, depth=2, bags=4, learning_rate=0.03, steps=1000)
        ```
    """

    rows: int
    width: int
    depth: int
    bags: int
    learning_rate: float
    steps: int


SIZES = (
    Sizes(rows=2000, width=64, depth=2, bags=4, learning_rate=0.03, steps=1000),
    Sizes(rows=10_000, width=128, depth=3, bags=2, learning_rate=0.02, steps=2500),
    Sizes(rows=10**12, width=256, depth=3, bags=1, learning_rate=0.02, steps=4000),
)


def sizes_for(rows: int) -> dict[str, object]:
    """Return values for options that the user left open.

    Args:
        rows: Number of training rows.

    Returns:
        Values by option name.
    """
    sizes = next(sizes for sizes in SIZES if rows < sizes.rows)
    all_passes = min(max(round(sizes.steps * BATCH_SIZE / rows), MIN_PASSES), MAX_PASSES)
    passes = max(round(all_passes / EPOCHS), 1)
    epochs = round(all_passes / passes)
    return {
        "width": sizes.width,
        "depth": sizes.depth,
        "bags": sizes.bags,
        "learning_rate": sizes.learning_rate,
        "epochs": epochs,
        "passes": passes,
        "patience": max(epochs // 4, MIN_PATIENCE),
    }
