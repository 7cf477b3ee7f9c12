"""Telling what reviews feel."""

from pathlib import Path

from plexus import App

REVIEW = "The plot isn't bad at all. I loved the music. The ending was never dull!"


class Reviews(App):
    """Learns from made-up reviews, then marks each word of one by how it pushes."""

    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure, and explain the answer to a review full of negations."""
        bundle = self.trained("sentiment.classify", folder, data="phrases", nets=2)
        (folder / "review.json").write_text(bundle.predict([REVIEW])[0].model_dump_json(indent=1) + "\n")
        bundle.task.explain(bundle.run, bundle.codec, REVIEW, folder / "review.explained.html")
        return {name: bundle.scores[name] for name in ("accuracy", "ngrams_accuracy", "majority_accuracy")}
