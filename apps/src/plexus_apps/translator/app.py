"""Translation of texts and files."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

TASK = "language.translate"
LINES = ("two hundred forty-one", "nine thousand seventy", "May the third, nineteen ninety-four")
METRICS = ("bleu", "chrf", "exact", "copy_bleu")


class Translator(App[None]):
    """Translates texts and files, with alternatives, confidence, alignment and a glossary.

    Example:
        ```python
        Translator().demo(Path("demo"))["exact"]
        ```
    """

    tasks = (TASK,)
    example_data = "tatoeba_fra_eng"
    icon = "M3 6h11 M8.5 3v3 M12 6c-1 5-4 8-8 9 M6 9c1 3 4 5 6 6 M12 21l4.5-10L21 21 M13.5 17.5h6"
    demo_captions = {"numbers.explained.html": "Numbers in words, their digits, and the alignment of both"}

    def demo(self, folder: Path) -> dict[str, float]:
        """Train on numbers in words, then translate and explain some.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        # A small network learns one direction in few epochs.
        bundle = plexus.train(
            TASK,
            run=folder / "run",
            data="number_words",
            directions="forward",
            epochs=8,
            evaluate_every=8,
            batch_size=64,
            learning_rate=0.005,
            dropout=0.0,
            width=64,
            encoder_layers=2,
            decoder_layers=1,
        )
        predictions = bundle.predict(LINES)
        lines = [f"{line}\t{each.model_dump()['translation']}\n" for line, each in zip(LINES, predictions, strict=True)]
        (folder / "numbers.tsv").write_text("".join(lines), encoding="utf-8")
        bundle.explain("\n".join(LINES), folder / "numbers.explained.html")
        return {name: bundle.metrics[name] for name in METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.translator.page import make_page

        return make_page(bundles)
