"""What pictures show."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plexus import App, Bundle


class ImageRecognition(App):
    """Tells what pictures show; the demo trains on scikit-learn's digits, then reads a photo of one that it draws."""

    tasks = ("vision.classify",)
    shows = {
        "photo.explained.png": "A photo of a written three: warm where hiding a place costs the answer",
        "run/report/confusion.png": "What is taken for what",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure, and explain the reading of a photo."""
        bundle = self.trained("vision.classify", folder, data="digits")
        photo = draw_photo(folder / "photo.png")
        answer = bundle.predict([photo])[0]
        bundle.explain(photo, folder / "photo.explained.png")
        (folder / "photo.json").write_text(answer.model_dump_json(indent=1) + "\n")
        return bundle.metrics

    def page(self, bundles: Mapping[str, Bundle], flags: None) -> Any:
        """See `App.page`."""
        from plexus_apps.image_recognition.page import make_page

        return make_page(bundles)


def draw_photo(file: Path) -> Path:
    """Write a picture of a three in blue ink on unevenly lit paper: nothing like what the network learned from."""
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
