"""Finding the few bad payments."""

import json
from pathlib import Path

from plexus import App, Bundle, Run
from plexus.registry import registry

TASK = "fraud.detect"
PAYMENT = {"time": 1_709_300_000, "customer": 5, "terminal": 7, "amount": 412.5}
"""Ten times what this customer pays, after the two months that it learned from."""


class Payments(App):
    """Learns from two months of made-up payments, then says why one looks like fraud."""

    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure, and explain one payment."""
        from plexus.train import train

        task = registry().task(TASK)
        options = task.options.checked({"data": "simulated", "epochs": 5})
        result = train(task, Run.start(TASK, options, folder=folder / "run"))
        bundle = Bundle.load(result["bundle"])
        bundle.task.explain(bundle.run, bundle.codec, PAYMENT, folder / "payment.explained.png")
        (folder / "payment.json").write_text(json.dumps(bundle.predict([PAYMENT])[0].model_dump(), indent=1) + "\n")
        names = ("average_precision", "amount_average_precision", "prior_average_precision", "cost_saved")
        return {name: result["scores"][name] for name in names}
