"""The network of a board game: policy, value and outcome of a position."""

import keras
from keras import layers, ops

from plexus.nets.residual import ResidualBlocks
from plexus_games.board.game import BoardGame
from plexus_games.board.options import BoardOptions

POLICY_PLANES, VALUE_PLANES, VALUE_UNITS = 16, 16, 128


def build_network(game: BoardGame, options: BoardOptions) -> keras.Model:
    """Build a residual network (Silver et al. 2017, "Mastering the game of Go without human knowledge").

    Args:
        game: The game.
        options: The options.

    Returns:
        The network from `observation` `(n, *shape)` to `logits` `(n, actions)`; `value` `(n,)`, the expected discounted
        result for the player to move, from -1 to 1; and `outcome` `(n, 3)`, logits of win, draw and loss.
    """
    observation = keras.Input(game.shape, name="observation")
    if game.has_planes:
        policy, value = _board_features(observation, options)
    else:
        policy = value = _number_features(observation, options)
    value = layers.Dense(VALUE_UNITS, activation="relu")(value)
    outputs = {
        "logits": _output(game.actions, "logits")(policy),
        "value": ops.squeeze(_output(1, "value_head", activation="tanh")(value), -1),
        "outcome": _output(3, "outcome")(value),
    }
    return keras.Model({"observation": observation}, outputs, name="network")


def _output(units: int, name: str, activation: str | None = None) -> layers.Dense:
    """Return a layer that starts at 0, as tanh can saturate for good, in float32, as searches compare close values."""
    return layers.Dense(units, activation=activation, kernel_initializer="zeros", dtype="float32", name=name)


def _board_features(
    observation: keras.KerasTensor, options: BoardOptions
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Return the features of the policy and of the value."""
    blocks = ResidualBlocks(normalize=True)
    x = blocks.convolution(layers.Permute((2, 3, 1))(observation), options.channels)
    for _ in range(options.blocks):
        x = blocks.residual(x, options.channels)
    return _head(x, POLICY_PLANES), _head(x, VALUE_PLANES)


def _head(x: keras.KerasTensor, planes: int) -> keras.KerasTensor:
    x = layers.Conv2D(planes, 1, use_bias=False, kernel_initializer="he_normal")(x)
    return layers.Flatten()(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)))


def _number_features(observation: keras.KerasTensor, options: BoardOptions) -> keras.KerasTensor:
    x = observation
    for _ in range(max(options.blocks, 1)):
        x = layers.Dense(4 * options.channels, use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    return x
