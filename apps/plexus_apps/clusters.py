"""Sorting pictures that nobody labelled."""

from pathlib import Path

from plexus import App


class Clusters(App):
    """Finds the ten digits among scikit-learn's digits, without their labels."""

    def demo(self, folder: Path) -> dict[str, float]:
        """Cluster, measure, and show what one answer goes by."""
        from sklearn.datasets import load_digits

        bundle = self.trained("clustering.deep", folder, data="digits", clusters=10)
        picture = load_digits().images[7] / 16
        bundle.task.explain(bundle.run, bundle.codec, picture, folder / "picture.explained.png")
        (folder / "picture.json").write_text(bundle.predict([picture])[0].model_dump_json(indent=1) + "\n")
        return {name: bundle.scores[name] for name in ("acc", "nmi", "ari", "kmeans_acc", "stability")}
