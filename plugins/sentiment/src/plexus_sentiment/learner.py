"""The training graph: every net learns for itself."""

from typing import Any

import keras
import numpy as np
from keras import ops

from plexus_sentiment.networks import EACH, VOTES


class SentimentLearner(keras.Model):
    """The votes are there already; each net has a loss of its own, so that they err differently and gain by averaging.

    Each net is kept from the texts of one fold, the net's own number: what it says of those tells what it is worth
    (cross-fitting), and no text has to be held back from all of them.

    Args:
        network: as `make_network` gives it.
        votes: of each bucket, as `fit_votes` gives them; no gradient touches them.
        smoothing: of the labels (Szegedy et al. 2016, arXiv:1512.00567, section 7).
    """

    def __init__(self, network: keras.Model, votes: np.ndarray, smoothing: float) -> None:
        super().__init__(name="learner")
        network.get_layer(VOTES).embeddings.assign(votes)
        self.network, self.smoothing = network, smoothing
        self.nets = keras.Model(network.input["pieces"], network.get_layer(EACH).output)

    def call(self, inputs: dict, training: bool = False) -> Any:
        """The logits of each net `(n, nets, classes)`."""
        return self.nets(inputs["pieces"], training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> Any:
        """The sum of the nets' mean cross-entropies; `y` is `(n, 2)`: a text's class and its fold."""
        target = ops.one_hot(y[:, 0], y_pred.shape[-1])[:, None]
        target = target * (1 - self.smoothing) + self.smoothing / y_pred.shape[-1]
        each = -ops.sum(target * ops.log_softmax(y_pred), axis=-1)
        learns = ops.cast(ops.not_equal(y[:, 1:], ops.arange(y_pred.shape[1])), each.dtype)
        means = ops.sum(each * learns, axis=0) / ops.maximum(ops.sum(learns, axis=0), 1)
        return ops.sum(means) + sum(self.losses, start=0.0)
