"""The network: small networks per fold, which never learn from the rows of their fold."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import keras
from keras import layers, ops

from plexus.nets.feature_scaling import FeatureScaling
from plexus.nets.independent_dense import IndependentDense
from plexus.nets.monotone_dense import MonotoneDense
from plexus.nets.parametric_activation import ParametricActivation
from plexus.nets.periodic_embedding import PeriodicEmbedding
from plexus.options import resolved
from plexus_tables.ensemble import NETWORK
from plexus_tables.table_encoder import CLIP

if TYPE_CHECKING:
    from plexus_tables.options import TableOptions
    from plexus_tables.table_encoder import TableEncoder

HEADS = "heads"
"""Name of the layer whose output the learner trains."""
MAX_EMBEDDING = 8
"""Largest embedding of a column of codes."""


def build_network(encoder: "TableEncoder", outputs: int, activation: str, options: "TableOptions") -> keras.Model:
    """Build the network: RealMLP (Holzmüller et al. 2024, arXiv:2407.04491), several at once.

    Each fold has `bags` networks, which share nothing with each other: predictions for the rows of a fold by its own
    networks are out-of-fold predictions.

    Features of `encoder.monotone` are left out of these layers. Layers of their own, whose weights have the sign of the
    direction, compute a term that is added to the number, or to the logit of the second of two labels and subtracted
    from the other. The flag of a missing value has no constraint: a missing value may have any effect, and the rows
    that have a value are monotone among themselves.

    Args:
        encoder: The encoder of the rows.
        outputs: Number of labels; 1 for a network that predicts a number. At most 2 with monotone features.
        activation: Activation of the layers: `selu` for labels, `mish` for numbers.
        options: The resolved options.

    Returns:
        A network from the arrays of the encoder to `network` of shape `(n, folds, outputs)`: probabilities, or values
        in standard deviations from the mean.
    """
    inputs = _inputs(encoder)
    heads = options.folds * resolved(options.bags)
    hidden = _hidden(_features(inputs, encoder, heads), activation, heads, options)
    x = IndependentDense(heads, outputs, zeros=True)(hidden[-1]) if hidden else 0.0
    if encoder.monotone:
        x = x + _monotone_part(inputs["numbers"], encoder.monotone, hidden, heads, outputs, options)
    x = layers.Identity(name=HEADS)(ops.transpose(x, (1, 0, 2)))
    if outputs > 1:
        x = ops.softmax(x, axis=-1)
    x = ops.mean(ops.reshape(x, (-1, resolved(options.bags), options.folds, outputs)), axis=1)
    return keras.Model(inputs, {NETWORK: x}, name="network")


def _hidden(
    x: keras.KerasTensor | None, activation: str, heads: int, options: "TableOptions"
) -> list[keras.KerasTensor]:
    """Return the outputs of the hidden layers, each of shape `(heads, n, width)`; none without features."""
    hidden: list[keras.KerasTensor] = []
    if x is None:
        return hidden
    x = FeatureScaling()(x)
    for _ in range(resolved(options.depth)):
        x = ParametricActivation(activation)(IndependentDense(heads, resolved(options.width))(x))
        x = layers.Dropout(options.dropout)(x)
        hidden.append(x)
    return hidden


def _monotone_part(
    numbers: keras.KerasTensor,
    directions: Mapping[int, int],
    context: Sequence[keras.KerasTensor],
    heads: int,
    outputs: int,
    options: "TableOptions",
) -> keras.KerasTensor:
    """Return a term of the outputs that is monotone in some features, shape `(heads, n, outputs)`.

    Its layers are monotone in these features, and take the outputs of the hidden layers of all other features as terms
    without a constraint, so that the effect depends on them (Runje and Shankaranarayana 2023, arXiv:2205.11775). Of two
    labels, the second one is the positive one: its logit increases as much as the other decreases.
    """
    x = ops.repeat(ops.expand_dims(ops.take(numbers, list(directions), axis=1), 0), heads, axis=0)
    signs: Sequence[int] | None = list(directions.values())
    for layer in range(resolved(options.depth)):
        x = MonotoneDense(heads, resolved(options.width), signs)(x)
        if context:
            x = x + IndependentDense(heads, resolved(options.width))(context[layer])
        x, signs = layers.Dropout(options.dropout)(_bent_both_ways(x)), None
    x = MonotoneDense(heads, 1)(x)
    return x if outputs == 1 else ops.concatenate([-x, x], axis=-1)


def _bent_both_ways(x: keras.KerasTensor) -> keras.KerasTensor:
    """Apply ELU, a convex function, to one half of the units, and its point reflection, a concave one, to the other.

    Convex functions alone could not be added to a concave one: weights are not negative.
    """
    half = x.shape[-1] // 2
    return ops.concatenate([ops.elu(x[..., :half]), -ops.elu(-x[..., half:])], axis=-1)


def _inputs(encoder: "TableEncoder") -> dict[str, keras.KerasTensor]:
    types = {"numbers": "float32", "indicators": "float32", "codes": "int32"}
    widths = {name: len(columns) for name, columns in encoder.feature_columns.items()}
    return {name: keras.Input((width,), dtype=types[name], name=name) for name, width in widths.items()}


def _features(inputs: dict[str, keras.KerasTensor], encoder: "TableEncoder", heads: int) -> keras.KerasTensor | None:
    """Return the features without a constraint of each head, shape `(heads, n, features)`; None if there are none."""
    parts = []
    free = [
        feature for feature in range(len(encoder.feature_columns.get("numbers", ()))) if feature not in encoder.monotone
    ]
    if free:
        numbers = ops.take(inputs["numbers"], free, axis=1) if encoder.monotone else inputs["numbers"]
        parts.append(PeriodicEmbedding(heads, len(free), bound=CLIP)(numbers))
    if "indicators" in inputs:
        parts.append(ops.repeat(ops.expand_dims(inputs["indicators"], 0), heads, axis=0))
    for column, count in enumerate(encoder.code_sizes):
        size = min(MAX_EMBEDDING, (count + 1) // 2)
        # One table with the embeddings of all heads, each of which has its own part of it.
        embedded = layers.Embedding(count, heads * size)(inputs["codes"][:, column])
        parts.append(ops.transpose(ops.reshape(embedded, (-1, heads, size)), (1, 0, 2)))
    if not parts:
        return None
    return ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]
