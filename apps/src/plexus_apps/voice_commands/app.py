"""Spoken commands: the words of a recording and their times."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle
from plexus_apps.voice_commands.drawing import draw_words
from plexus_apps.voice_commands.examples import write_example

if TYPE_CHECKING:
    from gradio import Blocks

DEMO_WORDS = ("yes", "no", "up")
DEMO_METRICS = ("accuracy", "unknown_auroc", "majority_accuracy")


class VoiceCommands(App[None]):
    """Recognizes the words of a recording, and draws them over its waveform and spectrogram.

    Example:
        ```python
        VoiceCommands().demo(Path("demo"))["accuracy"]
        ```
    """

    tasks = ("speech.commands", "speech.transcribe")
    example_data = "spoken"
    icon = "M12 3a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z M5 11a7 7 0 0 0 14 0 M12 18v3 M8 21h8"
    demo_captions = {
        "voice.words.svg": "Three words by a speaker that is not in the training split, with noise",
        "voice.explained.svg": "The most confident word: covering a warm region lowers its probability",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train on synthesized words, then recognize and explain three words in a row.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        bundle = plexus.train(
            "speech.commands",
            run=folder / "run",
            data="spoken",
            epochs=12,
            batch_size=16,
            network="convolutional",
            channels=8,
            averaging=0.95,
        )
        recording = write_example(folder / "voice.wav", DEMO_WORDS)
        prediction = bundle.predict([recording])[0]
        (folder / "voice.json").write_text(prediction.model_dump_json(indent=1) + "\n")
        draw_words(recording, prediction.model_dump(), folder / "voice.words.svg")
        bundle.explain(recording, folder / "voice.explained.svg")
        return {name: bundle.metrics[name] for name in DEMO_METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.voice_commands.page import make_page

        return make_page(bundles)
