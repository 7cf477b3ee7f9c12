"""The network of fraud detection: an ensemble that estimates the probability, and an autoencoder."""

import keras
from keras import layers, ops

from plexus.nets.tabular import PerHeadDense, PiecewiseLinearEncoding, Standardization, ensemble_features
from plexus_fraud.options import DetectOptions

ENCODING, STANDARDIZATION, LOGITS, ERROR = "encoding", "standardization", "logits", "error"
"""Names of the layers that the learner uses."""
MAX_NORMAL_DEVIATION = 5.0
"""Standard deviations at which the inputs of the autoencoder are clipped."""


def build_network(columns: int, options: DetectOptions) -> keras.Model:
    """Build the network.

    Args:
        columns: Number of features.
        options: The resolved options.

    Returns:
        A network from `x` of shape `(n, columns)` to `logit`, the logit of fraud, and `error`, the reconstruction error
        of the autoencoder, both of shape `(n,)`.
    """
    x = keras.Input((columns,), name="x")
    standardized = Standardization(name=STANDARDIZATION)(x)
    encoded = PiecewiseLinearEncoding(columns, options.bins, options.embedding, name=ENCODING)(x)
    features = ops.concatenate([encoded, standardized], axis=-1)
    features = ensemble_features(features, options.heads, options.width, options.depth, options.dropout)
    logits = PerHeadDense(name=LOGITS)(features)
    probability = ops.clip(ops.mean(ops.sigmoid(logits), axis=-1), 1e-7, 1 - 1e-6)
    error = layers.Identity(name=ERROR)(_reconstruction_error(standardized, columns))
    outputs = {"logit": ops.log(probability) - ops.log(1 - probability), "error": error}
    return keras.Model({"x": x}, outputs, name="network")


def _reconstruction_error(standardized: keras.KerasTensor, columns: int) -> keras.KerasTensor:
    """Return the mean squared error of an autoencoder with a narrow layer of a quarter of the columns."""
    target = ops.clip(standardized, -MAX_NORMAL_DEVIATION, MAX_NORMAL_DEVIATION)
    code = layers.Dense(max(columns // 4, 2))(layers.Dense(2 * columns, activation="relu")(target))
    reconstruction = layers.Dense(columns)(layers.Dense(2 * columns, activation="relu")(code))
    return ops.mean(ops.square(reconstruction - target), axis=-1)
