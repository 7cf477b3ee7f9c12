"""The training graph: each net for itself, and what is normal."""

from typing import Any

import keras
import numpy as np
from keras import ops

from plexus_fraud.networks import ERROR, LOGITS

OF_ERROR = 0.1
"""What the autoencoder's loss counts; it shares nothing with the nets but the norm that gradients are clipped to."""


class FraudLearner(keras.Model):
    """Learns the probability by the cross-entropy of each head; and to tell a normal transaction from few numbers.

    Args:
        network: as `make_network` gives it; x, fraud: of the training, which the columns' pieces are fitted to.
    """

    def __init__(self, network: keras.Model, x: np.ndarray, fraud: np.ndarray) -> None:
        super().__init__(name="learner")
        network.get_layer("pieces").fit(x, fraud)
        network.get_layer("standard").fit(x)
        self.network = network
        outputs = [network.get_layer(name).output for name in (LOGITS, ERROR)]
        self.inner = keras.Model(network.input, outputs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Logits of each head `(n, heads)`, and errors `(n,)`."""
        return self.inner(inputs, training=training)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> Any:
        """Cross-entropy, and the mean error of what is not fraud."""
        logits, error = y_pred
        fraud = ops.cast(y, "float32")
        entropy = ops.mean(ops.softplus(logits) - fraud[:, None] * logits)
        return entropy + OF_ERROR * ops.mean((1 - fraud) * error) + sum(self.losses, start=0.0)
