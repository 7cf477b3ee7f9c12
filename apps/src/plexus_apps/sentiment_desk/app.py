"""Sentiment of reviews."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

TASK = "sentiment.classify"
REVIEW = "The plot isn't bad at all. I loved the music. The ending was never dull!"
METRICS = ("accuracy", "ngrams_accuracy", "majority_accuracy")


class SentimentDesk(App[None]):
    """Classifies the sentiment of texts and shows which words each prediction depends on.

    Example:
        ```python
        SentimentDesk().demo(Path("demo"))["accuracy"]
        ```
    """

    tasks = (TASK,)
    example_data = "rt_polarity,imdb"
    icon = "M3 4h18v13H9l-6 4z M9 8.5v.2 M15 8.5v.2 M8.5 12c1.5 2 5.5 2 7 0"
    demo_captions = {"review.explained.html": "Attribution of a review's sentiment to its words"}

    def demo(self, folder: Path) -> dict[str, float]:
        """Train on synthetic reviews, then classify and explain a review with negations.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        bundle = plexus.train(TASK, run=folder / "run", data="phrases", nets=2, epochs=16)
        (folder / "review.json").write_text(bundle.predict([REVIEW])[0].model_dump_json(indent=1) + "\n")
        bundle.explain(REVIEW, folder / "review.explained.html")
        return {name: bundle.metrics[name] for name in METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.sentiment_desk.page import make_page

        return make_page(bundles)
