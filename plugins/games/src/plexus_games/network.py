"""Networks of policies: from a raw observation to an action and a value."""

import keras
from keras import ops

from plexus_games.codec import PolicyCodec
from plexus_games.options import PlayOptions

NORMALIZER = "normalizer"
MAX_NORMALIZED = 10.0
LARGE_IMAGE = 36
CONVOLUTIONS, SMALL_CONVOLUTIONS = ((32, 8, 4), (64, 4, 2), (64, 3, 1)), ((16, 3, 1),)
"""Filters, kernel size and stride: of Mnih et al. 2015 for images of 84 pixels; of MinAtar (arXiv:1903.03176)."""


def build_network(codec: PolicyCodec, options: PlayOptions) -> keras.Model:
    """Build the network of the algorithm.

    Args:
        codec: The codec.
        options: The resolved options.

    Returns:
        `build_actor_critic` for ppo, else `build_q_network`.
    """
    return build_actor_critic(codec, options) if options.algorithm == "ppo" else build_q_network(codec, options)


def build_actor_critic(codec: PolicyCodec, options: PlayOptions) -> keras.Model:
    """Build a policy and a value function with hidden layers of their own; convolutions are shared.

    Weights are orthogonal, small before the policy (Andrychowicz et al. 2021, arXiv:2006.05990, section 3.2).

    Args:
        codec: The codec.
        options: The resolved options.

    Returns:
        The network with outputs `logits` `(n, actions)`, of all factors together, or `mean` `(n, dimensions)` of a
        Gaussian; `value` `(n,)`; `action`, the most probable: `(n,)`, `(n, factors)`, or `(n, dimensions)`, from -1 to
        1 if all dimensions have bounds.
    """
    observation, features = _input(codec, options.normalize_observations, layer_norm=False)
    policy_features = _hidden_layers(features, (options.units,) * options.layers, "tanh", layer_norm=False)
    value_features = _hidden_layers(features, (options.units,) * options.layers, "tanh", layer_norm=False)
    value = ops.squeeze(_dense(1, 1.0, "value_head")(value_features), -1)
    if codec.is_discrete or codec.is_factored:
        logits = _dense(codec.action_size, 0.01, "logits")(policy_features)
        outputs = {"logits": logits, "value": value, "action": _best_actions(logits, codec)}
    else:
        mean = _dense(codec.action_size, 0.01, "mean")(policy_features)
        action = ops.clip(mean, -1.0, 1.0) if codec.has_bounds else mean * 1.0
        outputs = {"mean": mean, "value": value, "action": action}
    return keras.Model({"observation": observation}, outputs, name="network")


def build_q_network(codec: PolicyCodec, options: PlayOptions) -> keras.Model:
    """Build an action-value function.

    DQN may have a dueling head (Wang et al. 2016, arXiv:1511.06581, equation 9); PQN has layer normalization before
    each activation, which replaces the target network.

    Args:
        codec: The codec.
        options: The resolved options.

    Returns:
        The network with outputs `action_values` `(n, actions)`; `value` `(n,)`, their maximum; `action` `(n,)`, its
        index.
    """
    layer_norm = options.algorithm == "pqn"
    dueling = options.dueling and options.algorithm == "dqn"
    observation, features = _input(codec, options.normalize_observations, layer_norm)
    features = _hidden_layers(features, (options.units,) * options.layers, "relu", layer_norm)
    if dueling:
        advantages = _dense(codec.action_size, 0.1, "advantages")(features)
        state_value = _dense(1, 1.0, "value_head")(features)
        values = state_value + advantages - ops.mean(advantages, axis=-1, keepdims=True)
    else:
        values = _dense(codec.action_size, 1.0, "values")(features)
    outputs = {"action_values": values, "value": ops.max(values, axis=-1), "action": _best_action(values)}
    return keras.Model({"observation": observation}, outputs, name="network")


def _input(codec: PolicyCodec, normalize: bool, layer_norm: bool) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return the input and the features that the hidden layers see."""
    kind = codec.observation["kind"]
    dtype = "int32" if kind == "discrete" else codec.observation["dtype"]
    observation = keras.Input(codec.shape, name="observation", dtype=dtype)
    if kind == "discrete":
        return observation, ops.one_hot(observation, codec.observation["size"])
    if kind == "image":
        return observation, _convolutions(observation, layer_norm)
    flat = keras.layers.Flatten()(observation)
    if not normalize:
        return observation, flat
    # Normalization cannot be exported to ONNX; batch normalization in inference computes the same.
    normalizer = keras.layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-8, trainable=False, name=NORMALIZER
    )
    return observation, ops.clip(normalizer(flat), -MAX_NORMALIZED, MAX_NORMALIZED)


def _convolutions(images: keras.KerasTensor, layer_norm: bool) -> keras.KerasTensor:
    is_frame_stack = images.shape[1] <= 4 < images.shape[-1]
    x = ops.cast(images, "float32")
    x = ops.transpose(x, (0, 2, 3, 1)) if is_frame_stack else x
    if images.dtype == "uint8":
        x = x / 255.0
    is_large = min(x.shape[1:3]) >= LARGE_IMAGE
    for filters, size, stride in CONVOLUTIONS if is_large else SMALL_CONVOLUTIONS:
        x = keras.layers.Conv2D(filters, size, stride, kernel_initializer=_orthogonal(2**0.5))(x)
        x = keras.layers.LayerNormalization()(x) if layer_norm else x
        x = ops.relu(x)
    return _hidden_layers(keras.layers.Flatten()(x), (512 if is_large else 128,), "relu", layer_norm)


def _hidden_layers(
    x: keras.KerasTensor, units: tuple[int, ...], activation: str, layer_norm: bool
) -> keras.KerasTensor:
    for width in units:
        x = _dense(width, 2**0.5)(x)
        x = keras.layers.LayerNormalization()(x) if layer_norm else x
        x = keras.layers.Activation(activation)(x)
    return x


def _dense(units: int, gain: float, name: str | None = None) -> keras.layers.Dense:
    return keras.layers.Dense(units, kernel_initializer=_orthogonal(gain), name=name)


def _orthogonal(gain: float) -> keras.initializers.Initializer:
    return keras.initializers.Orthogonal(gain)


def _best_action(values: keras.KerasTensor) -> keras.KerasTensor:
    """Return the index of the maximum: Keras's `argmax` cannot be exported to ONNX."""
    return ops.squeeze(ops.top_k(values, 1)[1], -1)


def _best_actions(logits: keras.KerasTensor, codec: PolicyCodec) -> keras.KerasTensor:
    """Return the most probable action, of each factor if there are several."""
    if codec.is_discrete:
        return _best_action(logits)
    return ops.stack([_best_action(logits[:, factor]) for factor in codec.factors], axis=-1)
