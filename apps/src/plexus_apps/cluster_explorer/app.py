"""Clustering of unlabelled data."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

METRICS = ("acc", "nmi", "ari", "kmeans_acc", "stability")


class ClusterExplorer(App[None]):
    """Finds clusters in unlabelled data, and assigns new inputs to them.

    Example:
        ```python
        ClusterExplorer().demo(Path("demo"))["acc"]
        ```
    """

    tasks = ("clustering.deep",)
    example_data = "mnist"
    icon = (
        "M6 5a1.5 1.5 0 1 0 .01 0 M10 8a1.5 1.5 0 1 0 .01 0 M5.5 10a1.5 1.5 0 1 0 .01 0 "
        "M17 4a1.5 1.5 0 1 0 .01 0 M20 8a1.5 1.5 0 1 0 .01 0 M12 15a1.5 1.5 0 1 0 .01 0 "
        "M16 17a1.5 1.5 0 1 0 .01 0 M11 19a1.5 1.5 0 1 0 .01 0"
    )
    demo_captions = {
        "run/report/map.svg": "Images of handwritten digits, clustered without labels",
        "run/report/exemplars.svg": "Typical images of each cluster",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Cluster scikit-learn's digits, then explain the cluster of one.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        from sklearn.datasets import load_digits

        bundle = plexus.train("clustering.deep", run=folder / "run", data="digits", clusters=10)
        image = load_digits().images[7] / 16
        bundle.explain(image, folder / "image.explained.svg")
        (folder / "image.json").write_text(bundle.predict([image])[0].model_dump_json(indent=1) + "\n")
        return {name: bundle.metrics[name] for name in METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.cluster_explorer.page import make_page

        return make_page(bundles)
