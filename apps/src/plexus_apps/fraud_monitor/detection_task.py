"""The methods of `fraud.detect` that the monitor uses."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from plexus import Codec, Predictor
from plexus_apps.fraud_monitor.feed import Transaction

State = object
"""The transactions of the last weeks; the task's own type."""


class FraudPrediction(Protocol):
    """The prediction for a transaction.

    Attributes:
        fraud: Whether it is flagged.
        probability: Probability of fraud.
        reasons: Features that raised the probability most.
    """

    fraud: bool
    probability: float
    reasons: tuple[str, ...]


class DetectionTask(Protocol):
    """A streaming task that flags transactions by their costs.

    Example:
        ```python
        task = cast(DetectionTask, bundle.task)
        codec = task.with_costs(bundle.codec, cost_review=5, cost_missed=None)
        ```
    """

    def initial_state(self, codec: Codec) -> State:
        """Return the state after training.

        Args:
            codec: The codec.

        Returns:
            A state of the caller's own.
        """
        ...

    def predict_stream(
        self, predictor: Predictor, codec: Codec, inputs: Sequence[Transaction], state: State
    ) -> Sequence[FraudPrediction]:
        """Predict for transactions that follow those in the state, and add them to it.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: The transactions.
            state: The state, which is updated.

        Returns:
            One prediction per transaction.
        """
        ...

    def require_past(self, codec: Codec, inputs: Sequence[Transaction], state: State) -> None:
        """Check that no transaction is dated in the future.

        Args:
            codec: The codec.
            inputs: The transactions.
            state: The state that they follow.

        Raises:
            InputError: If one is; the line has its time.
        """
        ...

    def explain(
        self, predictor: Predictor, codec: Codec, raw_input: Transaction, path: Path, state: State | None = None
    ) -> Path:
        """Draw why a transaction is flagged.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: The transaction.
            path: File to write.
            state: The state that the transaction follows; by default that after training.

        Returns:
            The file.
        """
        ...

    def amounts(self, codec: Codec, inputs: Sequence[Transaction]) -> np.ndarray:
        """Return what each transaction costs if it is a missed fraud.

        Args:
            codec: The codec.
            inputs: The transactions.

        Returns:
            Amounts of shape `(n,)`.
        """
        ...

    def costs(self, codec: Codec) -> tuple[float, float | None]:
        """Return the costs by which transactions are flagged.

        Args:
            codec: The codec.

        Returns:
            The cost of a review, and that of a missed fraud; None stands for its amount.
        """
        ...

    def with_costs(self, codec: Codec, cost_review: float, cost_missed: float | None) -> Codec:
        """Return a codec that flags transactions by other costs.

        Args:
            codec: The codec.
            cost_review: Cost of the review of one transaction.
            cost_missed: Cost of a missed fraud; None: its amount.

        Returns:
            A new codec.
        """
        ...
