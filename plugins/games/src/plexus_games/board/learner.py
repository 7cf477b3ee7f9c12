"""Learning from self-play: Gumbel AlphaZero (Danihelka et al. 2022)."""

import keras
import numpy as np
from keras import ops

from plexus import Batches
from plexus.options import resolved
from plexus.training.keras_predictor import KerasPredictor
from plexus_games.board.dataset import SelfPlayDataset
from plexus_games.board.evaluator import network_evaluator
from plexus_games.board.gumbel_search import GumbelSearch
from plexus_games.board.options import BoardOptions

FAST_DIVISOR, FIRST_DIVISOR = 4, 4
"""A fast search has a quarter of the simulations of a full one, the first generation a quarter of those of the last."""
OUTCOME_WEIGHT = 0.25
"""Weight of the loss of the outcome."""


class BoardLearner(keras.Model):
    """A network that learns the improved policies and the results of its own games; an epoch is a generation.

    Args:
        network: The result of `build_network`.
        options: The resolved options.

    Example:
        ```python
        learner = BoardLearner(network, options)
        batches = learner.batches(dataset, epoch=0)
        ```
    """

    def __init__(self, network: keras.Model, options: BoardOptions) -> None:
        super().__init__(name="board")
        self.network, self.options = network, options
        self._evaluator = network_evaluator(KerasPredictor(network))

    def batches(self, dataset: SelfPlayDataset, epoch: int) -> Batches:
        """Play a generation, and return random positions of the latest games, each in a random symmetry.

        Args:
            dataset: The dataset, which is played.
            epoch: The epoch.

        Returns:
            The batches.
        """
        options, generator = self.options, np.random.default_rng((self.options.seed, epoch))
        search = GumbelSearch(dataset.game, self._evaluator, options.gamma, options.considered_actions)
        batch_size = resolved(options.batch_size)
        before = dataset.buffer.total
        while dataset.buffer.total == before or len(dataset.buffer) < batch_size:
            dataset.play(search, self._simulations(epoch), generator)
        steps = max(round(options.replay_ratio * options.games * options.plies / batch_size), 1)
        sample = dataset.symmetries.transform(dataset.buffer.sample(steps * batch_size, generator), generator)
        x = {"observation": sample.pop("observation").astype(np.float32)}
        return Batches(x, sample, batch_size, examples=dataset.buffer.total - before)

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> dict[str, keras.KerasTensor]:
        """Compute the network's outputs.

        Args:
            inputs: `observation` of shape `(n, *shape)`.
            training: Whether it is called in training.

        Returns:
            The outputs by name.
        """
        outputs: dict[str, keras.KerasTensor] = self.network(inputs, training=training)
        return outputs

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: dict[str, keras.KerasTensor] | None = None,
        y_pred: dict[str, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the cross-entropies of policy and outcome and the squared error of the value.

        Args:
            x: Not used.
            y: `policy` `(n, actions)`, `policy_weight`, `value` and `outcome` `(n,)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        targets, outputs = y or {}, y_pred or {}
        weights = targets["policy_weight"]
        policy = keras.losses.categorical_crossentropy(targets["policy"], outputs["logits"], from_logits=True)
        outcome = keras.losses.sparse_categorical_crossentropy(targets["outcome"], outputs["outcome"], from_logits=True)
        value = ops.square(outputs["value"] - targets["value"])
        policy_loss = ops.sum(weights * policy) / ops.maximum(ops.sum(weights), 1.0)
        return policy_loss + ops.mean(value + OUTCOME_WEIGHT * outcome) + sum(self.losses, start=0.0)

    def _simulations(self, epoch: int) -> tuple[int, int]:
        """Return the simulations of a full and of a fast search, which grow during the training."""
        last, progress = self.options.simulations, epoch / max(resolved(self.options.epochs) - 1, 1)
        full = max(round(last * (1 + (FIRST_DIVISOR - 1) * progress) / FIRST_DIVISOR), 2)
        return full, max(full // FAST_DIVISOR, 2)
