"""Deep Q-learning from a memory (Mnih et al. 2015), with the parts of Rainbow that pay (arXiv:1710.02298)."""

from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from plexus import Batches
from plexus.training.keras_predictor import KerasPredictor
from plexus_games.arena import Arena
from plexus_games.codec import PolicyCodec
from plexus_games.exploration import epsilon_greedy, exploration
from plexus_games.memory import Transitions
from plexus_games.networks import action_values, set_normalizer
from plexus_games.options import PlayOptions

ALPHA, BETA = 0.5, 0.4
"""Of the prioritized memory (Schaul et al. 2016): how much priorities count, and how much of their bias is taken back
at first; all of it at the end."""


class DQN(keras.Model):
    """Plays, remembers, and learns from what it remembers.

    An epoch is a rollout and `updates` steps of learning. The target network is the network as it was at the epoch's
    start: what it says of the transitions drawn is computed once, when the epoch's data is made.

    Args:
        network: as `action_values` gives it.
    """

    def __init__(self, network: keras.Model, codec: PolicyCodec, options: PlayOptions) -> None:
        super().__init__(name="dqn")
        self.network, self.options = network, options
        self.answers = KerasPredictor(network)

    @staticmethod
    def make_network(codec: PolicyCodec, options: PlayOptions) -> keras.Model:
        """The network that this algorithm learns."""
        hidden = (options.units,) * options.layers
        return action_values(codec, hidden, options.normalize_observations, options.duelling, layer_norm=False)

    def batches(self, arena: Arena, epoch: int) -> Batches:
        """Play, remember, and draw from the memory."""
        options, generator = self.options, np.random.default_rng((self.options.seed, epoch))
        if options.normalize_observations:
            set_normalizer(self.network, arena.moments.mean, arena.moments.variance)
        before = arena.steps
        while arena.steps == before or len(arena.memory) < options.warm_steps:
            rollout = arena.play(partial(self._act, arena, generator), options.rollout, epoch)
            arena.memory.add(rollout, options.memory)
        alpha = ALPHA if options.prioritized else 0.0
        beta = BETA + (1 - BETA) * min(arena.steps / options.steps, 1)
        number = options.updates * options.batch_size
        drawn = arena.memory.draw(number, options.n_step, options.gamma, alpha, beta, generator)
        targets = self._targets(drawn)
        if options.prioritized:
            arena.memory.prioritize(drawn.places, self._errors(drawn, targets))
        x = {"observation": drawn.observations, "following": drawn.following}
        return Batches(x, targets, options.batch_size, examples=arena.steps - before)

    def call(self, inputs: dict, training: bool = False) -> dict:
        """The network's outputs, and of what follows the best action: `following` `(n,)`."""
        outputs = self.network({"observation": inputs["observation"]}, training=training)
        if not self.options.double:
            return outputs
        following = self.network({"observation": inputs["following"]}, training=training)
        return {**outputs, "following": following["action"]}

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> Any:
        """Huber's loss of the temporal difference; double Q-learning as in van Hasselt et al. 2016, equation 4."""
        values = y["following"]
        if self.options.double:
            after = ops.sum(ops.one_hot(y_pred["following"], values.shape[-1]) * values, axis=-1)
        else:
            after = ops.max(values, axis=-1)
        own = ops.sum(ops.one_hot(y["action"], values.shape[-1]) * y_pred["action_values"], axis=-1)
        wrong = ops.abs(y["reward"] + y["discount"] * ops.stop_gradient(after) - own)
        huber = ops.where(wrong < 1, 0.5 * ops.square(wrong), wrong - 0.5)
        return ops.mean(y["weight"] * huber) + sum(self.losses, start=0.0)

    def _act(
        self, arena: Arena, generator: np.random.Generator, observations: np.ndarray
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        warm = len(arena.memory) < self.options.warm_steps
        share = 1.0 if warm else exploration(self.options, arena.steps)
        return epsilon_greedy(self.answers({"observation": observations})["action_values"], share, generator), {}

    def _targets(self, drawn: Transitions) -> dict[str, np.ndarray]:
        following = self.answers({"observation": drawn.following})["action_values"]
        numbers = {"reward": drawn.rewards, "discount": drawn.discounts, "weight": drawn.weights}
        targets = {name: array.astype(np.float32) for name, array in numbers.items()}
        return targets | {"action": drawn.actions, "following": following}

    def _errors(self, drawn: Transitions, targets: dict[str, np.ndarray]) -> np.ndarray:
        values = self.answers({"observation": drawn.observations})["action_values"]
        own = values[np.arange(len(values)), drawn.actions]
        return np.asarray(drawn.rewards + drawn.discounts * targets["following"].max(axis=1) - own)
