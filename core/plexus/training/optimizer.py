"""The optimizer that the options describe."""

from collections.abc import Sequence
from typing import Any

import keras

from plexus.options import Options
from plexus.score import Score
from plexus.training.muon import Muon
from plexus.training.schedule import Schedule
from plexus.training.watched import watched

ONE_CYCLE_RISE = 0.3
PLATEAU_EPOCHS, PLATEAU_FACTOR = 3, 0.3


def make_optimizer(
    options: Options, learner: keras.Model, steps: int, heads: Sequence[str] = ()
) -> keras.optimizers.Optimizer:
    """The optimizer for a training of that many steps, its variables made.

    Weight decay spares biases and normalisation: what has fewer than two axes. Muon spares the `heads`, the layers
    that give the outputs.
    """
    optimizer = _bare(options, _learning_rate(options, steps), list(heads))
    variables = learner.trainable_variables
    if options.weight_decay:
        optimizer.exclude_from_weight_decay(var_list=[v for v in variables if len(v.shape) < 2])
    optimizer.build(variables)
    return optimizer


def _bare(options: Options, rate: Any, heads: list[str]) -> keras.optimizers.Optimizer:
    common = {"weight_decay": options.weight_decay or None, "global_clipnorm": options.clip_norm}
    match options.optimizer:
        case "adamw":
            common["weight_decay"] = options.weight_decay
            return watched(keras.optimizers.AdamW, rate, epsilon=options.epsilon, **common)
        case "muon":
            common["weight_decay"] = options.weight_decay
            return watched(Muon, rate, adam_weight_decay=None, exclude_layers=heads, **common)
        case "adam":
            return watched(keras.optimizers.Adam, rate, epsilon=options.epsilon, **common)
        case "lion":
            return watched(keras.optimizers.Lion, rate, **common)
        case "rmsprop":
            return watched(keras.optimizers.RMSprop, rate, momentum=options.momentum, epsilon=options.epsilon, **common)
        case "sgd":
            return watched(
                keras.optimizers.SGD, rate, momentum=options.momentum, nesterov=options.momentum > 0, **common
            )


def _learning_rate(options: Options, steps: int) -> Any:
    if options.schedule == "plateau":
        return options.learning_rate  # a variable, set between epochs
    rise = max(options.warmup, ONE_CYCLE_RISE) if options.schedule == "one_cycle" else options.warmup
    return Schedule(options.schedule, options.learning_rate, steps, rise)


def plateau_rate(options: Options, score: Score, history: list[dict[str, Any]]) -> float:
    """The learning rate of the next epoch: lowered whenever the score has stood still for some epochs.

    A function of the history, so that a resumed training has the same one.
    """
    rate, best, waited = options.learning_rate, None, 0
    for line in history:
        if score.name not in line:
            continue
        value = line[score.name]
        if best is None or score.better(value, best):
            best, waited = value, 0
            continue
        waited += 1
        if waited == PLATEAU_EPOCHS:
            rate, waited = rate * PLATEAU_FACTOR, 0
    return rate


def penalize_kernels(learner: keras.Model, l1: float, l2: float) -> None:
    """Add an L1 and L2 penalty on every kernel (what has two axes or more) to the learner's losses."""
    if l1 or l2:
        for variable in learner.trainable_variables:
            if len(variable.shape) > 1:
                variable.regularizer = keras.regularizers.L1L2(l1, l2)
