"""What a training of speech minimises."""

from typing import Any

import keras
from keras import ops

SMOOTHING = 0.1


@keras.saving.register_keras_serializable("plexus_speech")
def smoothed_cross_entropy(targets: Any, logits: Any) -> Any:
    """Of smoothed labels (Szegedy et al. 2016, arXiv:1512.00567, section 7), one an example.

    Args:
        targets: classes `(n,)`; logits: `(n, classes)`.
    """
    wanted = ops.one_hot(ops.reshape(ops.cast(targets, "int32"), (-1,)), logits.shape[-1])
    wanted = wanted * (1 - SMOOTHING) + SMOOTHING / logits.shape[-1]
    return -ops.sum(wanted * ops.log_softmax(logits), axis=-1)


class TranscriptLearner(keras.Model):
    """A network that hears letters, trained by connectionist temporal classification (Graves et al. 2006).

    Args:
        network: from `sound` to `logits` `(n, steps, 1 + letters)`; the first is the blank.
    """

    def __init__(self, network: keras.Model) -> None:
        super().__init__(name="learner")
        self.network = network

    def call(self, inputs: dict, training: bool = False) -> Any:
        """The logits of each step."""
        return self.network(inputs, training=training)["logits"]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> Any:
        """The mean over the recordings; `y` is as `Joined` gives it."""
        y = ops.cast(y, "int32")
        each = ops.nn.ctc_loss(y[:, 2:], y_pred, y[:, 1], y[:, 0], mask_index=0)
        return ops.mean(each / ops.cast(ops.maximum(y[:, 1], 1), each.dtype)) + sum(self.losses, start=0.0)
