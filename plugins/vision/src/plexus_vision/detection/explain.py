"""Explanation of a detection by occlusion."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Input
from plexus.explain.occlusion import occlusion_map
from plexus.report.colors import BLUE, RED
from plexus_vision.detection.boxes import iou_matrix
from plexus_vision.detection.codec import DetectionCodec
from plexus_vision.detection.decoding import sigmoid
from plexus_vision.detection.image_boxes import Detections
from plexus_vision.detection.letterbox import PADDING, fitted_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from plexus import Predictor

WINDOW_SHARE = 0.4
"""Side of the occluding patch as a share of the side of the object."""
MIN_OVERLAP = 0.3
"""Overlap with the object of the boxes whose scores are followed."""
COLORS = (BLUE, RED, "#2c8a4b", "#8a4fbf", "#b8860b", "#137c8b", "#c2418f", "#5b6470")


def draw_explanation(predictor: "Predictor", codec: DetectionCodec, raw_image: Input, path: Path) -> Path:
    """Draw the objects of an image, and the most probable one with what its score depends on.

    Args:
        predictor: The network.
        codec: The codec.
        raw_image: The image.
        path: The PNG file to write.

    Returns:
        The file.

    Raises:
        InputError: If the image cannot be read.
    """
    from matplotlib.figure import Figure

    from plexus.data.images import image_shape
    from plexus.report.figure import save_figure

    encoded = codec.encode([raw_image])
    size = fitted_size(image_shape(raw_image)[:2], codec.shape)
    image = encoded["image"][0][: size[0], : size[1]]
    least = np.array(codec.decision.thresholds)
    detections = codec.network_detections(predictor(encoded), [size], least)[0]
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.imshow(image)
    left.set_title(str(codec.describe(detections)), fontsize=9)
    _draw_boxes(left, detections, codec)
    right.imshow(image)
    if len(detections):
        # The scores of two labels are calibrated differently: the first detection may not be the most probable one.
        probabilities = codec.decision.calibration.probability(detections.scores, detections.classes)
        shown = detections.take(np.array([probabilities.argmax()]))
        _draw_attribution(right, occlusion_attribution(predictor, encoded["image"][0], shown)[: size[0], : size[1]])
        _draw_boxes(right, shown, codec)
        right.set_title("Where occlusion lowers the score of the most probable object", fontsize=9)
    for axes in (left, right):
        axes.set_axis_off()
    save_figure(figure, path, dpi=110)
    return path


def occlusion_attribution(predictor: "Predictor", image: np.ndarray, detection: Detections) -> np.ndarray:
    """Compute by how much occluding each place of an image lowers the score of an object.

    Args:
        predictor: The network.
        image: The network's image, shape `(height, width, 3)`.
        detection: The object, in pixels of the network's image.

    Returns:
        Attribution of shape `(height, width)`: the decrease of the largest score of its label at boxes near it.
    """
    box, label = detection.boxes[0], int(detection.classes[0])
    side = max(int(np.sqrt((box[2:] - box[:2]).prod()) * WINDOW_SHARE), 4)

    def score(images: np.ndarray) -> np.ndarray:
        outputs = predictor({"image": images.astype(np.uint8)})
        near = np.stack([iou_matrix(boxes, box[None])[:, 0] >= MIN_OVERLAP for boxes in outputs["boxes"]])
        return np.asarray(np.where(near, sigmoid(outputs["scores"][..., label]), 0).max(axis=1))

    return occlusion_map(score, image, PADDING, (side, side), max(side // 2, 2))


def _draw_boxes(axes: "Axes", detections: Detections, codec: DetectionCodec) -> None:
    from matplotlib.patches import Rectangle

    for box, index in zip(detections.boxes.tolist(), detections.classes.tolist(), strict=True):
        left, top, right, bottom = box
        color = COLORS[index % len(COLORS)]
        axes.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, color=color, linewidth=1.4))
        axes.text(left + 1, top + 1, codec.labels[index], color="white", backgroundcolor=color, fontsize=6, va="top")


def _draw_attribution(axes: "Axes", attribution: np.ndarray) -> None:
    from matplotlib.cm import ScalarMappable

    largest = max(float(attribution.max()), 1e-9)
    opacity = 0.8 * np.clip(attribution, 0, None) / largest
    overlay = axes.imshow(attribution, cmap="Reds", alpha=opacity, vmin=0, vmax=largest)
    axes.figure.colorbar(ScalarMappable(overlay.norm, overlay.cmap), ax=axes, label="decrease of the score", shrink=0.8)
