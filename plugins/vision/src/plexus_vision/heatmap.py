"""Why a picture got its label."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus.data.images import read_picture
from plexus.explain.occlusion import occlusion
from plexus.metrics.classification import softmax
from plexus_vision.codec import PictureCodec

if TYPE_CHECKING:
    from plexus.task import Predictor

WINDOWS = (4, 7)
"""Hidden patches: these fractions of the picture's side, averaged."""


def write_heatmap(predictor: "Predictor", codec: PictureCodec, raw: Any, to: Path) -> Path:
    """Write a PNG: the picture as given, and as the network saw it, warm where the answer depends on it.

    Args:
        predict: the network.
        raw: the picture.
        to: the file to write.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.figure import Figure

    seen = codec.encode([raw])["image"][0]
    answer = codec.decode(predictor({"image": seen[None]}))[0]
    worth = heat(predictor, codec, seen, codec.labels.index(answer.label))
    figure = Figure(figsize=(8, 4), layout="constrained")
    given, overlay = figure.subplots(1, 2)
    given.imshow(_shown(read_picture(raw)), cmap="gray", vmin=0, vmax=255)
    given.set_title("The picture")
    overlay.imshow(_shown(seen), cmap="gray", vmin=0, vmax=255)
    most = max(float(np.abs(worth).max()), 1e-9)
    # Where nothing depends on a place, the picture is to be seen as it is.
    opacity = 0.8 * np.abs(worth) / most
    drawn = overlay.imshow(worth, cmap="coolwarm", alpha=opacity, vmin=-most, vmax=most)
    overlay.set_title(f"{answer.label}  {answer.probability:.1%}")
    figure.colorbar(
        ScalarMappable(drawn.norm, drawn.cmap), ax=overlay, label="what hiding it costs the answer", shrink=0.8
    )
    for axes in (given, overlay):
        axes.set_axis_off()
    figure.savefig(to, dpi=100)
    return to


def heat(predictor: "Predictor", codec: PictureCodec, seen: np.ndarray, label: int) -> np.ndarray:
    """What each place of an encoded picture `(h, w, c)` is worth to a label's log-probability: `(h, w)`."""
    fill = codec.convention.background if codec.convention else float(np.median(seen))

    def log_probability(pictures: np.ndarray) -> np.ndarray:
        return np.log(softmax(predictor({"image": pictures})["logits"], codec.temperature)[:, label] + 1e-9)

    maps = []
    for part in WINDOWS:
        window = max(seen.shape[0] // part, 1), max(seen.shape[1] // part, 1)
        maps.append(occlusion(log_probability, seen, fill, window, stride=max(min(window) // 3, 1)))
    return np.mean(maps, axis=0)


def _shown(picture: np.ndarray) -> np.ndarray:
    return picture[..., 0] if picture.shape[2] == 1 else picture
