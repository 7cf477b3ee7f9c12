"""How much to do at once, and for how long: batch size, steps an execution, patience.

Both are functions of the data and the network alone, never of a clock, so that a training can be repeated.
"""

import math

import keras

EXECUTION_FLOPS = 150e9
"""Work after which the loop comes back to Python: about half a second on two cores."""
MOST_STEPS = 64


def auto_batch_size(examples: int) -> int:
    """A power of two, about a fiftieth of the data, within 32 to 128 and never more than there is."""
    return min(max(1 << round(math.log2(max(examples, 50) / 50)), 32), 128, examples)


def auto_patience(epochs: int) -> int:
    """Half of the epochs, and ten at the least: schedules gain most at their end."""
    return max(epochs // 2, 10)


def steps_per_execution(flops: float, batch_size: int, steps: int) -> int:
    """Enough steps that Python's share of the time is small, and few enough for a lively progress line and Ctrl-C.

    Args:
        flops: of a forward pass of one example.
        steps: in an epoch.
    """
    if keras.backend.backend() == "torch":
        return 1  # Keras comes back to Python after each
    affordable = EXECUTION_FLOPS / max(3 * flops * batch_size, 1)
    wished = 2 ** math.floor(math.log2(max(affordable, 1)))
    return int(min(wished, MOST_STEPS, max(steps, 1)))
