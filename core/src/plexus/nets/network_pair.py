"""Two networks that are trained at the same time, to be compared."""

import keras

from plexus.tasks.compared_codec import COMPARISON, NETWORK, WITH, WITHOUT


def pair_networks(with_unlabelled: keras.Model, without_unlabelled: keras.Model) -> keras.Model:
    """Join the network that learns from unlabelled images, too, and the one that does not.

    Args:
        with_unlabelled: A network from `image` to `logits`.
        without_unlabelled: Another one of the same shape, which shares no weight with it.

    Returns:
        A network from `image` to `logits` and `comparison`, whose layers `with_unlabelled` and `without_unlabelled` are
        the networks.

    Example:
        ```python
        pair = pair_networks(build_network(shape), build_network(shape))
        ```
    """
    first = with_unlabelled.input["image"]
    image = keras.Input(first.shape[1:], name="image", dtype=first.dtype)
    outputs = {}
    for output, name, single in (("logits", WITH, with_unlabelled), (COMPARISON, WITHOUT, without_unlabelled)):
        named = keras.Model(single.input, {"logits": single.output["logits"]}, name=name)
        outputs[output] = named({"image": image})["logits"]
    return keras.Model({"image": image}, outputs, name="both")


def split_pair(network: keras.Model) -> dict[str, keras.Model]:
    """Return the networks of a pair.

    Args:
        network: The result of `pair_networks`.

    Returns:
        The one with unlabelled images as `network`, the one without as `comparison`.
    """
    return {NETWORK: network.get_layer(WITH), COMPARISON: network.get_layer(WITHOUT)}
