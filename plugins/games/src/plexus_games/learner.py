"""The base class of the algorithms."""

from abc import abstractmethod

import keras
import numpy as np

from plexus import Batches
from plexus.codec import Arrays
from plexus.training.keras_predictor import KerasPredictor
from plexus_games.codec import PolicyCodec
from plexus_games.dataset import EnvironmentDataset
from plexus_games.network import NORMALIZER
from plexus_games.options import PlayOptions
from plexus_games.rollout import Rollout


class PolicyLearner(keras.Model):
    """A network with the data and the loss of an algorithm; an epoch is a rollout and the updates after it.

    Args:
        network: The network of the algorithm.
        codec: The codec.
        options: The resolved options.

    Example:
        ```python
        learner = PPOLearner(network, codec, options)
        batches = learner.batches(dataset, epoch=0)
        ```
    """

    def __init__(self, network: keras.Model, codec: PolicyCodec, options: PlayOptions) -> None:
        super().__init__(name=options.algorithm)
        self.network, self.codec, self.options = network, codec, options
        self.predictor = KerasPredictor(network)

    @abstractmethod
    def batches(self, dataset: EnvironmentDataset, epoch: int) -> Batches:
        """Play a rollout with the current policy, and return the data of the epoch's updates.

        Args:
            dataset: The dataset, which is played.
            epoch: The epoch.

        Returns:
            The batches.
        """

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute the network's outputs.

        Args:
            inputs: `observation` of shape `(n, …)`.
            training: Whether it is called in training.

        Returns:
            The outputs by name.
        """
        outputs: dict[str, keras.KerasTensor] = self.network({"observation": inputs["observation"]}, training=training)
        return outputs

    def generator(self, epoch: int) -> np.random.Generator:
        """Return the random generator of an epoch.

        Args:
            epoch: The epoch.

        Returns:
            The generator.
        """
        return np.random.default_rng((self.options.seed, epoch))

    def update_normalizer(self, dataset: EnvironmentDataset) -> None:
        """Set the mean and the variance by which the network normalizes observations, if it does.

        Args:
            dataset: The dataset.
        """
        if self.options.normalize_observations and dataset.codec.observation["kind"] == "vector":
            layer, statistics = self.network.get_layer(NORMALIZER), dataset.observation_statistics
            layer.moving_mean.assign(statistics.mean)
            layer.moving_variance.assign(statistics.var)


def select_steps(rollout: Rollout, targets: Arrays, indices: np.ndarray) -> tuple[Arrays, Arrays]:
    """Return inputs and targets of steps of a rollout.

    Args:
        rollout: The rollout.
        targets: Targets of shape `(steps, environments, …)` by name.
        indices: Indices in the flattened rollout.

    Returns:
        Inputs and targets of shape `(indices, …)` by name.
    """

    def select(array: np.ndarray) -> np.ndarray:
        return np.asarray(array.reshape(-1, *array.shape[2:])[indices])

    return {"observation": select(rollout.observations[:-1])}, {name: select(array) for name, array in targets.items()}
