"""Proximal policy optimization (Schulman et al. 2017, arXiv:1707.06347)."""

import math
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import ops

from plexus import Batches
from plexus.metrics.calibration import log_softmax
from plexus.training.keras_predictor import KerasPredictor
from plexus_games.arena import Arena
from plexus_games.codec import PolicyCodec
from plexus_games.networks import actor_critic, set_normalizer
from plexus_games.options import PlayOptions
from plexus_games.returns import advantages
from plexus_games.rollout import reordered

LOG_2_PI = math.log(2 * math.pi)


class PPO(keras.Model):
    """Plays with the policy, then goes through what was played several times, never far from what it played with.

    An epoch is a rollout. With the details of Huang et al. 2022 (The 37 implementation details of PPO): advantages by
    GAE and normalized a batch, orthogonal weights, gradients clipped; the deviation of a continuous policy does not
    depend on the state.

    Args:
        network: as `actor_critic` gives it.
    """

    def __init__(self, network: keras.Model, codec: PolicyCodec, options: PlayOptions) -> None:
        super().__init__(name="ppo")
        self.network, self.discrete, self.options = network, codec.is_discrete, options
        self.answers = KerasPredictor(network)
        if not self.discrete:
            self.log_deviation = self.add_weight((len(codec.action["low"]),), "zeros", name="log_deviation")

    @staticmethod
    def make_network(codec: PolicyCodec, options: PlayOptions) -> keras.Model:
        """The network that this algorithm learns."""
        return actor_critic(codec, (options.units,) * options.layers, options.normalize_observations)

    def batches(self, arena: Arena, epoch: int) -> Batches:
        """Play, tell how good each action was, and shuffle."""
        options, generator = self.options, np.random.default_rng((self.options.seed, epoch))
        if options.normalize_observations:
            set_normalizer(self.network, arena.moments.mean, arena.moments.variance)
        rollout = arena.play(partial(self._act, generator), options.rollout, epoch)
        values = rollout.recorded["value"]
        found = advantages(rollout, values, options.gamma, options.gae_lambda)
        targets = {
            "action": rollout.actions,
            "log_probability": self._log_probability(rollout),
            "advantage": found.astype(np.float32),
            "return": (found + values[:-1]).astype(np.float32),
        }
        order = reordered(rollout, options.passes, options.batch_size, generator)
        flat = {name: array.reshape(-1, *array.shape[2:])[order] for name, array in targets.items()}
        observations = rollout.observations[:-1].reshape(-1, *rollout.observations.shape[2:])[order]
        return Batches({"observation": observations}, flat, options.batch_size, examples=int(rollout.played.sum()))

    def call(self, inputs: dict, training: bool = False) -> dict:
        """The network's outputs."""
        return self.network({"observation": inputs["observation"]}, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> Any:
        """Equation 9: the clipped surrogate of equation 7, the error of the value, and the entropy."""
        log_probability, entropy = self._distribution(y_pred, y["action"])
        advantage = (y["advantage"] - ops.mean(y["advantage"])) / (ops.std(y["advantage"]) + 1e-8)
        ratio = ops.exp(log_probability - y["log_probability"])
        near = ops.clip(ratio, 1 - self.options.clip_range, 1 + self.options.clip_range)
        surrogate = ops.mean(ops.minimum(ratio * advantage, near * advantage))
        error = ops.mean(ops.square(y_pred["value"] - y["return"]))
        options = self.options
        loss = options.value_coefficient * error - surrogate - options.entropy_coefficient * ops.mean(entropy)
        return loss + sum(self.losses, start=0.0)

    def _distribution(self, outputs: dict, action: Any) -> tuple[Any, Any]:
        """The log-probability of an action `(n,)`, and the entropy of the policy."""
        if self.discrete:
            each = ops.log_softmax(outputs["logits"])
            own = ops.sum(ops.one_hot(action, each.shape[-1]) * each, axis=-1)
            return own, -ops.sum(ops.exp(each) * each, axis=-1)
        spread = self.log_deviation
        apart = (action - outputs["mean"]) / ops.exp(spread)
        own = ops.sum(-0.5 * ops.square(apart) - spread - 0.5 * LOG_2_PI, axis=-1)
        return own, ops.sum(spread + 0.5 * (1 + LOG_2_PI))

    def _act(
        self, generator: np.random.Generator, observations: np.ndarray
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Draw actions from the policy (of discrete ones by the Gumbel-max trick)."""
        outputs = self.answers({"observation": observations})
        if self.discrete:
            logits = outputs["logits"]
            return (logits + generator.gumbel(size=logits.shape)).argmax(axis=1), outputs
        noise = generator.normal(size=outputs["mean"].shape) * np.exp(np.asarray(self.log_deviation))
        return (outputs["mean"] + noise).astype(np.float32), outputs

    def _log_probability(self, rollout: Any) -> np.ndarray:
        """Of what was done, by the policy that did it: as `_distribution`, in NumPy."""
        if self.discrete:
            each = log_softmax(rollout.recorded["logits"][:-1])
            own = np.take_along_axis(each, rollout.actions[..., None].astype(np.int64), axis=-1)
            return own[..., 0].astype(np.float32)
        spread = np.asarray(self.log_deviation)
        apart = (rollout.actions - rollout.recorded["mean"][:-1]) / np.exp(spread)
        return np.sum(-0.5 * apart**2 - spread - 0.5 * LOG_2_PI, axis=-1).astype(np.float32)
