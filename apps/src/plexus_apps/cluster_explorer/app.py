"""Sorting pictures that nobody labelled."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plexus import App, Bundle


class ClusterExplorer(App):
    """Finds groups; the demo those of scikit-learn's ten digits, without their labels."""

    tasks = ("clustering.deep",)
    shows = {
        "run/report/map.png": "Pictures of digits, sorted without their labels",
        "run/report/exemplars.png": "Typical pictures of each cluster",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Cluster, measure, and show what one answer goes by."""
        from sklearn.datasets import load_digits

        bundle = self.trained("clustering.deep", folder, data="digits", clusters=10)
        picture = load_digits().images[7] / 16
        bundle.explain(picture, folder / "picture.explained.png")
        (folder / "picture.json").write_text(bundle.predict([picture])[0].model_dump_json(indent=1) + "\n")
        return {name: bundle.metrics[name] for name in ("acc", "nmi", "ari", "kmeans_acc", "stability")}

    def page(self, bundles: Mapping[str, Bundle], flags: None) -> Any:
        """See `App.page`."""
        from plexus_apps.cluster_explorer.page import make_page

        return make_page(bundles)
