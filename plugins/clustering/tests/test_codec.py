"""Codec: distances, memberships, and serialization as JSON."""

import json

import numpy as np
from sklearn.metrics.pairwise import euclidean_distances

from plexus_clustering.array_json import array_from_json, array_to_json
from plexus_clustering.cluster_profile import ClusterProfile
from plexus_clustering.codec import ClusterCodec, assigned_clusters, squared_distances
from plexus_clustering.exemplar import Exemplar, encode_thumbnail
from plexus_clustering.image_encoder import ImageEncoder
from plexus_clustering.projection import Projection
from plexus_clustering.reference_points import ReferencePoints


def make_codec():
    generator = np.random.default_rng(0)
    projection = Projection(generator.normal(size=(64, 2)).astype(np.float32), np.zeros(2, np.float32))
    references = ReferencePoints(np.array([[0, 0], [3, 0]], np.float32), np.array([0, 1]), projection)
    exemplars = [Exemplar(0, "row 1", (0.0, 0.0)), Exemplar(1, "row 2", (3.0, 0.0))]
    profiles = [ClusterProfile(0.5, 1.0, {}), ClusterProfile(0.5, 2.0, {})]
    return ClusterCodec(ImageEncoder((8, 8, 1)), "tomato", 2, 0.9, references, exemplars, profiles)


def test_the_codec_survives_json():
    codec = make_codec()
    state = json.loads(json.dumps(codec.to_json()))
    restored = ClusterCodec.from_json(state)
    assert restored.to_json() == codec.to_json()
    np.testing.assert_array_equal(restored.references.projection.weights, codec.references.projection.weights)
    np.testing.assert_array_equal(restored.references.clusters, [0, 1])


def test_arrays_are_serialized_exactly():
    array = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    np.testing.assert_array_equal(array_from_json(json.loads(json.dumps(array_to_json(array)))), array)


def test_predictions():
    outputs = {
        "embedding": np.array([[0, 0], [3, 4], [1, 0]], np.float32),
        "membership": np.array([[0.9, 0.1], [0.2, 0.8], [0.2, 0.1]], np.float32),
    }
    inside, outlier, noise = make_codec().decode(outputs, [None] * 3)
    assert (inside.cluster, inside.membership, inside.distance, inside.outlier) == (0, 0.9, 0.0, False)
    assert (outlier.cluster, outlier.distance, outlier.outlier, outlier.exemplars) == (1, 2.0, True, ["row 2"])
    assert (noise.cluster, noise.membership, noise.outlier, noise.exemplars) == (-1, 0.7, True, ["row 1"])


def test_noise_is_the_remaining_probability():
    assert assigned_clusters(np.array([[0.3, 0.2], [0.6, 0.1]])).tolist() == [-1, 0]


def test_squared_distances_equal_scikit_learn():
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(20, 5)), generator.normal(size=(7, 5))
    np.testing.assert_allclose(squared_distances(a, b), euclidean_distances(a, b, squared=True), rtol=1e-9)


def test_thumbnails_keep_small_images():
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 1), np.uint8)
    np.testing.assert_array_equal(Exemplar(0, "row 1", (), encode_thumbnail(image)).image(), image[..., 0])
