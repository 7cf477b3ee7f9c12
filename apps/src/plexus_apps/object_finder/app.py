"""Object detection in images and videos."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

DEMO_METRICS = ("map50", "baseline_map50", "count_error", "baseline_count_error")
DEMO_WIDTH = 640
"""Width of the annotated image, in pixels."""


class ObjectFinder(App[None]):
    """Finds and counts objects in images and videos, and trains on one's own images with boxes.

    Example:
        ```python
        ObjectFinder().demo(Path("demo"))["map50"]
        ```
    """

    tasks = ("vision.detect",)
    example_data = "bccd"
    icon = "M3 8V3h5 M16 3h5v5 M21 16v5h-5 M8 21H3v-5 M8 8h8v8H8z"
    demo_captions = {
        "boxes.png": "A drawn image of the test split, with the detected shapes and their probabilities",
        "run/report/precision_recall.svg": "Precision by recall on the test split",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train on drawn shapes, then detect those of an image that training never saw.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        # A small network learns at a high rate from images that are all different: few epochs need no augmentation.
        bundle = plexus.train(
            "vision.detect",
            run=folder / "run",
            data="drawn_shapes",
            epochs=10,
            width=0.25,
            batch_size=16,
            learning_rate=0.03,
            augment="none",
            evaluate_every=10,
        )
        _detect(bundle, folder)
        return {name: bundle.metrics[name] for name in DEMO_METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.object_finder.page import make_page

        return make_page(bundles)


def _detect(bundle: Bundle, folder: Path) -> None:
    """Write the objects of an image of the test split, and the image with their boxes."""
    from PIL import Image

    from plexus_apps.object_finder.detection_model import DetectionModel
    from plexus_apps.object_finder.drawing import draw_boxes, label_color
    from plexus_apps.object_finder.model_data import example_images

    model, images = DetectionModel(bundle), example_images(bundle)
    objects = model.find(images[0])
    texts = [f"{item.label} {item.probability:.0%}" for item in objects]
    colors = [label_color(model.labels, item.label) for item in objects]
    boxes = draw_boxes(images[0], [item.box for item in objects], texts, colors, DEMO_WIDTH)
    Image.fromarray(boxes).save(folder / "boxes.png")
    document = [{"label": item.label, "probability": item.probability, "box": list(item.box)} for item in objects]
    (folder / "objects.json").write_text(json.dumps(document, indent=1) + "\n")
