"""Learning-rate schedules."""

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("plexus")
class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise to the peak, then a fall.

    Args:
        shape: `cosine` (Loshchilov & Hutter 2017, arXiv:1608.03983), `linear`, `one_cycle` (linear too, after a long
            rise; Smith & Topin 2018, arXiv:1708.07120), `exponential` (to 1 % of the peak), `constant`.
        peak: the highest learning rate.
        steps: of the whole training.
        warmup: the share of the steps that the rise takes.
    """

    def __init__(self, shape: str, peak: float, steps: int, warmup: float) -> None:
        self.shape, self.peak, self.steps, self.warmup = shape, peak, steps, warmup

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, counted from 0."""
        done = ops.cast(step, "float32") / self.steps
        rise = ops.minimum((done + 1 / self.steps) / max(self.warmup, 1 / self.steps), 1.0)
        fallen = ops.clip((done - self.warmup) / (1 - self.warmup), 0.0, 1.0)
        return self.peak * rise * self._fall(fallen)

    def _fall(self, fallen: Any) -> Any:
        match self.shape:
            case "cosine":
                return 0.5 * (1 + ops.cos(math.pi * fallen))
            case "linear" | "one_cycle":
                return 1 - fallen
            case "exponential":
                return ops.exp(math.log(0.01) * fallen)
            case _:
                return ops.ones_like(fallen)

    def get_config(self) -> dict[str, object]:
        """The constructor's arguments."""
        return {"shape": self.shape, "peak": self.peak, "steps": self.steps, "warmup": self.warmup}
