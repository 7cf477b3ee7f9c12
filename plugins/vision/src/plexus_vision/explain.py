"""Explanation of image classifications by occlusion."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Input
from plexus.data.images import read_image
from plexus.explain.occlusion import occlusion_map
from plexus_vision.codec import ImageCodec

if TYPE_CHECKING:
    from plexus import Predictor

WINDOW_FRACTIONS = (4, 7)
"""Occluding patches: these fractions of the image's side, averaged."""
TITLE_SIZE, FONT_SIZE = 17, 14
"""Of texts, in points: they are read where the figure is half as wide as a page."""
COLORS = "decrease of log-probability\nwhen occluded"


def draw_occlusion_map(predictor: "Predictor", codec: ImageCodec, raw_image: Input, path: Path) -> Path:
    """Draw the image as it was passed, and as the network sees it, warm where the prediction depends on it.

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
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

    from plexus.report.figure import save_figure

    encoded = codec.encode([raw_image])["image"][0]
    prediction = codec.decode(predictor({"image": encoded[None]}), [raw_image])[0]
    attribution = occlusion_attribution(predictor, codec, encoded, codec.labels.index(prediction.label))
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.imshow(_displayable(read_image(raw_image, codec.pixel_range)), cmap="gray", vmin=0, vmax=255)
    left.set_title("Input", fontsize=TITLE_SIZE)
    right.imshow(_displayable(encoded), cmap="gray", vmin=0, vmax=255)
    largest = max(float(np.abs(attribution).max()), 1e-9)
    # Where the prediction does not depend on a place, the image shows through.
    opacity = 0.8 * np.abs(attribution) / largest
    overlay = right.imshow(attribution, cmap="coolwarm", alpha=opacity, vmin=-largest, vmax=largest)
    right.set_title(f"{prediction.label}  {prediction.probability:.1%}", fontsize=TITLE_SIZE)
    mappable = ScalarMappable(overlay.norm, overlay.cmap)
    colorbar = figure.colorbar(mappable, ax=right, shrink=0.8)
    colorbar.set_label(COLORS, fontsize=FONT_SIZE)
    colorbar.ax.tick_params(labelsize=FONT_SIZE)
    for axes in (left, right):
        axes.set_axis_off()
    save_figure(figure, path, dpi=100)
    return path


def occlusion_attribution(predictor: "Predictor", codec: ImageCodec, image: np.ndarray, label: int) -> np.ndarray:
    """Compute by how much occluding each place of an encoded image lowers a label's log-probability.

    Args:
        predictor: The network.
        codec: The codec.
        image: Bytes of shape `(height, width, channels)`.
        label: Index of the label.

    Returns:
        Attribution of shape `(height, width)`.
    """
    fill = codec.layout.background if codec.layout else float(np.median(image))

    def log_probability(images: np.ndarray) -> np.ndarray:
        return np.asarray(np.log(codec.probabilities(predictor({"image": images}))[:, label] + 1e-9))

    maps = []
    for fraction in WINDOW_FRACTIONS:
        window = max(image.shape[0] // fraction, 1), max(image.shape[1] // fraction, 1)
        maps.append(occlusion_map(log_probability, image, fill, window, stride=max(min(window) // 3, 1)))
    return np.asarray(np.mean(maps, axis=0))


def _displayable(image: np.ndarray) -> np.ndarray:
    return image[..., 0] if image.shape[2] == 1 else image
