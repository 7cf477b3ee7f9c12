"""The training graph of fraud detection."""

import keras
import numpy as np
from keras import ops

from plexus_fraud.network import ENCODING, ERROR, LOGITS, STANDARDIZATION, TREES

ERROR_WEIGHT = 0.1
"""Weight of the autoencoder's loss. It shares no weights with the ensemble, but its gradients are clipped with them."""


class FraudLearner(keras.Model):
    """Trains each head of the ensemble by its own cross-entropy, and the autoencoder on normal transactions.

    Args:
        network: The result of `build_network`.
        x: Training features, to which the encoding of columns and the trees are fitted, in the order of time, shape
            `(n, columns)`.
        fraud: 1 or 0, shape `(n,)`.
        seed: Random seed of the trees.

    Example:
        ```python
        learner = FraudLearner(network, dataset.encode(codec, "train"), dataset.fraud("train"), seed=0)
        ```
    """

    def __init__(self, network: keras.Model, x: np.ndarray, fraud: np.ndarray, seed: int) -> None:
        super().__init__(name="learner")
        network.get_layer(ENCODING).fit(x, focus=fraud == 1)
        network.get_layer(STANDARDIZATION).fit(x)
        if any(layer.name == TREES for layer in network.layers):
            network.get_layer(TREES).fit(x, fraud, seed)
        self.network = network
        self.heads = keras.Model(network.input, [network.get_layer(name).output for name in (LOGITS, ERROR)])

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> list[keras.KerasTensor]:
        """Compute the outputs that the losses need.

        Args:
            inputs: `x` of shape `(n, columns)`.
            training: Whether to apply dropout.

        Returns:
            Logits of shape `(n, heads)` and reconstruction errors of shape `(n,)`.
        """
        outputs: list[keras.KerasTensor] = self.heads(inputs, training=training)
        return outputs

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: tuple[keras.KerasTensor, keras.KerasTensor] | None = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the mean cross-entropy of the heads, and the mean reconstruction error of normal transactions.

        Args:
            x: Not used.
            y: 1 for fraud, else 0, shape `(n,)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        logits, error = y_pred or (None, None)
        fraud = ops.cast(y, "float32")
        cross_entropy = ops.mean(ops.softplus(logits) - fraud[:, None] * logits)
        return cross_entropy + ERROR_WEIGHT * ops.mean((1 - fraud) * error) + sum(self.losses, start=0.0)
