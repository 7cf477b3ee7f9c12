"""The training graph."""

import keras
from keras import ops

from plexus_tables.network import HEADS

FOLD = "fold"
"""Name of the input that holds each row's fold."""


class TableLearner(keras.Model):
    """Trains the networks of each fold on the rows of all other folds.

    Args:
        network: The result of `build_network`.
        folds: Number of folds.
        label_smoothing: Fraction of the target that is spread evenly over all labels.

    Example:
        ```python
        learner = TableLearner(network, folds=5)
        learner({**codec.encode(rows), "fold": folds})  # shape (n, heads, outputs)
        ```
    """

    def __init__(self, network: keras.Model, folds: int, label_smoothing: float = 0.0) -> None:
        super().__init__(name="learner")
        self.network, self.folds, self.label_smoothing = network, folds, label_smoothing
        self.heads = keras.Model(network.input, network.get_layer(HEADS).output)

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> keras.KerasTensor:
        """Compute the outputs of all networks.

        Args:
            inputs: The network's inputs, and `fold`.
            training: Whether to apply dropout.

        Returns:
            Logits or values, shape `(n, heads, outputs)`.
        """
        return self.heads({name: values for name, values in inputs.items() if name != FOLD}, training=training)

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: keras.KerasTensor = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the mean loss of the networks, each on the rows that it learns from.

        Args:
            x: The inputs, with `fold`.
            y: Classes of shape `(n,)`, or standardized numbers of shape `(n, 1)`.
            y_pred: The result of `call`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The cross-entropy, or half of the squared error.
        """
        fold_of_head = ops.arange(y_pred.shape[1], dtype="int32") % self.folds
        learns = ops.cast((x or {})[FOLD][:, None] != fold_of_head, "float32")
        losses = self._row_losses(y, y_pred) * learns
        means = ops.sum(losses, axis=0) / ops.maximum(ops.sum(learns, axis=0), 1.0)
        return ops.mean(means) + sum(self.losses, start=0.0)

    def _row_losses(self, y: keras.KerasTensor, outputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return the loss of each row and network, shape `(n, heads)`."""
        labels = outputs.shape[-1]
        if labels == 1:
            return ops.square(outputs[..., 0] - y) / 2
        targets = ops.one_hot(y, labels) * (1 - self.label_smoothing) + self.label_smoothing / labels
        return -ops.sum(targets[:, None] * ops.log_softmax(outputs, axis=-1), axis=-1)
