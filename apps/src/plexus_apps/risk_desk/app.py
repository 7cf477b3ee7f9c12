"""Predictions for the rows of tables: credit risk and diagnosis."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

METRICS = ("log_loss", "prior_log_loss", "roc_auc", "accuracy")


class RiskDesk(App[None]):
    """Predicts for a row that is filled in as a form, with its reasons, and for tables.

    Example:
        ```python
        RiskDesk().demo(Path("demo"))["roc_auc"]
        ```
    """

    tasks = ("tables.classify", "tables.diagnose", "tables.risk", "tables.regress")
    example_data = "german_credit"
    icon = "M5 18a9 9 0 1 1 14 0 M12 14l4.5-5 M12 5v1.5 M4.5 13H6 M18 13h1.5"
    demo_captions = {
        "cells.explained.svg": "Why the cells of a tumour are classified as malignant",
        "run/report/models.svg": "Log loss of all models out of fold, compared with the one in use",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train on scikit-learn's breast cancer cells, then classify and explain those of one tumour.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        from sklearn.datasets import load_breast_cancer

        bundle = plexus.train("tables.classify", run=folder / "run", data="breast_cancer", epochs=4)
        tumours = load_breast_cancer()
        cells = dict(zip(tumours.feature_names.tolist(), tumours.data[8].tolist(), strict=True))
        bundle.explain(cells, folder / "cells.explained.svg")
        (folder / "cells.json").write_text(bundle.predict([cells])[0].model_dump_json(indent=1) + "\n")
        return {name: bundle.metrics[name] for name in METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.risk_desk.page import make_page

        return make_page(bundles)
