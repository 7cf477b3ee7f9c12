"""Rejection of images that show none of the labels: calibration, metrics, figure and text of the model card."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Examples, Metric
from plexus.tasks.classification import LabelledDataset
from plexus_vision.codec import ImageCodec
from plexus_vision.out_of_distribution import OutOfDistribution
from plexus_vision.unrelated_images import COUNT, unrelated_images

if TYPE_CHECKING:
    from plexus import Predictor
    from plexus.codec import Arrays

METRICS = (
    Metric("rejection_rate", "Share of images rejected as none of the labels", higher_is_better=False),
    Metric("unrelated_auroc", "Area under the ROC curve of unrelated images"),
)
"""Descriptions of the metrics of rejection."""
MAX_TRAINING_IMAGES = 10_000
"""Training images to which means and covariance are fitted."""


def fit_detector(
    predictor: "Predictor", dataset: LabelledDataset, codec: ImageCodec, validation: np.ndarray
) -> OutOfDistribution:
    """Fit the distance from which an image shows none of the labels.

    Args:
        predictor: The trained networks.
        dataset: The dataset.
        codec: The codec.
        validation: Features of the validation images, shape `(n, features)`.

    Returns:
        The distance.
    """
    train = dataset["train"]
    rows = np.linspace(0, len(train) - 1, min(len(train), MAX_TRAINING_IMAGES)).round().astype(int)
    features = predictor({"image": train.encode(codec)["image"][rows]})["features"]
    _, classes = np.unique(codec.label_indices(train.targets)[rows], return_inverse=True)
    return OutOfDistribution.fit(features, classes, validation)


def evaluate(predictor: "Predictor", examples: Examples[str], codec: ImageCodec) -> dict[str, float]:
    """Compute the metrics of rejection.

    Args:
        predictor: The networks.
        examples: The images of a split.
        codec: The calibrated codec.

    Returns:
        `rejection_rate`: share of the images that are rejected; `unrelated_auroc`: area under the ROC curve by which
        the distance separates them from `unrelated_images`. Nothing from a codec without a distance.
    """
    from sklearn.metrics import roc_auc_score

    if codec.out_of_distribution is None:
        return {}
    distances, unrelated = _distances(predictor, examples, codec, codec.out_of_distribution)
    truth = np.repeat([0, 1], [len(distances), len(unrelated)])
    return {
        "rejection_rate": float((distances > 1).mean()),
        "unrelated_auroc": float(roc_auc_score(truth, np.append(distances, unrelated))),
    }


def draw(predictor: "Predictor", examples: Examples[str], codec: ImageCodec, file: Path) -> None:
    """Draw the distances of images and of unrelated images; nothing with a codec without a distance.

    Args:
        predictor: The networks.
        examples: The test images.
        codec: The calibrated codec.
        file: The file to write.
    """
    from plexus_vision.report import draw_out_of_distribution

    detector = codec.out_of_distribution
    if detector is not None:
        draw_out_of_distribution(*_distances(predictor, examples, codec, detector), detector.share, file)


def card_section(codec: ImageCodec, validation_count: int, metrics: Mapping[str, float]) -> list[str]:
    """Write the section of the model card about images that show none of the labels.

    Args:
        codec: The calibrated codec.
        validation_count: Number of validation images.
        metrics: Metrics of the test split.

    Returns:
        Lines of Markdown; none with a codec without a distance.
    """
    detector = codec.out_of_distribution
    if detector is None:
        return []
    limit = f"at most {detector.share:.0%} of the {validation_count:,} validation images are farther"
    if validation_count * detector.share < 1:
        limit = f"no one of the {validation_count:,} validation images is farther"
    return [
        "## Images that show none of the labels",
        "",
        "For an image that differs too much from the training images, the prediction has `none_of_these`: its `label`",
        "is only the most similar one, and its `probability` means nothing. `distance` is the Mahalanobis distance of",
        "the image's features (last features of the network; brightness, contrast and detail of the pixels) from the",
        f"nearest label, in parts of a limit: {limit}.",
        "",
        f"- Of the test images, {metrics['rejection_rate']:.2%} are rejected. All other metrics count them, too.",
        f"- {COUNT} generated unrelated images (shapes, stripes, noise) are separated from the test images with an",
        f"  area under the ROC curve of {metrics['unrelated_auroc']:.4f}. An image of another kind that resembles the",
        "  training images, such as a letter shown to a model of digits, may pass.",
    ]


def remembering(predictor: "Predictor") -> "Predictor":
    """Return a predictor that computes outputs for the same inputs once.

    Args:
        predictor: The predictor.

    Returns:
        The predictor, which refers to all inputs and outputs.
    """
    outputs: dict[tuple[int, str], tuple[Arrays, Arrays]] = {}

    def predict(inputs: "Arrays", network: str = "network") -> "Arrays":
        key = id(inputs["image"]), network
        if key not in outputs:
            outputs[key] = inputs, predictor(inputs, network)
        return outputs[key][1]

    return predict


def _distances(
    predictor: "Predictor", examples: Examples[str], codec: ImageCodec, detector: OutOfDistribution
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances of images, and those of unrelated images."""
    images = unrelated_images(codec.shape[2], max(codec.shape[:2]))
    inputs = examples.encode(codec), codec.encode(images)
    distances, unrelated = (detector.scores(predictor(arrays)["features"]) for arrays in inputs)
    return distances, unrelated
