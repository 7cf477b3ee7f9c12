"""Finding the few bad payments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plexus import App, Bundle
from plexus_apps.fraud_monitor.flags import MonitorFlags

PAYMENT = {"time": 1_709_300_000, "customer": 5, "terminal": 7, "amount": 412.5}
"""Far more than this customer ever paid, after the two months that it learned from."""


class FraudMonitor(App):
    """Watches transactions arrive; the demo learns from two months of made-up payments, and says why one is flagged."""

    tasks = ("fraud.detect",)
    asking = MonitorFlags
    shows = {
        "run/report/precision_recall.png": "Precision and recall; the point is the threshold that costs least",
        "payment.explained.png": "Why one payment is flagged",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure, and explain one payment."""
        bundle = self.trained("fraud.detect", folder, data="simulated", epochs=5)
        bundle.explain(PAYMENT, folder / "payment.explained.png")
        (folder / "payment.json").write_text(bundle.predict([PAYMENT])[0].model_dump_json(indent=1) + "\n")
        names = ("average_precision", "amount_average_precision", "prior_average_precision", "cost_saved")
        return {name: bundle.metrics[name] for name in names}

    def page(self, bundles: Mapping[str, Bundle], flags: MonitorFlags) -> Any:
        """See `App.page`."""
        from plexus_apps.fraud_monitor.page import make_page

        return make_page(bundles, flags)
