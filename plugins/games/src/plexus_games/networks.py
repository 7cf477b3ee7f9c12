"""Networks of agents: a raw observation in, an action and a value out."""

from typing import Any

import keras
from keras import ops

from plexus_games.codec import PolicyCodec

NORMALIZER = "normalizer"
CLIP = 10.0


def actor_critic(codec: PolicyCodec, hidden: tuple[int, ...], normalize: bool) -> keras.Model:
    """A policy and the value of a state, each with layers of its own; of pictures the convolutions are shared.

    Outputs: `logits` `(n, actions)`, or `mean` `(n, dimensions)` of a Gaussian; `value` `(n,)`; `action`, the most
    probable: `(n,)`, or `(n, dimensions)` from -1 to 1. Weights are orthogonal, small before the policy (Andrychowicz
    et al. 2021, arXiv:2006.05990, section 3.2).
    """
    observation, features = _input(codec, normalize, layer_norm=False)
    policy = _layers(features, hidden, "tanh", layer_norm=False)
    worth = _layers(features, hidden, "tanh", layer_norm=False)
    value = ops.squeeze(_dense(1, 1.0, "value_head")(worth), -1)
    if codec.is_discrete:
        logits = _dense(codec.action["size"], 0.01, "logits")(policy)
        outputs = {"logits": logits, "value": value, "action": _best(logits)}
    else:
        mean = _dense(len(codec.action["low"]), 0.01, "mean")(policy)
        outputs = {"mean": mean, "value": value, "action": ops.clip(mean, -1.0, 1.0)}
    return keras.Model({"observation": observation}, outputs, name="network")


def action_values(
    codec: PolicyCodec, hidden: tuple[int, ...], normalize: bool, duelling: bool, layer_norm: bool
) -> keras.Model:
    """The return expected of each action.

    Outputs: `action_values` `(n, actions)`; `value` `(n,)`, the highest of them; `action` `(n,)`, whose it is.

    Args:
        duelling: a state's value and each action's advantage, added (Wang et al. 2016, arXiv:1511.06581, equation 9).
        layer_norm: before each activation: what lets PQN do without a target network.
    """
    observation, features = _input(codec, normalize, layer_norm)
    features = _layers(features, hidden, "relu", layer_norm)
    values = _dense(codec.action["size"], 1.0 if not duelling else 0.1, "advantages" if duelling else "values")(
        features
    )
    if duelling:
        worth = _dense(1, 1.0, "value_head")(features)
        values = worth + values - ops.mean(values, axis=-1, keepdims=True)
    outputs = {"action_values": values, "value": ops.max(values, axis=-1), "action": _best(values)}
    return keras.Model({"observation": observation}, outputs, name="network")


def set_normalizer(network: keras.Model, mean: Any, variance: Any) -> None:
    """Give the network the mean and the variance by which it normalizes observations."""
    layer = network.get_layer(NORMALIZER)
    layer.moving_mean.assign(mean)
    layer.moving_variance.assign(variance)


def _input(codec: PolicyCodec, normalize: bool, layer_norm: bool) -> tuple[Any, Any]:
    kind, shape = codec.observation["kind"], codec.shape
    given = keras.Input(shape, name="observation", dtype="int32" if kind == "discrete" else codec.observation["dtype"])
    if kind == "discrete":
        return given, ops.one_hot(given, codec.observation["size"])
    if kind == "picture":
        return given, _convolutions(given, layer_norm)
    flat = keras.layers.Flatten()(given)
    if not normalize:
        return given, flat
    # Normalization does not survive the export to ONNX; batch normalization in inference is the same arithmetic.
    normal = keras.layers.BatchNormalization(center=False, scale=False, epsilon=1e-8, trainable=False, name=NORMALIZER)
    return given, ops.clip(normal(flat), -CLIP, CLIP)


def _convolutions(pictures: Any, layer_norm: bool) -> Any:
    """Those of Mnih et al. 2015 for pictures of 84 pixels; for small ones those of MinAtar (arXiv:1903.03176)."""
    stacked = pictures.shape[1] <= 4 < pictures.shape[-1]
    x = ops.cast(pictures, "float32")
    x = ops.transpose(x, (0, 2, 3, 1)) if stacked else x
    if pictures.dtype == "uint8":
        x = x / 255.0
    large = min(x.shape[1:3]) >= 36
    for filters, size, stride in ((32, 8, 4), (64, 4, 2), (64, 3, 1)) if large else ((16, 3, 1),):
        x = keras.layers.Conv2D(filters, size, stride, kernel_initializer=_orthogonal(2**0.5))(x)
        x = keras.layers.LayerNormalization()(x) if layer_norm else x
        x = ops.relu(x)
    return _layers(keras.layers.Flatten()(x), (512 if large else 128,), "relu", layer_norm)


def _layers(x: Any, hidden: tuple[int, ...], activation: str, layer_norm: bool) -> Any:
    for units in hidden:
        x = _dense(units, 2**0.5)(x)
        x = keras.layers.LayerNormalization()(x) if layer_norm else x
        x = keras.layers.Activation(activation)(x)
    return x


def _dense(units: int, gain: float, name: str | None = None) -> Any:
    return keras.layers.Dense(units, kernel_initializer=_orthogonal(gain), name=name)


def _orthogonal(gain: float) -> Any:
    return keras.initializers.Orthogonal(gain)


def _best(values: Any) -> Any:
    """The place of the highest: Keras's `argmax` does not survive the export to ONNX."""
    return ops.squeeze(ops.top_k(values, 1)[1], -1)
