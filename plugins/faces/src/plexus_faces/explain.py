"""Explanation of the embedding of a face by occlusion."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.codec import Input
from plexus.data.images import read_image, to_channels
from plexus.explain.occlusion import occlusion_map
from plexus.report.colors import BLUE, RED
from plexus_faces.codec import FaceCodec, unit_rows
from plexus_faces.face import Face
from plexus_faces.face_finder import find_faces

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from plexus import Predictor

WINDOW, STRIDE = (36, 36), 12
"""Size of the occluding patch and distance of its positions, in pixels of the aligned face."""


def draw_explanation(predictor: "Predictor", codec: FaceCodec, raw_image: Input, path: Path) -> Path:
    """Draw an image with its faces, and the largest one with what its embedding depends on.

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

    from plexus.report.figure import save_figure

    faces = [raw_image] if isinstance(raw_image, Face) else find_faces([raw_image])[0]
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes in (left, right):
        axes.set_axis_off()
    _draw_faces(left, raw_image.chip if isinstance(raw_image, Face) else read_image(raw_image), faces, raw_image)
    if faces:
        _draw_attribution(right, faces[0].chip, occlusion_attribution(predictor, codec, faces[0]))
    save_figure(figure, path, dpi=100)
    return path


def occlusion_attribution(predictor: "Predictor", codec: FaceCodec, face: Face) -> np.ndarray:
    """Compute by how much occluding each place of a face lowers its similarity to itself.

    Args:
        predictor: The network.
        codec: The codec.
        face: The face.

    Returns:
        Attribution of shape `(150, 150)`.
    """
    reference = unit_rows(predictor(codec.encode([face]))["embedding"])[0]

    def similarity(chips: np.ndarray) -> np.ndarray:
        return np.asarray(unit_rows(predictor({"face": chips})["embedding"]) @ reference)

    return occlusion_map(similarity, face.chip, float(np.median(face.chip)), WINDOW, STRIDE)


def _draw_faces(axes: "Axes", image: np.ndarray, faces: list[Face], raw_image: Input) -> None:
    from matplotlib.patches import Rectangle

    axes.imshow(to_channels(image, 3))
    axes.set_title(f"{len(faces) or 'no'} face" + "s" * (len(faces) > 1))
    for face in faces if not isinstance(raw_image, Face) else []:
        left, top, right, bottom = face.box
        axes.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, color=BLUE, linewidth=1.5))
        axes.scatter(face.points[:, 0], face.points[:, 1], s=8, color=RED)


def _draw_attribution(axes: "Axes", chip: np.ndarray, attribution: np.ndarray) -> None:
    from matplotlib.cm import ScalarMappable

    axes.imshow(chip)
    largest = max(float(attribution.max()), 1e-9)
    opacity = 0.8 * np.clip(attribution, 0, None) / largest
    overlay = axes.imshow(attribution, cmap="Reds", alpha=opacity, vmin=0, vmax=largest)
    axes.set_title("Largest face, aligned")
    mappable = ScalarMappable(overlay.norm, overlay.cmap)
    axes.figure.colorbar(mappable, ax=axes, label="decrease of similarity when occluded", shrink=0.8)
