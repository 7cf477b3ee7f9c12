"""Network, assignment of points and training of object detection."""

import keras
import numpy as np
import pytest
from keras import ops

from plexus import Examples, InputError
from plexus.training.keras_predictor import KerasPredictor
from plexus_vision.detection.assignment import assign_points, overlaps
from plexus_vision.detection.batches import choose_augmentation, training_batches
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.drawn_shapes import draw_image
from plexus_vision.detection.learner import DetectionLearner
from plexus_vision.detection.metrics import average_precision_metrics
from plexus_vision.detection.network import build_network
from plexus_vision.detection.options import DetectOptions
from plexus_vision.detection.points import PointBoxes, network_points
from plexus_vision.detection.sample import Sample
from plexus_vision.detection.task import Detect


def options(**values):
    return DetectOptions.parse(values)


@pytest.fixture(scope="module")
def shapes():
    """Eight images with shapes."""
    drawn = [draw_image(number) for number in range(12)]
    drawn = [(image, boxes) for image, boxes in drawn if len(boxes)][:8]
    return Examples(np.stack([image for image, _ in drawn]), [boxes for _, boxes in drawn])


@pytest.mark.slow
@pytest.mark.parametrize("strides", [(4,), (8, 16), (4, 8, 16, 32)])
def test_outputs_of_the_network(strides):
    network = build_network((64, 96, 3), 5, strides, options())
    outputs = network.predict({"image": np.zeros((2, 64, 96, 3), np.uint8)}, verbose=0)
    points = len(network_points((64, 96), strides))
    assert points == sum(64 * 96 // stride**2 for stride in strides)
    assert outputs["scores"].shape == (2, points, 5)
    assert outputs["boxes"].shape == (2, points, 4)
    assert network.count_params() < 2_000_000


@pytest.mark.slow
def test_a_backbone_of_keras_applications():
    network = build_network((64, 64, 3), 2, (8, 16), options(network="MobileNetV2"))
    outputs = network.predict({"image": np.zeros((1, 64, 64, 3), np.uint8)}, verbose=0)
    assert outputs["scores"].shape == (1, 80, 2)


def test_an_unknown_backbone_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'MobileNetV2'"):
        build_network((64, 64, 3), 2, (8,), options(network="MobileNetV22"))


def test_boxes_are_distances_from_the_points():
    logits, distances = np.zeros((1, 2, 3, 1), np.float32), np.full((1, 2, 3, 4), 30, np.float32)
    _, boxes = PointBoxes((8,))([logits, distances])
    np.testing.assert_allclose(boxes[0, 1], [12 - 240, 4 - 240, 12 + 240, 4 + 240])
    np.testing.assert_allclose(network_points((16, 24), (8,))[:4], [[4, 4, 8], [12, 4, 8], [20, 4, 8], [4, 12, 8]])


def test_overlaps_of_boxes():
    box = np.array([0, 0, 2, 2], np.float32)
    others = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [3, 0, 5, 2], [0, 0, 0, 0]], np.float32)
    overlap, generalized = overlaps(box, others)
    np.testing.assert_allclose(overlap, [1, 1 / 3, 0, 0], atol=1e-6)
    np.testing.assert_allclose(generalized, [1, 1 / 3, -1 / 5, 0], atol=1e-6)


def _assign(truth, boxes=None, scores=None):
    points = network_points((32, 32), (8,))
    if boxes is None:
        boxes = np.concatenate([points[:, :2] - 4, points[:, :2] + 4], axis=1)[None]
    scores = np.full((1, 16, 2), 0.5, np.float32) if scores is None else scores
    return [np.asarray(each)[0] for each in assign_points(scores, boxes, points, np.array([truth], np.float32))]


