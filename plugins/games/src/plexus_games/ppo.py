"""Proximal policy optimization (Schulman et al. 2017, arXiv:1707.06347)."""

import math
from functools import partial

import keras
import numpy as np
from keras import ops

from plexus import Batches
from plexus.codec import Arrays
from plexus.metrics.calibration import log_softmax
from plexus.options import resolved
from plexus_games.advantages import generalized_advantages
from plexus_games.codec import PolicyCodec
from plexus_games.dataset import EnvironmentDataset
from plexus_games.learner import PolicyLearner, select_steps
from plexus_games.options import PlayOptions
from plexus_games.rollout import Rollout, shuffled_steps

LOG_2_PI = math.log(2 * math.pi)


class PPOLearner(PolicyLearner):
    """Maximizes the clipped surrogate objective over several passes through each rollout.

    With these details of Huang et al. 2022 (The 37 implementation details of PPO): GAE, advantages normalized per
    batch, orthogonal weights, clipped gradients; the deviation of a continuous policy does not depend on the state.

    Args:
        network: The result of `build_actor_critic`.
        codec: The codec.
        options: The resolved options.

    Example:
        ```python
        learner = PPOLearner(build_actor_critic(codec, options), codec, options)
        ```
    """

    def __init__(self, network: keras.Model, codec: PolicyCodec, options: PlayOptions) -> None:
        super().__init__(network, codec, options)
        if not (codec.is_discrete or codec.is_factored):
            self.log_deviation = self.add_weight((codec.action_size,), "zeros", name="log_deviation")

    def batches(self, dataset: EnvironmentDataset, epoch: int) -> Batches:
        """Play a rollout, and return its steps with advantages and returns, shuffled.

        Args:
            dataset: The dataset, which is played.
            epoch: The epoch.

        Returns:
            The batches.
        """
        options, generator = self.options, self.generator(epoch)
        self.update_normalizer(dataset)
        rollout = dataset.collect(partial(self._act, generator), self.codec, options.rollout, epoch)
        values = rollout.outputs["value"]
        advantages = generalized_advantages(rollout, values, options.gamma, options.gae_lambda)
        targets = {
            "action": rollout.actions,
            "log_probability": self._log_probabilities(rollout),
            "advantage": advantages.astype(np.float32),
            "return": (advantages + values[:-1]).astype(np.float32),
        }
        batch_size = resolved(options.batch_size)
        indices = shuffled_steps(rollout, options.update_epochs, batch_size, generator)
        return Batches(*select_steps(rollout, targets, indices), batch_size, examples=int(rollout.valid.sum()))

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: dict[str, keras.KerasTensor] | None = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the loss of equation 9: clipped surrogate (equation 7), value loss and entropy bonus.

        Args:
            x: Not used.
            y: `action`, `log_probability`, `advantage` and `return` of shape `(n, …)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        options, targets, outputs = self.options, y or {}, y_pred or {}
        log_probability, entropy = self._log_probability_and_entropy(outputs, targets["action"])
        advantage = targets["advantage"]
        advantage = (advantage - ops.mean(advantage)) / (ops.std(advantage) + 1e-8)
        ratio = ops.exp(log_probability - targets["log_probability"])
        clipped_ratio = ops.clip(ratio, 1 - options.clip_range, 1 + options.clip_range)
        surrogate = ops.mean(ops.minimum(ratio * advantage, clipped_ratio * advantage))
        value_loss = ops.mean(ops.square(outputs["value"] - targets["return"]))
        loss = options.value_coefficient * value_loss - surrogate - options.entropy_coefficient * ops.mean(entropy)
        return loss + sum(self.losses, start=0.0)

    def _log_probability_and_entropy(
        self, outputs: dict[str, keras.KerasTensor], action: keras.KerasTensor
    ) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        if self.codec.is_factored:
            return self._factored_log_probability_and_entropy(outputs["logits"], action)
        if self.codec.is_discrete:
            log_probabilities = ops.log_softmax(outputs["logits"])
            action_log_probability = ops.sum(
                ops.one_hot(action, log_probabilities.shape[-1]) * log_probabilities, axis=-1
            )
            return action_log_probability, -ops.sum(ops.exp(log_probabilities) * log_probabilities, axis=-1)
        log_deviation = self.log_deviation
        standardized = (action - outputs["mean"]) / ops.exp(log_deviation)
        action_log_probability = ops.sum(-0.5 * ops.square(standardized) - log_deviation - 0.5 * LOG_2_PI, axis=-1)
        return action_log_probability, ops.sum(log_deviation + 0.5 * (1 + LOG_2_PI))

    def _factored_log_probability_and_entropy(
        self, logits: keras.KerasTensor, action: keras.KerasTensor
    ) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """Sum over the factors: they are independent, given the observation."""
        log_probability, entropy = 0.0, 0.0
        for index, factor in enumerate(self.codec.factors):
            log_probabilities = ops.log_softmax(logits[:, factor])
            one_hot = ops.one_hot(action[:, index], factor.stop - factor.start)
            log_probability += ops.sum(one_hot * log_probabilities, axis=-1)
            entropy -= ops.sum(ops.exp(log_probabilities) * log_probabilities, axis=-1)
        return log_probability, entropy

    def _act(self, generator: np.random.Generator, observations: np.ndarray) -> tuple[np.ndarray, Arrays]:
        """Sample actions from the policy; discrete ones by the Gumbel-max trick."""
        outputs = self.predictor({"observation": observations})
        if self.codec.is_discrete:
            logits = outputs["logits"]
            return (logits + generator.gumbel(size=logits.shape)).argmax(axis=1), outputs
        if self.codec.is_factored:
            noisy = outputs["logits"] + generator.gumbel(size=outputs["logits"].shape)
            return np.stack([noisy[:, factor].argmax(axis=1) for factor in self.codec.factors], axis=1), outputs
        noise = generator.normal(size=outputs["mean"].shape) * np.exp(np.asarray(self.log_deviation))
        return (outputs["mean"] + noise).astype(np.float32), outputs

    def _log_probabilities(self, rollout: Rollout) -> np.ndarray:
        """Return the log-probabilities of a rollout's actions, as `_log_probability_and_entropy` does, in NumPy."""
        if self.codec.is_factored:
            logits, factors = rollout.outputs["logits"][:-1], self.codec.factors
            parts = [_log_probability(logits[..., f], rollout.actions[..., i]) for i, f in enumerate(factors)]
            return np.asarray(np.sum(parts, axis=0), np.float32)
        if self.codec.is_discrete:
            return _log_probability(rollout.outputs["logits"][:-1], rollout.actions).astype(np.float32)
        log_deviation = np.asarray(self.log_deviation)
        standardized = (rollout.actions - rollout.outputs["mean"][:-1]) / np.exp(log_deviation)
        summed: np.ndarray = np.sum(-0.5 * standardized**2 - log_deviation - 0.5 * LOG_2_PI, axis=-1)
        return summed.astype(np.float32)


def _log_probability(logits: np.ndarray, actions: np.ndarray) -> np.ndarray:
    log_probabilities = log_softmax(logits)
    return np.asarray(np.take_along_axis(log_probabilities, actions[..., None].astype(np.int64), axis=-1)[..., 0])
