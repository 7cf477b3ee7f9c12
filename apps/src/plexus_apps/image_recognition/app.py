"""Image classification."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks


class ImageRecognition(App[None]):
    """Classifies images and shows which regions each prediction depends on.

    Example:
        ```python
        ImageRecognition().demo(Path("demo"))["accuracy"]
        ```
    """

    tasks = ("vision.classify",)
    example_data = "mnist"
    icon = "M3 5h18v14H3z M3 17l5-5 4 4 3-3 6 5 M16 8.5a1 1 0 1 0 .01 0"
    demo_captions = {
        "photo.explained.svg": "A photo of a handwritten three: covering a warm region lowers the probability",
        "run/report/confusion.svg": "Confusion matrix",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train on scikit-learn's digits, then classify and explain a drawn photo.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        bundle = plexus.train("vision.classify", run=folder / "run", data="digits", epochs=8)
        photo = draw_photo(folder / "photo.png")
        bundle.explain(photo, folder / "photo.explained.svg")
        (folder / "photo.json").write_text(bundle.predict([photo])[0].model_dump_json(indent=1) + "\n")
        return bundle.metrics

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.image_recognition.page import make_page

        return make_page(bundles)


def draw_photo(file: Path) -> Path:
    """Write a photo of a three in blue ink on unevenly lit paper, unlike all training images.

    Args:
        file: PNG file to write.

    Returns:
        The file.
    """
    import cv2
    import numpy as np

    paper = np.full((360, 300, 3), (205, 225, 235), np.float32)
    stroke = np.array(
        [[105, 90], [150, 70], [190, 95], [185, 140], [145, 165], [195, 190], [200, 240], [155, 275], [100, 255]]
    )
    cv2.polylines(paper, [stroke], isClosed=False, color=(120, 60, 40), thickness=13, lineType=cv2.LINE_AA)
    light = np.linspace(1.0, 0.7, 300)[None, :, None] * np.linspace(1.0, 0.9, 360)[:, None, None]
    noise = np.random.default_rng(0).normal(0, 4, paper.shape)
    cv2.imwrite(str(file), np.clip(cv2.GaussianBlur(paper * light + noise, (0, 0), 1), 0, 255).astype(np.uint8))
    return file
