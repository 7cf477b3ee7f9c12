"""The prediction for one observation."""

from plexus import Prediction


class ActionPrediction(Prediction):
    """An action, and the return that the policy expects.

    Attributes:
        action: A discrete action, or the numbers of a continuous one, as the environment takes it.
        value: The expected discounted return, in the scale of the training.
        preferences: Of discrete actions: their probabilities (PPO) or values (DQN, PQN).

    Example:
        ```python
        str(ActionPrediction(action=1, value=9.5))  # "action 1  (value 9.500)"
        ```
    """

    action: int | list[float]
    value: float
    preferences: list[float] | None = None

    def __str__(self) -> str:
        action = self.action if isinstance(self.action, int) else [round(number, 4) for number in self.action]
        return f"action {action}  (value {self.value:.3f})"
