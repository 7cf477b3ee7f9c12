"""The prediction for one observation."""

from typing import Any

import numpy as np

from plexus import Prediction


class ActionPrediction(Prediction):
    """An action, and the return that the policy expects.

    Attributes:
        action: A discrete action, or the numbers of one with several factors or of a continuous one, as the
            environment takes it.
        value: The expected discounted return, in the scale of the training.
        preferences: Of discrete actions: their probabilities (PPO) or values (DQN, PQN); of several factors those of
            one after another.

    Example:
        ```python
        str(ActionPrediction(action=1, value=9.5))  # "action 1  (value 9.500)"
        ```
    """

    action: int | list[Any]
    value: float
    preferences: list[float] | None = None

    def __str__(self) -> str:
        action = np.round(self.action, 4).tolist()
        return f"action {action}  (value {self.value:.3f})"
