"""Learning-rate schedules."""

import math

import keras
from keras import ops

CYCLES = 4


@keras.saving.register_keras_serializable("plexus")
class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise to the peak, followed by a decay.

    Args:
        shape: `cosine` (Loshchilov & Hutter 2017, arXiv:1608.03983), `cycles` (four cosine cycles, each twice as long
            as the one before; `coslog4` of Holzmüller et al. 2024, arXiv:2407.04491, section 3), `linear`, `one_cycle`
            (also linear, after a long rise; Smith & Topin 2018, arXiv:1708.07120), `exponential` (to 1 % of the peak)
            or `constant`.
        peak: Peak learning rate.
        steps: Steps of the whole training.
        warmup: Fraction of the steps in which the learning rate rises.

    Example:
        ```python
        optimizer = keras.optimizers.AdamW(Schedule("cosine", peak=2e-3, steps=10_000, warmup=0.1))
        ```
    """

    def __init__(self, shape: str, peak: float, steps: int, warmup: float) -> None:
        self.shape, self.peak, self.steps, self.warmup = shape, peak, steps, warmup

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the learning rate of a step.

        Args:
            step: The step, counted from 0.

        Returns:
            The learning rate.
        """
        progress = ops.cast(step, "float32") / self.steps
        rise = ops.minimum((progress + 1 / self.steps) / max(self.warmup, 1 / self.steps), 1.0)
        decay_progress = ops.clip((progress - self.warmup) / (1 - self.warmup), 0.0, 1.0)
        return self.peak * rise * self._decay(decay_progress)

    def _decay(self, progress: keras.KerasTensor) -> keras.KerasTensor:
        match self.shape:
            case "cosine":
                return 0.5 * (1 + ops.cos(math.pi * progress))
            case "cycles":
                return 0.5 * (1 - ops.cos(2 * math.pi * ops.log2(1 + (2**CYCLES - 1) * progress)))
            case "linear" | "one_cycle":
                return 1 - progress
            case "exponential":
                return ops.exp(math.log(0.01) * progress)
            case _:
                return ops.ones_like(progress)

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {"shape": self.shape, "peak": self.peak, "steps": self.steps, "warmup": self.warmup}
