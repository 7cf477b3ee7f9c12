"""What a training of speech minimises."""

from typing import Any

import keras
from keras import ops

from plexus_speech.ctc import BLANK
from plexus_speech.joined import HEAD

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


def ctc_loss(letters: Any, logits: Any, counts: Any, steps: Any) -> Any:
    """Connectionist temporal classification's loss of each recording `(n,)`; 0 of one too short for its letters.

    Keras's own takes time and memory by the square of the letters on TensorFlow, whose older kernel does not.

    Args:
        letters: `(n, any)`, filled up with blanks; logits: `(n, steps, 1 + letters)`.
        counts: letters of each; steps: that count of each.
    """
    if keras.backend.backend() != "tensorflow":
        return ops.nn.ctc_loss(letters, logits, counts, steps, mask_index=BLANK)
    import tensorflow as tf

    # For this kernel the blank is the last one.
    there = tf.sequence_mask(counts, tf.shape(letters)[1])
    labels = tf.SparseTensor(tf.where(there), letters[there] - 1, tf.shape(letters, tf.int64))
    rolled = tf.roll(tf.cast(logits, tf.float32), -1, axis=-1)
    return tf.compat.v1.nn.ctc_loss(labels, rolled, steps, ignore_longer_outputs_than_inputs=True, time_major=False)


class TranscriptLearner(keras.Model):
    """A network that hears letters, trained by connectionist temporal classification (Graves et al. 2006).

    In the beginning it is also told which letter each step is, were all letters of a word equally long: a flat start,
    without which nothing but blanks is heard for long.

    Args:
        network: from `sound` to `logits` `(n, steps, 1 + letters)`; the first is the blank.
        longest: letters that the targets have room for.
    """

    def __init__(self, network: keras.Model, longest: int) -> None:
        super().__init__(name="learner")
        self.network, self.longest = network, longest

    def call(self, inputs: dict, training: bool = False) -> Any:
        """The logits of each step."""
        return self.network(inputs, training=training)["logits"]

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True) -> Any:
        """The mean over the recordings, a letter; `y` is as `Joined` gives it."""
        y = ops.cast(y, "int32")
        steps, count, weight = y[:, 0], ops.maximum(y[:, 1], 1), ops.cast(y[:, 2], y_pred.dtype) / 100
        letters, guide = y[:, HEAD : HEAD + self.longest], y[:, HEAD + self.longest :]
        each = ctc_loss(letters, y_pred, y[:, 1], steps) / ops.cast(count, y_pred.dtype)
        told = ops.mean(ops.sparse_categorical_crossentropy(guide, y_pred, from_logits=True), axis=1)
        return ops.mean(each + weight * told) + sum(self.losses, start=0.0)
