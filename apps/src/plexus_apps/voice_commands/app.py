"""Which words are said, and when."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plexus import App, Bundle
from plexus_apps.voice_commands.drawing import draw_words
from plexus_apps.voice_commands.spoken import write_words

QUICK = {"epochs": 16, "batch_size": 16, "channels": 8, "averaging": 0.95}


class VoiceCommands(App):
    """Tells which words are said, and when; the demo learns eight from made-up voices, then hears three in a row."""

    tasks = ("speech.commands", "speech.transcribe")
    shows = {
        "voice.words.png": "Three words by a voice that training never heard, with noise",
        "voice.explained.png": "What the surest word is known by",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure, and explain what is heard."""
        bundle = self.trained("speech.commands", folder, data="spoken", **QUICK)
        dataset = bundle.task.load_dataset(bundle.task.options.parse(bundle.manifest["options"]))
        recording = record(dataset["test"], folder / "voice.wav")
        (folder / "voice.json").write_text(bundle.predict([recording])[0].model_dump_json(indent=1) + "\n")
        draw_words(recording, bundle.predict([recording])[0].model_dump(), folder / "voice.words.png")
        bundle.explain(recording, folder / "voice.explained.png")
        return {name: bundle.metrics[name] for name in ("accuracy", "unknown_auroc", "majority_accuracy")}

    def page(self, bundles: Mapping[str, Bundle], flags: None) -> Any:
        """See `App.page`."""
        from plexus_apps.voice_commands.page import make_page

        return make_page(bundles)


def record(words: Any, file: Path) -> Path:
    """Write a recording of the first three different words of a split."""
    rows = [words.labels.index(label) for label in dict.fromkeys(words.labels)][:3]
    return write_words([words.sounds[row] for row in rows], words.rate, file)
