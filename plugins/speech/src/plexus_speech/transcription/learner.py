"""The training graph of transcription."""

import keras
from keras import ops

from plexus_speech.transcription.batches import HEADER
from plexus_speech.transcription.ctc import BLANK


class CtcLearner(keras.Model):
    """Trains a network by connectionist temporal classification (Graves et al. 2006).

    At the beginning of the training, cross-entropy with a flat alignment is added: without it, CTC predicts nothing but
    blanks for long.

    Args:
        network: From `sound` to `logits` of shape `(n, steps, 1 + letters)`, where index 0 is the blank.
        max_letters: Columns of the targets for letters.

    Example:
        ```python
        learner = CtcLearner(build_embedding_network(28, dropout=0.2, rate=16_000), max_letters=200)
        ```
    """

    def __init__(self, network: keras.Model, max_letters: int) -> None:
        super().__init__(name="learner")
        self.network, self.max_letters = network, max_letters

    def call(self, inputs: dict[str, keras.KerasTensor], training: bool = False) -> keras.KerasTensor:
        """Compute the logits of each step.

        Args:
            inputs: `sound` of shape `(n, frames, bands)`.
            training: Whether to drop out.

        Returns:
            Logits of shape `(n, steps, 1 + letters)`.
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
        """Compute the mean CTC loss per letter, the loss of the flat alignment, and the penalties on the weights.

        Args:
            x: Not used.
            y: Targets of `TranscriptBatches`.
            y_pred: Logits of shape `(n, steps, 1 + letters)`.
            sample_weight: Not used.
            training: Not used.

        Returns:
            The loss.
        """
        y = ops.cast(y, "int32")
        steps, lengths, weights = y[:, 0], y[:, 1], ops.cast(y[:, 2], y_pred.dtype) / 100
        letters, alignment = y[:, HEADER : HEADER + self.max_letters], y[:, HEADER + self.max_letters :]
        losses = ctc_loss(letters, y_pred, lengths, steps) / ops.cast(ops.maximum(lengths, 1), y_pred.dtype)
        flat = ops.mean(ops.sparse_categorical_crossentropy(alignment, y_pred, from_logits=True), axis=1)
        return ops.mean(losses + weights * flat) + sum(self.losses, start=0.0)


def ctc_loss(
    letters: keras.KerasTensor, logits: keras.KerasTensor, lengths: keras.KerasTensor, steps: keras.KerasTensor
) -> keras.KerasTensor:
    """Compute the CTC loss of each example; 0 for one that is too short for its letters.

    On TensorFlow, the loss of Keras takes time and memory proportional to the square of the letters. The older kernel
    of TensorFlow does not.

    Args:
        letters: Indices of shape `(n, any)`, padded with blanks.
        logits: Logits of shape `(n, steps, 1 + letters)`.
        lengths: Letters of each example, shape `(n,)`.
        steps: Output steps of each example, shape `(n,)`.

    Returns:
        Losses of shape `(n,)`.
    """
    if keras.backend.backend() != "tensorflow":
        return ops.nn.ctc_loss(letters, logits, lengths, steps, mask_index=BLANK)
    import tensorflow as tf

    # In this kernel the blank is the last class.
    is_letter = tf.sequence_mask(lengths, tf.shape(letters)[1])
    labels = tf.SparseTensor(tf.where(is_letter), letters[is_letter] - 1, tf.shape(letters, tf.int64))
    rolled = tf.roll(tf.cast(logits, tf.float32), -1, axis=-1)
    return tf.compat.v1.nn.ctc_loss(labels, rolled, steps, ignore_longer_outputs_than_inputs=True, time_major=False)
