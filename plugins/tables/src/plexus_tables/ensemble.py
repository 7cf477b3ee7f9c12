"""The models of a bundle, and how their predictions are combined."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import numpy as np

from plexus.codec import Arrays, JsonObject
from plexus.errors import InputError
from plexus_tables.boosting_member import BoostingMember
from plexus_tables.forest_member import ForestMember
from plexus_tables.linear_member import LinearMember
from plexus_tables.student_member import StudentMember

if TYPE_CHECKING:
    from plexus_tables.table_encoder import TableEncoder

NETWORK = "network"
LINEAR, FOREST, BOOSTING, STUDENT = "linear", "forest", "boosting", "student"
"""Names of the members: the networks, the linear models, the random forests, the gradient-boosted trees, and the small
networks that learned the predictions of an ensemble of the others, and are used alone."""

Member = LinearMember | ForestMember | BoostingMember | StudentMember
MEMBERS: dict[str, type[Member]] = {
    LINEAR: LinearMember,
    FOREST: ForestMember,
    BOOSTING: BoostingMember,
    STUDENT: StudentMember,
}
"""Classes of the members other than the networks, by name."""


class Ensemble:
    """A weighted mean of the networks, linear models, random forests and gradient-boosted trees of each fold.

    Args:
        weights: Weight of each member in use; they sum to 1.
        members: The members in use other than the networks, which are in a file of their own.

    Example:
        ```python
        ensemble = Ensemble({"network": 0.7, "linear": 0.3}, {"linear": linear})
        ensemble.combine(predictor(arrays)["network"], arrays).shape  # (n, folds, outputs)
        ```
    """

    def __init__(self, weights: Mapping[str, float], members: Mapping[str, Member]) -> None:
        self.weights, self.members = dict(weights), dict(members)

    @classmethod
    def of_network(cls) -> Self:
        """Return the ensemble of the networks alone.

        Returns:
            The ensemble.
        """
        return cls({NETWORK: 1.0}, {})

    def describe(self, model: str) -> str:
        """Describe the model with the members in use and their shares, the largest first.

        Args:
            model: Its name.

        Returns:
            `ensemble (boosting 55 %, network 45 %)`; the name of a model that is a member alone.
        """
        ranked = sorted(self.weights.items(), key=lambda item: -item[1])
        shares = ", ".join(f"{name} {100 * weight:.0f} %" for name, weight in ranked)
        return model if list(self.weights) == [model] else f"{model} ({shares})"

    def combine(self, network: np.ndarray | None, arrays: Arrays) -> np.ndarray:
        """Compute the weighted mean of the members.

        Args:
            network: Output of the networks, shape `(n, folds, outputs)`; None if they have no weight.
            arrays: The arrays of the encoder.

        Returns:
            Array of the same shape: probabilities, or standardized numbers.

        Raises:
            InputError: If a prediction is NaN, because numbers of a member are too large.
        """
        members = {name: member.predict(arrays) for name, member in self.members.items()}
        predictions = members if network is None else {NETWORK: network, **members}
        combined = np.asarray(sum(weight * predictions[name] for name, weight in self.weights.items()))
        if np.isnan(combined).any():
            raise InputError(
                "a prediction is not a number (NaN), as numbers of the model are too large: train it again"
            )
        return combined

    def check(self, encoder: "TableEncoder", outputs: int) -> None:
        """Check that the members are those of an encoder and of each other.

        Args:
            encoder: The encoder.
            outputs: Number of labels; 1 for numbers.

        Raises:
            ValueError: If the members have other features, outputs or folds.
        """
        features = {name: len(columns) for name, columns in encoder.feature_columns.items()}
        for member in self.members.values():
            member.check(features, encoder.code_sizes, outputs)
        if len({member.folds for member in self.members.values()}) > 1:
            raise ValueError("ensemble: the members have different numbers of folds")

    def to_json(self) -> JsonObject:
        """Return the weights and the members as JSON types.

        Returns:
            The object that `from_json` takes.
        """
        members = {name: self.members[name].to_json() if name in self.members else None for name in MEMBERS}
        return {"weights": self.weights, **members}

    @classmethod
    def from_json(cls, state: JsonObject) -> Self:
        """Create an ensemble from the result of `to_json`.

        Args:
            state: The object that `to_json` returned.

        Returns:
            The ensemble.
        """
        members = {name: member.from_json(state[name]) for name, member in MEMBERS.items() if state.get(name)}
        return cls(state["weights"], members)
