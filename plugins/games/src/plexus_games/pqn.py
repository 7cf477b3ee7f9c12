"""Q-learning without a memory and without a target network (Gallici et al. 2025, arXiv:2407.04811)."""

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
from plexus_games.networks import action_values, set_normalizer
from plexus_games.options import PlayOptions
from plexus_games.returns import lambda_returns
from plexus_games.rollout import reordered


class PQN(keras.Model):
    """Plays many copies with now and then a random action, then learns the lambda-returns of what was played.

    An epoch is a rollout. Layer normalization keeps the values from running away, which is else what the memory and
    the target network are for; without them it is strong on few cores.

    Args:
        network: as `action_values` gives it.
    """

    def __init__(self, network: keras.Model, codec: PolicyCodec, options: PlayOptions) -> None:
        super().__init__(name="pqn")
        self.network, self.options = network, options
        self.answers = KerasPredictor(network)

    @staticmethod
    def make_network(codec: PolicyCodec, options: PlayOptions) -> keras.Model:
        """The network that this algorithm learns."""
        hidden = (options.units,) * options.layers
        return action_values(codec, hidden, options.normalize_observations, duelling=False, layer_norm=True)

    def batches(self, arena: Arena, epoch: int) -> Batches:
        """Play, tell what each action was worth, and shuffle."""
        options, generator = self.options, np.random.default_rng((self.options.seed, epoch))
        if options.normalize_observations:
            set_normalizer(self.network, arena.moments.mean, arena.moments.variance)
        rollout = arena.play(partial(self._act, arena, generator), options.rollout, epoch)
        found = lambda_returns(rollout, rollout.recorded["value"], options.gamma, options.gae_lambda)
        order = reordered(rollout, options.passes, options.batch_size, generator)
        targets = {"action": rollout.actions.reshape(-1)[order], "return": found.reshape(-1)[order].astype(np.float32)}
        observations = rollout.observations[:-1].reshape(-1, *rollout.observations.shape[2:])[order]
        return Batches({"observation": observations}, targets, options.batch_size, examples=int(rollout.played.sum()))

    def call(self, inputs: dict, training: bool = False) -> dict:
        """The network's outputs."""
        return self.network({"observation": inputs["observation"]}, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> Any:
        """Half the squared error of the value of what was done."""
        values = y_pred["action_values"]
        own = ops.sum(ops.one_hot(y["action"], values.shape[-1]) * values, axis=-1)
        return 0.5 * ops.mean(ops.square(own - y["return"])) + sum(self.losses, start=0.0)

    def _act(
        self, arena: Arena, generator: np.random.Generator, observations: np.ndarray
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        outputs = self.answers({"observation": observations})
        share = exploration(self.options, arena.steps)
        return epsilon_greedy(outputs["action_values"], share, generator), {"value": outputs["value"]}