def test_the_points_that_overlap_most_are_assigned():
    scores, boxes, weights, is_scored = _assign([[0, 0, 8, 8, 1, 1], [0, 0, 0, 0, 0, 0]])
    assert np.flatnonzero(weights).tolist() == [0]
    assert weights[0] == pytest.approx(1)
    np.testing.assert_allclose(scores[0], [0, 1], atol=1e-6)
    np.testing.assert_allclose(boxes[0], [0, 0, 8, 8])
    assert is_scored.all()
    assert not scores[1:].any()


def test_a_point_belongs_to_the_box_that_it_overlaps_most():
    scores, boxes, _, _ = _assign([[0, 0, 8, 8, 0, 1], [0, 0, 10, 8, 1, 1]])
    np.testing.assert_allclose(boxes[0], [0, 0, 8, 8])
    np.testing.assert_allclose(scores[0], [1, 0], atol=1e-6)


def test_points_in_difficult_boxes_are_neither_objects_nor_background():
    scores, _, weights, is_scored = _assign([[0, 0, 16, 8, 0, -1], [0, 0, 8, 8, 1, 1]])
    assert np.flatnonzero(is_scored == 0).tolist() == [1]
    assert weights[1] == 0
    assert scores[0, 1] == pytest.approx(1)


@pytest.mark.slow
def test_the_loss_of_images_without_boxes_is_finite():
    network = build_network((64, 64, 3), 2, (8,), options(width=0.25))
    learner = DetectionLearner(network, network_points((64, 64), (8,)))
    outputs = learner({"image": np.zeros((2, 64, 64, 3), np.uint8)}, training=True)
    loss = float(ops.convert_to_numpy(learner.compute_loss(y=ops.zeros((2, 16, 6)), y_pred=outputs)))
    assert np.isfinite(loss)
    assert loss > 0


@pytest.mark.slow
def test_eight_images_are_learned_by_heart(shapes):
    keras.utils.set_random_seed(0)
    chosen = options(augment="none", epochs=150, batch_size=8, width=0.5)
    codec = DetectionCodec.fit(shapes)
    network = build_network(codec.shape, len(codec.labels), codec.strides, chosen)
    learner = DetectionLearner(network, network_points(codec.shape, codec.strides))
    learner.compile(optimizer=keras.optimizers.AdamW(3e-3))
    images, boxes = training_batches(shapes, codec, chosen, 0).x[0]
    learner.fit(images, boxes, batch_size=8, epochs=150, verbose=0)
    predictor = KerasPredictor({"network": network})
    detections = Detect("vision.detect").detect(predictor, codec, shapes.inputs)
    assert average_precision_metrics(detections, shapes.targets, codec.labels)["map50"] >= 0.99


def test_batches_depend_on_seed_and_epoch_alone(shapes):
    codec = DetectionCodec.fit(shapes)

    def draw(**values):
        return training_batches(shapes, codec, options(epochs=10, batch_size=4, **values), 0)

    first, again, other = draw().x[1], draw().x[1], draw(seed=1).x[1]
    np.testing.assert_array_equal(first[0]["image"], again[0]["image"])
    np.testing.assert_array_equal(first[1], again[1])
    assert len(draw()) == 2
    assert (first[0]["image"] != other[0]["image"]).any()


def test_augmentation_by_the_shapes_of_the_boxes():
    def sample(width, height):
        box = np.array([[0, 0, width, height]], np.float32)
        return Sample(np.zeros((40, 40, 3), np.uint8), box, np.array([0]), np.array([True]))

    chosen = options(epochs=10)
    assert choose_augmentation([sample(20, 21)], chosen, 0).turns
    assert not choose_augmentation([sample(10, 30)], chosen, 0).turns
    assert choose_augmentation([sample(10, 30)], options(epochs=10, augment="turned"), 0).turns
    assert choose_augmentation([sample(10, 30)], options(epochs=10, augment="none"), 0) is None
    mosaics = [choose_augmentation([sample(9, 9)], chosen, epoch).mosaic for epoch in range(10)]
    assert mosaics == [0.3] * 8 + [0.0] * 2
