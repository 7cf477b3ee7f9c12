"""Pseudo-labels with self-adaptive thresholds."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("plexus")
class AdaptiveThresholds(keras.layers.Layer):
    """Selects confident predictions as pseudo-labels by thresholds that follow the model (FreeMatch).

    The global threshold is a moving average of the confidence, the threshold of a class is the global one times the
    class's relative average probability (Wang et al. 2023, arXiv:2205.07246, equations 5 to 8). Thresholds and averages
    are variables, so that they are part of the checkpoint.

    Args:
        classes: Number of classes.
        decay: Decay of the moving averages per step.
        balanced: Whether the classes are about equally frequent in the unlabelled inputs. If not, all have the global
            threshold: a lower one for rare classes would make them as frequent as the others.

    Attributes:
        confidence: The global threshold; 1 / classes at first (equation 5).
        probability: Average probability of each class, shape `(classes,)` (equation 6).
        frequency: Average share of the inputs whose pseudo-label is each class, shape `(classes,)` (section 4.2).

    Example:
        ```python
        thresholds = AdaptiveThresholds(classes=10)
        labels, selected = thresholds(probabilities, training=True)
        ```
    """

    def __init__(self, classes: int, decay: float = 0.99, balanced: bool = True) -> None:
        super().__init__(name="adaptive_thresholds", dtype="float32")
        self.classes, self.decay, self.balanced = classes, decay, balanced
        uniform = keras.initializers.Constant(1 / classes)
        self.confidence = self.add_weight((), uniform, trainable=False, name="confidence")
        self.probability = self.add_weight((classes,), uniform, trainable=False, name="probability")
        self.frequency = self.add_weight((classes,), uniform, trainable=False, name="frequency")

    def call(
        self, probabilities: keras.KerasTensor, training: bool = False
    ) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """Return pseudo-labels, and which of them are used.

        Args:
            probabilities: Predictions for unlabelled inputs, shape `(n, classes)`.
            training: Whether the averages are updated first.

        Returns:
            One-hot pseudo-labels of shape `(n, classes)`, and 1.0 for those that are used, else 0.0, of shape `(n,)`.
        """
        most = ops.max(probabilities, axis=1)
        labels = ops.one_hot(ops.argmax(probabilities, axis=1), self.classes, dtype="float32")
        if training:
            self._average(self.confidence, ops.mean(most))
            self._average(self.probability, ops.mean(probabilities, axis=0))
            self._average(self.frequency, ops.mean(labels, axis=0))
        selected = most > ops.matmul(labels, self.thresholds())
        return labels, ops.cast(selected, "float32")

    def thresholds(self) -> keras.KerasTensor:
        """Return the threshold of each class (equation 7).

        Returns:
            Tensor of shape `(classes,)`.
        """
        if not self.balanced:
            return ops.broadcast_to(self.confidence, (self.classes,))
        return self.probability / ops.max(self.probability) * self.confidence

    def fairness_loss(
        self, probabilities: keras.KerasTensor, labels: keras.KerasTensor, selected: keras.KerasTensor
    ) -> keras.KerasTensor:
        """Compute the self-adaptive fairness (equations 9 to 11), which spreads predictions over the classes.

        Args:
            probabilities: Predictions for other views of the inputs, shape `(n, classes)`.
            labels: The pseudo-labels that `call` returned.
            selected: Which of them are used.

        Returns:
            The negative cross-entropy between the average probabilities and those of this batch, both divided by the
            frequencies of the classes and normalized.
        """
        weight = selected[:, None]
        count = ops.maximum(ops.sum(selected), 1.0)
        predicted = ops.one_hot(ops.argmax(probabilities, axis=1), self.classes, dtype="float32")
        mean = ops.sum(weight * probabilities, axis=0) / count
        share = ops.sum(weight * predicted, axis=0) / count
        expected = _normalized(self.probability / ops.maximum(self.frequency, 1e-6))
        batch = _normalized(ops.where(share > 0, mean / ops.maximum(share, 1e-6), 0.0))
        cross_entropy = -ops.sum(ops.stop_gradient(expected) * ops.log(batch + 1e-12))
        return -cross_entropy * ops.cast(ops.sum(selected) > 0, "float32")

    def _average(self, variable: keras.Variable, value: keras.KerasTensor) -> None:
        variable.assign(self.decay * variable + (1 - self.decay) * value)

    def get_config(self) -> dict[str, object]:
        """Return the constructor's arguments.

        Returns:
            The arguments by name.
        """
        return {"classes": self.classes, "decay": self.decay, "balanced": self.balanced}


def _normalized(x: keras.KerasTensor) -> keras.KerasTensor:
    return x / ops.maximum(ops.sum(x), 1e-12)
