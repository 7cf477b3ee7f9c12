"""Monitoring of transactions."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle
from plexus_apps.fraud_monitor.options import MonitorOptions

if TYPE_CHECKING:
    from gradio import Blocks

PAYMENT = {"time": 1_709_300_000, "customer": 5, "terminal": 7, "amount": 412.5}
"""A payment after the simulated two months, far larger than any of this customer's before."""
METRICS = ("average_precision", "amount_average_precision", "prior_average_precision", "cost_saved")


class FraudMonitor(App[MonitorOptions]):
    """Scores a stream of transactions and shows those that are worth a review.

    Example:
        ```python
        FraudMonitor().demo(Path("demo"))["average_precision"]
        ```
    """

    tasks = ("fraud.detect",)
    example_data = "simulated"
    page_options = MonitorOptions
    icon = "M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z M12 8v5 M12 16v.2"
    demo_captions = {
        "run/report/precision_recall.svg": "Precision and recall; the dot is the threshold with the lowest cost",
        "payment.explained.svg": "Why a payment is flagged",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train on simulated payments, then score and explain one.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        bundle = plexus.train("fraud.detect", run=folder / "run", data="simulated", epochs=3)
        bundle.explain(PAYMENT, folder / "payment.explained.svg")
        (folder / "payment.json").write_text(bundle.predict([PAYMENT])[0].model_dump_json(indent=1) + "\n")
        return {name: bundle.metrics[name] for name in METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: MonitorOptions) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: The options of `plexus open fraud-monitor`.

        Returns:
            The page.
        """
        from plexus_apps.fraud_monitor.page import make_page

        return make_page(bundles, options)
