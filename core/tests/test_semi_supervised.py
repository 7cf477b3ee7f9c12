"""The learner of labelled and unlabelled images."""

import keras
import numpy as np
import pytest

from plexus.nets.network_pair import pair_networks
from plexus.nets.semi_supervised import SemiSupervisedLearner, Views


def undecided_network():
    """Return a network that predicts both classes with the same probability."""
    image = keras.Input((2, 2, 1), name="image")
    logits = keras.layers.Dense(2, kernel_initializer="zeros", name="logits")(keras.layers.Flatten()(image))
    return keras.Model({"image": image}, {"logits": logits})


@pytest.mark.parametrize(("agreement", "expected"), [(0, [1, 0.75, 0.75, 0.75]), (1, [1, 0.75, 0.5, 0.5])])
def test_the_graph_has_weight_where_the_network_disagrees(agreement, expected):
    """Its weight falls from 1 to 1/2, or to 0 if the network agreed in the steps before."""
    pair = pair_networks(undecided_network(), undecided_network())
    views = Views(*(keras.layers.Rescaling(1.0) for _ in range(3)))
    learner = SemiSupervisedLearner(pair, views, label_smoothing=0.0, graph_steps=2)
    learner.agreement.assign(agreement)
    predictions = []
    learner.thresholds = lambda rows, training: predictions.append(rows) or (rows, rows[:, 0])
    images = np.ones((1, 2, 2, 1), np.float32)
    graph_labels = np.array([[[1, 0]]], np.float32)
    for _ in range(4):
        learner.call({"image": images, "unlabelled": images[None], "graph_labels": graph_labels}, training=True)
    assert [float(keras.ops.convert_to_numpy(rows)[0, 0]) for rows in predictions] == pytest.approx(expected)
