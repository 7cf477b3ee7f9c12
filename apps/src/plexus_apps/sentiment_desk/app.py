"""Telling what reviews feel."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plexus import App, Bundle

REVIEW = "The plot isn't bad at all. I loved the music. The ending was never dull!"


class SentimentDesk(App):
    """Tells what texts feel; the demo learns from made-up reviews, then marks each word of one by its push."""

    tasks = ("sentiment.classify",)
    shows = {
        "review.explained.html": "Each word of a review by its push",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure, and explain the answer to a review full of negations."""
        bundle = self.trained("sentiment.classify", folder, data="phrases", nets=2)
        (folder / "review.json").write_text(bundle.predict([REVIEW])[0].model_dump_json(indent=1) + "\n")
        bundle.explain(REVIEW, folder / "review.explained.html")
        return {name: bundle.metrics[name] for name in ("accuracy", "ngrams_accuracy", "majority_accuracy")}

    def page(self, bundles: Mapping[str, Bundle], flags: None) -> Any:
        """See `App.page`."""
        from plexus_apps.sentiment_desk.page import make_page

        return make_page(bundles)
