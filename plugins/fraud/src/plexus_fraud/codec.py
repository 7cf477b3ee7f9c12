"""Conversion between transactions, features and predictions."""

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Self

import numpy as np

from plexus import Codec
from plexus.codec import Arrays, Input, JsonObject
from plexus.metrics.drift import ReferenceDistribution
from plexus.tasks.row_column import RowColumn
from plexus_fraud.account_history import AccountHistory
from plexus_fraud.calibration import PlattScaling
from plexus_fraud.codec_state import FraudState
from plexus_fraud.decision import DecisionPolicy
from plexus_fraud.prediction import FraudPrediction
from plexus_fraud.transaction_encoder import TransactionEncoder
from plexus_fraud.transactions import Transactions

STEP = 3600.0
"""Seconds from the latest transaction of training to an example of a transaction."""
EXAMPLE_TIME = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""Time of an example of a transaction for a model without a history."""


class FraudCodec(Codec):
    """Transactions to features, and logits to decisions.

    Args:
        encoder: Computes the features.
        history: The last weeks of the data, from which prediction continues.
        policy: Decides which transactions are flagged.
        scaling: Calibration of the logits.
        error_quantiles: Quantiles of the autoencoder's error on normal transactions, ascending.
        medians: Median of each feature in training.
        distributions: Distribution of each feature in training.

    Example:
        ```python
        codec.encode([{"time": 1709300000, "customer": 5, "terminal": 7, "amount": 12.5}])["x"].shape
        ```
    """

    state = FraudState

    def __init__(
        self,
        encoder: TransactionEncoder,
        history: AccountHistory,
        policy: DecisionPolicy,
        scaling: PlattScaling | None = None,
        error_quantiles: Sequence[float] = (0.0,),
        medians: Sequence[float] = (),
        distributions: Sequence[ReferenceDistribution] = (),
    ) -> None:
        self.encoder, self.history, self.policy = encoder, history, policy
        self.scaling = scaling or PlattScaling()
        self.error_quantiles, self.medians = np.array(error_quantiles), np.array(medians)
        self.distributions = list(distributions)

    def encode(self, inputs: Sequence[Input]) -> Arrays:
        """Compute the features of transactions that follow those of training.

        Args:
            inputs: Transactions as JSON objects, or a `TableRows`.

        Returns:
            `x` of shape `(n, features)`.

        Raises:
            InputError: If a column is missing, or a time cannot be parsed.
        """
        return self.encode_transactions(self.encoder.read(inputs), self.history)

    def encode_transactions(
        self, transactions: Transactions, history: AccountHistory, activity: Arrays | None = None
    ) -> Arrays:
        """Compute the features of transactions that follow those of a history.

        Args:
            transactions: The transactions, as read from raw inputs.
            history: The history; it is not changed.
            activity: Activity of the transactions, if it is computed already.

        Returns:
            `x` of shape `(n, features)`, in the order of the raw inputs.

        Raises:
            InputError: If a column is missing.
        """
        return {"x": self.encoder.encode(transactions, history, activity)[np.argsort(transactions.rows)]}

    def decode(self, outputs: Arrays, inputs: Sequence[Input]) -> list[FraudPrediction]:
        """Decide which transactions are flagged.

        Args:
            outputs: The network's outputs, `logit` and `error`.
            inputs: The transactions, for their amounts.

        Returns:
            One prediction per transaction, without reasons.
        """
        probabilities, unusual = self.probabilities(outputs), self.unusual(outputs)
        flags = self.policy.flags(probabilities, self.encoder.amounts(inputs))
        # Without validation, which would take longer than the network.
        return [
            FraudPrediction.model_construct(fraud=fraud, probability=probability, unusual=score)
            for fraud, probability, score in zip(flags.tolist(), probabilities.tolist(), unusual.tolist(), strict=True)
        ]

    def probabilities(self, outputs: Arrays) -> np.ndarray:
        """Return calibrated probabilities of fraud.

        Args:
            outputs: The network's outputs, with `logit`.

        Returns:
            Array of shape `(n,)`.
        """
        return self.scaling.probabilities(outputs["logit"])

    def unusual(self, outputs: Arrays) -> np.ndarray:
        """Return anomaly scores: the share of normal training transactions with a smaller error.

        Args:
            outputs: The network's outputs, with `error`.

        Returns:
            Array of shape `(n,)`, from 0 to 1.
        """
        return np.asarray(np.searchsorted(self.error_quantiles, outputs["error"]) / len(self.error_quantiles))

    def drift(self, x: np.ndarray) -> dict[str, float]:
        """Return the population stability index of each feature.

        Args:
            x: Features of shape `(n, features)`.

        Returns:
            The indices by name of the feature, largest first.
        """
        indices = [
            distribution.stability_index(values) for distribution, values in zip(self.distributions, x.T, strict=True)
        ]
        return {self.encoder.names[i]: indices[i] for i in np.argsort(indices)[::-1].tolist()}

    def with_policy(self, policy: DecisionPolicy) -> Self:
        """Return a copy that flags by another policy.

        Args:
            policy: The policy.

        Returns:
            The codec.
        """
        codec = copy(self)
        codec.policy = policy
        return codec

    def with_calibration(self, scaling: PlattScaling, error_quantiles: np.ndarray) -> Self:
        """Return a calibrated copy.

        Args:
            scaling: Calibration of the logits.
            error_quantiles: Quantiles of the autoencoder's error on normal transactions.

        Returns:
            The codec.
        """
        codec = copy(self)
        codec.scaling, codec.error_quantiles = scaling, error_quantiles
        return codec

    def describe_rows(self) -> list[RowColumn]:
        """Return the columns of a transaction with typical values.

        Returns:
            A time after those of training; accounts without an id, since those of training belong to people; the
            amount, and the columns that are features, with their medians or categories.
        """
        roles = self.encoder.roles
        columns = [] if roles.time is None else [RowColumn(roles.time, self._next_time())]
        columns += [RowColumn(name, "") for name in roles.accounts.values()]
        features = [column.describe() for column in self.encoder.columns]
        if roles.amount not in (None, *(column.name for column in features)):
            columns.append(RowColumn(str(roles.amount), self.policy.missing_amount))
        return columns + features

    def _next_time(self) -> float | str:
        """Return a time after those of training, as one of its times is written."""
        latest = self.history.latest_time
        if not self.encoder.dated:
            return latest + STEP if np.isfinite(latest) else 0.0
        time = datetime.fromtimestamp(latest + STEP, UTC) if np.isfinite(latest) else EXAMPLE_TIME
        form = self.encoder.time_form
        return time.strftime(form if form.startswith("%") else "%Y-%m-%d %H:%M:%S")

    def to_json(self) -> JsonObject:
        """Return the arguments as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        return {
            "encoder": self.encoder.to_json(),
            "history": self.history.to_json(),
            "policy": asdict(self.policy),
            "scaling": self.scaling._asdict(),
            "error_quantiles": self.error_quantiles.tolist(),
            "medians": self.medians.tolist(),
            "distributions": [distribution.to_json() for distribution in self.distributions],
        }

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create a codec from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The codec.
        """
        return cls(
            TransactionEncoder.from_json(state["encoder"]),
            AccountHistory.from_json(state["history"]),
            DecisionPolicy(**state["policy"]),
            PlattScaling(**state["scaling"]),
            state["error_quantiles"],
            state["medians"],
            [ReferenceDistribution.from_json(distribution) for distribution in state["distributions"]],
        )
