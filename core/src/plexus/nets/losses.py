"""Loss functions."""

import keras


@keras.saving.register_keras_serializable("plexus")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of integer classes with label smoothing (Szegedy et al. 2016, arXiv:1512.00567, section 7).

    Keras smooths the labels of `CategoricalCrossentropy` alone, whose targets are one-hot.

    Args:
        smoothing: Fraction of the target that is spread evenly over all classes, from 0 to 1.

    Example:
        ```python
        model.compile(loss={"logits": SmoothedCrossentropy(0.1)})
        ```
    """

    def __init__(self, smoothing: float = 0.0) -> None:
        super().__init__(name="cross_entropy")
        self.smoothing = smoothing

    def call(self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        """Compute the loss of each example.

        Args:
            y_true: Classes of shape `(n,)` or `(n, 1)`.
            y_pred: Logits of shape `(n, classes)`.

        Returns:
            Losses of shape `(n,)`.
        """
        classes = y_pred.shape[-1]
        one_hot = keras.ops.one_hot(keras.ops.reshape(keras.ops.cast(y_true, "int32"), (-1,)), classes)
        return keras.losses.categorical_crossentropy(one_hot, y_pred, from_logits=True, label_smoothing=self.smoothing)

    def get_config(self) -> dict[str, float]:
        """Return the constructor's arguments.

        Returns:
            The configuration.
        """
        return {"smoothing": self.smoothing}
