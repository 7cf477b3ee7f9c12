"""Deep Q-learning (Mnih et al. 2015) with extensions of Rainbow (Hessel et al. 2018, arXiv:1710.02298)."""

from functools import partial

import keras
import numpy as np
from keras import ops

from plexus import Batches
from plexus.codec import Arrays
from plexus.options import resolved
from plexus_games.dataset import EnvironmentDataset
from plexus_games.exploration import epsilon_greedy, exploration_rate
from plexus_games.learner import PolicyLearner
from plexus_games.transitions import Transitions

ALPHA, BETA = 0.5, 0.4
"""Exponents of prioritized replay (Schaul et al. 2016): of the priorities, and initially of the importance-sampling
weights, which grows to 1."""


class DQNLearner(PolicyLearner):
    """Learns from transitions of a replay buffer, with `gradient_steps` updates per rollout.

    The target network is the network at the start of the epoch: its values of the sampled transitions are computed
    once, when the epoch's batches are made.

    Args:
        network: The result of `build_q_network`.
        codec: The codec.
        options: The resolved options.

    Example:
        ```python
        learner = DQNLearner(build_q_network(codec, options), codec, options)
        ```
    """

    def batches(self, dataset: EnvironmentDataset, epoch: int) -> Batches:
        """Play a rollout, add it to the replay buffer, and sample transitions.

        Args:
            dataset: The dataset, which is played.
            epoch: The epoch.

        Returns:
            The batches.
        """
        options, generator, buffer = self.options, self.generator(epoch), dataset.replay_buffer
        self.update_normalizer(dataset)
        before = dataset.steps
        while dataset.steps == before or len(buffer) < options.learning_starts:
            policy = partial(self._act, dataset, generator)
            buffer.add(dataset.collect(policy, self.codec, options.rollout, epoch), options.replay_size)
        alpha = ALPHA if options.prioritized else 0.0
        beta = BETA + (1 - BETA) * min(dataset.steps / options.steps, 1)
        batch_size = resolved(options.batch_size)
        count = options.gradient_steps * batch_size
        transitions = buffer.sample(count, options.n_step, options.gamma, alpha, beta, generator)
        targets = self._targets(transitions)
        if options.prioritized:
            buffer.update_priorities(transitions.indices, self._td_errors(transitions, targets))
        x = {"observation": transitions.observations, "next_observation": transitions.next_observations}
        return Batches(x, targets, batch_size, examples=dataset.steps - before)

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute the network's outputs and, for double Q-learning, the best next action.

        Args:
            inputs: `observation` and `next_observation` of shape `(n, …)`.
            training: Whether it is called in training.

        Returns:
            The outputs by name, and `next_action` of shape `(n,)`.
        """
        outputs = super().call(inputs, training)
        if not self.options.double:
            return outputs
        next_outputs = self.network({"observation": inputs["next_observation"]}, training=training)
        return {**outputs, "next_action": next_outputs["action"]}

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: dict[str, keras.KerasTensor] | None = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the Huber loss of the temporal differences (double: van Hasselt et al. 2016, equation 4).

        Args:
            x: Not used.
            y: `action`, `reward`, `discount`, `weight` of shape `(n,)`, and the target network's `next_values` of shape
                `(n, actions)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        targets, outputs = y or {}, y_pred or {}
        next_values = targets["next_values"]
        if self.options.double:
            next_value = ops.sum(ops.one_hot(outputs["next_action"], next_values.shape[-1]) * next_values, axis=-1)
        else:
            next_value = ops.max(next_values, axis=-1)
        one_hot = ops.one_hot(targets["action"], next_values.shape[-1])
        value = ops.sum(one_hot * outputs["action_values"], axis=-1)
        target = targets["reward"] + targets["discount"] * ops.stop_gradient(next_value)
        losses = keras.losses.huber(target[:, None], value[:, None])
        return ops.mean(targets["weight"] * losses) + sum(self.losses, start=0.0)

    def _act(
        self, dataset: EnvironmentDataset, generator: np.random.Generator, observations: np.ndarray
    ) -> tuple[np.ndarray, Arrays]:
        is_learning = len(dataset.replay_buffer) >= self.options.learning_starts
        epsilon = exploration_rate(self.options, dataset.steps) if is_learning else 1.0
        return epsilon_greedy(self._action_values(observations), epsilon, generator), {}

    def _action_values(self, observations: np.ndarray) -> np.ndarray:
        return self.predictor({"observation": observations})["action_values"]

    def _targets(self, transitions: Transitions) -> Arrays:
        floats = {
            "reward": transitions.rewards,
            "discount": transitions.discounts,
            "weight": transitions.weights,
            "next_values": self._action_values(transitions.next_observations),
        }
        return {name: array.astype(np.float32) for name, array in floats.items()} | {"action": transitions.actions}

    def _td_errors(self, transitions: Transitions, targets: Arrays) -> np.ndarray:
        values = self._action_values(transitions.observations)
        action_values = values[np.arange(len(values)), transitions.actions]
        next_values = targets["next_values"].max(axis=1)
        return np.asarray(transitions.rewards + transitions.discounts * next_values - action_values)
