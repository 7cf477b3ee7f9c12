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


def steps_per_execution(network: keras.Model, batch_size: int, steps: int) -> int:
    """Enough steps that Python's share of the time is small, and few enough for a lively progress line and Ctrl-C."""
    affordable = EXECUTION_FLOPS / (3 * forward_flops(network) * batch_size)
    wished = 2 ** math.floor(math.log2(max(affordable, 1)))
    return int(min(wished, MOST_STEPS, max(steps, 1)))


def forward_flops(network: keras.Model) -> float:
    """About how many floating-point operations one example takes: two a weight and place it is used at."""
    total = 0.0
    for layer in network._flatten_layers(include_self=False, recursive=True):
        places = _places(layer)
        total += sum(2 * math.prod(w.shape) * places for w in layer.weights if len(w.shape) > 1)
    return max(total, 1.0)


def _places(layer: keras.Layer) -> int:
    try:
        shape = layer.output.shape
    except (AttributeError, ValueError):  # not in a functional graph, or used more than once
        return 1
    return math.prod(size or 1 for size in shape[1:-1])
