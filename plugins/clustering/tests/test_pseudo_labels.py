"""Pseudo-labels of the rows that are not in the sample that is clustered."""

from types import SimpleNamespace

import keras
import numpy as np

from plexus_clustering import pseudo_labels


def test_rows_out_of_the_sample_get_the_cluster_of_their_neighbours(monkeypatch):
    """Two distant groups, of which a sample is clustered; each epoch has another sample."""
    generator = np.random.default_rng(0)
    truth = np.repeat([0, 1], [60, 40])
    x = (generator.normal(size=(100, 2)) + 20 * truth[:, None]).astype(np.float32)
    samples = []

    def cluster(embedded, clusters, seed):
        samples.append(embedded)
        return (embedded[:, 0] > 10).astype(int)

    monkeypatch.setattr(pseudo_labels, "MAX_ROWS", 30)
    monkeypatch.setattr(pseudo_labels, "embed", lambda x, seed: x)
    monkeypatch.setattr(pseudo_labels, "cluster_embedding", cluster)
    inputs = keras.Input((2,), name="x")
    network = keras.Model({"x": inputs}, {"embedding": keras.layers.Identity()(inputs)})
    learner = SimpleNamespace(network=network, pseudo_labels=keras.Variable(np.full(100, -1), dtype="int32"))
    for epoch in (3, 4):
        pseudo_labels.update_pseudo_labels(learner, {"x": x}, 2, 0, epoch)
        np.testing.assert_array_equal(learner.pseudo_labels.numpy(), truth)
    assert [len(sample) for sample in samples] == [30, 30]
    assert not np.array_equal(*samples)
