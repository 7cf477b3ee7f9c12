"""Medical images, one at a time."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

METRICS = ("roc_auc", "chance_roc_auc", "sensitivity", "specificity", "ppv", "npv")


class XrayReader(App[None]):
    """Classifies a medical image, abstains from other pictures, and shows what the answer means at a prevalence.

    Example:
        ```python
        XrayReader().demo(Path("demo"))["roc_auc"]
        ```
    """

    tasks = ("medical.classify",)
    example_data = "pneumoniamnist"
    icon = (
        "M12 3v18 M12 6c-4 0-6 2-7 5 M12 6c4 0 6 2 7 5 M12 10c-3.5 0-5.5 2-6 5 M12 10c3.5 0 5.5 2 6 5 "
        "M12 14c-2.5 0-4 1.5-4.5 4 M12 14c2.5 0 4 1.5 4.5 4"
    )
    demo_captions = {
        "answers.svg": "A drawn X-ray of the test split and its answer; two other pictures have none",
        "xray.explained.svg": "Saliency map of this X-ray: where the probability depends on the image",
        "run/report/roc_curve.svg": "ROC curve on the test split; the dot is the threshold",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train on drawn X-rays, then answer for one that training never saw, and for two pictures that are none.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        # A small network learns this in few epochs from small batches.
        bundle = plexus.train(
            "medical.classify", run=folder / "run", data="drawn_xrays", epochs=24, folds=2, width=0.35, batch_size=64
        )
        _answer(bundle, folder)
        return {name: bundle.metrics[name] for name in METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.xray_reader.page import make_page

        return make_page(bundles)


def _answer(bundle: Bundle, folder: Path) -> None:
    """Write the answers for an X-ray and two other pictures, and the explanation of the first."""
    from plexus_apps.xray_reader.examples import draw_noise, draw_photo, test_images
    from plexus_apps.xray_reader.figures import draw_answers
    from plexus_apps.xray_reader.xray_model import XrayModel

    model = XrayModel(bundle)
    # Of the test images, too, the model does not answer about one in a hundred.
    cases = [example.image for example in test_images(bundle) if example.label == model.event]
    xray = next((image for image in cases if model.read(image).is_positive), cases[0])
    images = [xray, draw_photo(), draw_noise()]
    predictions = bundle.predict(images)
    texts = [str(prediction).replace("  ! ", ": ") for prediction in predictions]
    draw_answers(images, texts, folder / "answers.svg")
    bundle.explain(xray, folder / "xray.explained.svg")
    document = [prediction.model_dump(mode="json") for prediction in predictions]
    (folder / "answers.json").write_text(json.dumps(document, indent=1) + "\n")
