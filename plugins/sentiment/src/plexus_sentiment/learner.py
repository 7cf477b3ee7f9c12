"""The loss of an ensemble whose members are trained on different folds."""

import keras
from keras import ops


class CrossFittedCrossentropy(keras.losses.Loss):
    """Cross-entropy of each network of an ensemble, without the examples of that network's fold.

    The networks have separate losses, so that their errors differ and averaging helps. What a network predicts for its
    fold is used to fit its weight (cross-fitting), so that no example is withheld from all of them.

    Args:
        smoothing: Fraction of the target that is spread evenly over all classes, from 0 to 1 (Szegedy et al. 2016,
            arXiv:1512.00567, section 7).

    Example:
        ```python
        learner.compile(loss=CrossFittedCrossentropy(0.1))
        ```
    """

    def __init__(self, smoothing: float = 0.0) -> None:
        super().__init__(name="cross_fitted_cross_entropy")
        self.smoothing = smoothing

    def call(self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the loss of each example.

        Args:
            y_true: Class and fold of each example, shape `(n, 2)`.
            y_pred: Logits of shape `(n, networks, classes)`.

        Returns:
            Losses of shape `(n,)`; their mean is the sum over networks of the mean loss on the examples of other
            folds.
        """
        networks, classes = y_pred.shape[1:]
        indices = ops.cast(y_true, "int32")
        targets = ops.repeat(ops.one_hot(indices[:, :1], classes), networks, axis=1)
        losses = keras.losses.categorical_crossentropy(
            targets, y_pred, from_logits=True, label_smoothing=self.smoothing
        )
        is_trained = ops.cast(ops.not_equal(indices[:, 1:], ops.arange(networks)), losses.dtype)
        fraction = ops.mean(is_trained, axis=0)
        return ops.sum(losses * is_trained / ops.maximum(fraction, keras.config.epsilon()), axis=1)

    def get_config(self) -> dict[str, float]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {"smoothing": self.smoothing}
