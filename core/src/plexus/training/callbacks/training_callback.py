"""A callback that is told more than Keras tells."""

from pathlib import Path
from typing import Any

import keras


class TrainingCallback(keras.callbacks.Callback):
    """Of a training: also what was measured after each epoch, and the bundle at the end. What trackers derive from."""

    def epoch_measured(self, line: dict[str, Any]) -> None:
        """An epoch was measured: its loss, the scores on the validation split, `seconds`, as in `log.jsonl`."""

    def bundle_written(self, bundle: Path, scores: dict[str, float]) -> None:
        """The training has ended with a bundle, which scores so on the test split."""
