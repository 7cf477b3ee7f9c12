"""PQN: Q-learning without replay buffer and target network (Gallici et al. 2025, arXiv:2407.04811)."""

from functools import partial

import keras
import numpy as np
from keras import ops

from plexus import Batches
from plexus.codec import Arrays
from plexus.options import resolved
from plexus_games.advantages import lambda_returns
from plexus_games.dataset import EnvironmentDataset
from plexus_games.exploration import epsilon_greedy, exploration_rate
from plexus_games.learner import PolicyLearner, select_steps
from plexus_games.rollout import shuffled_steps


class PQNLearner(PolicyLearner):
    """Learns the lambda-returns of epsilon-greedy rollouts of many environments.

    Layer normalization keeps the values stable, which otherwise takes a replay buffer and a target network.

    Args:
        network: The result of `build_q_network`.
        codec: The codec.
        options: The resolved options.

    Example:
        ```python
        learner = PQNLearner(build_q_network(codec, options), codec, options)
        ```
    """

    def batches(self, dataset: EnvironmentDataset, epoch: int) -> Batches:
        """Play a rollout, and return its steps with lambda-returns, shuffled.

        Args:
            dataset: The dataset, which is played.
            epoch: The epoch.

        Returns:
            The batches.
        """
        options, generator = self.options, self.generator(epoch)
        self.update_normalizer(dataset)
        rollout = dataset.collect(partial(self._act, dataset, generator), self.codec, options.rollout, epoch)
        returns = lambda_returns(rollout, rollout.outputs["value"], options.gamma, options.gae_lambda)
        batch_size = resolved(options.batch_size)
        indices = shuffled_steps(rollout, options.update_epochs, batch_size, generator)
        targets = {"action": rollout.actions, "return": returns.astype(np.float32)}
        return Batches(*select_steps(rollout, targets, indices), batch_size, examples=int(rollout.valid.sum()))

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: dict[str, keras.KerasTensor] | None = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute half the mean squared error of the values of the actions.

        Args:
            x: Not used.
            y: `action` and `return` of shape `(n,)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        targets, values = y or {}, (y_pred or {})["action_values"]
        action_values = ops.sum(ops.one_hot(targets["action"], values.shape[-1]) * values, axis=-1)
        return 0.5 * ops.mean(ops.square(action_values - targets["return"])) + sum(self.losses, start=0.0)

    def _act(
        self, dataset: EnvironmentDataset, generator: np.random.Generator, observations: np.ndarray
    ) -> tuple[np.ndarray, Arrays]:
        outputs = self.predictor({"observation": observations})
        epsilon = exploration_rate(self.options, dataset.steps)
        return epsilon_greedy(outputs["action_values"], epsilon, generator), {"value": outputs["value"]}
