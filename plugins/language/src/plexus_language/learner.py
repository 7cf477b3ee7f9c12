"""The training graph of translation."""

import keras
from keras import ops


class TranslationLearner(keras.Model):
    """Trains a network by cross-entropy with label smoothing (Szegedy et al. 2016), the mean over tokens.

    Args:
        network: From `source` and `target` to `logits` of shape `(n, t, tokens)`.
        smoothing: Share of the target that is spread evenly over all tokens, from 0 to 1.

    Example:
        ```python
        learner = TranslationLearner(build_network(architecture), smoothing=0.1)
        ```
    """

    def __init__(self, network: keras.Model, smoothing: float) -> None:
        super().__init__(name="learner")
        self.network, self.smoothing = network, smoothing

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> keras.KerasTensor:
        """Compute the logits of each next token.

        Args:
            inputs: `source` of shape `(n, s)` and `target` of shape `(n, t)`.
            training: Whether to drop out.

        Returns:
            Logits of shape `(n, t, tokens)`.
        """
        return self.network(inputs, training=training)["logits"]

    def compute_loss(
        self,
        x: dict[str, keras.KerasTensor] | None = None,
        y: keras.KerasTensor = None,
        y_pred: keras.KerasTensor = None,
        sample_weight: keras.KerasTensor = None,
        training: bool = True,
    ) -> keras.KerasTensor:
        """Compute the mean loss of the tokens that are not padding, and the penalties on the weights.

        Args:
            x: Not used.
            y: The next tokens, shape `(n, t)`, padded with 0.
            y_pred: Logits of shape `(n, t, tokens)`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        y, y_pred, tokens = ops.cast(y, "int32"), ops.cast(y_pred, "float32"), y_pred.shape[-1]
        low = self.smoothing / tokens
        # Smoothed one-hot targets, whose cross-entropy is one operation forwards and backwards.
        smooth = ops.one_hot(y, tokens, dtype=y_pred.dtype) * (1 - self.smoothing) + low
        losses = ops.categorical_crossentropy(smooth, y_pred, from_logits=True)
        weights = ops.cast(ops.not_equal(y, 0), losses.dtype)
        return ops.sum(losses * weights) / ops.maximum(ops.sum(weights), 1.0) + sum(self.losses, start=0.0)
