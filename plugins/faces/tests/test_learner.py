"""The loss of embeddings, and the training of any network from face to embedding."""

import keras
import numpy as np
import pytest
from keras import layers

from plexus import Examples
from plexus_faces.codec import FaceCodec
from plexus_faces.face import Face
from plexus_faces.learner import TEMPERATURE, EmbeddingLearner, build_learner
from plexus_faces.network import build_network
from plexus_faces.options import RecognizeOptions
from plexus_faces.sampling import person_batches


def small_network():
    face = keras.Input((150, 150, 3), name="face", dtype="uint8")
    x = layers.AveragePooling2D(30)(layers.Rescaling(1 / 255)(face))
    return keras.Model({"face": face}, {"embedding": layers.Dense(8)(layers.Flatten()(x))})


def supervised_contrastive_loss(embeddings, persons):
    """Equation 2 of Khosla et al. 2020, written as loops."""
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    losses = []
    for i in range(len(unit)):
        others = [j for j in range(len(unit)) if j != i]
        positives = [j for j in others if persons[j] == persons[i]]
        total = sum(np.exp(unit[i] @ unit[j] / TEMPERATURE) for j in others)
        if positives:
            losses.append(-np.mean([np.log(np.exp(unit[i] @ unit[p] / TEMPERATURE) / total) for p in positives]))
    return np.mean(losses)


@pytest.mark.parametrize("persons", [[0, 0, 1, 1, 1, 2], [0, 0, 0, 0, 0, 0]])
def test_the_loss_is_that_of_the_paper(persons):
    embeddings = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    learner = EmbeddingLearner(small_network(), seed=0)
    loss = learner.compute_loss(y=np.array(persons), y_pred={"embedding": embeddings})
    assert float(loss) == pytest.approx(supervised_contrastive_loss(embeddings, persons), rel=1e-5)


def test_faces_without_another_one_of_their_person_give_no_loss():
    embeddings = np.eye(3, dtype=np.float32)
    learner = EmbeddingLearner(small_network(), seed=0)
    assert float(learner.compute_loss(y=np.arange(3), y_pred={"embedding": embeddings})) == 0


@pytest.fixture
def train():
    """Five persons, each a pattern of its own, with noise."""
    generator = np.random.default_rng(0)
    patterns = np.kron(generator.uniform(60, 200, size=(5, 10, 10, 3)), np.ones((1, 15, 15, 1)))
    chips = np.clip(patterns.repeat(6, axis=0) + generator.normal(0, 40, size=(30, 150, 150, 3)), 0, 255)
    box, points = (0.0, 0.0, 150.0, 150.0), np.zeros((5, 2))
    faces = [Face(box, 1.0, points, chip) for chip in chips.astype(np.uint8)]
    return Examples(faces, [f"person {i}" for i in np.arange(5).repeat(6)])


@pytest.mark.slow
def test_any_network_is_trained(train):
    keras.utils.set_random_seed(0)
    codec, options = FaceCodec(), RecognizeOptions.parse({"weights": "dlib", "epochs": 8, "batch_size": 20})
    learner = build_learner(small_network(), train, codec, options)
    learner.compile(keras.optimizers.Adam(1e-2))
    losses = []
    for epoch in range(8):
        batches = person_batches(train, codec, options, epoch)
        fit = learner.fit(batches.x, batches.y, batch_size=batches.batch_size, shuffle=False, verbose=0)
        losses.append(fit.history["loss"][0])
    assert losses[-1] < 0.9 * losses[0]


def test_a_network_without_pretrained_weights_begins_whitened(train):
    codec, options = FaceCodec(), RecognizeOptions.parse({"weights": "none"})
    network = build_network(options)
    build_learner(network, train, codec, options)
    unit = network.predict(train.encode(codec), verbose=0)["embedding"]
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-5)
    same = np.equal.outer(train.targets, train.targets)
    similarities = unit @ unit.T
    assert similarities[same].min() > similarities[~same].max()
