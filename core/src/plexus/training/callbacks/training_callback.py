"""The base class of callbacks that follow a whole training."""

from pathlib import Path

import keras

from plexus.codec import JsonObject


class TrainingCallback(keras.callbacks.Callback):
    """A Keras callback that is also called after each evaluation, and when the bundle is written.

    Example:
        ```python
        class PrintAccuracy(plexus.TrainingCallback):
            def on_epoch_evaluated(self, line):
                print(line["epoch"], line["accuracy"])
        ```
    """

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Handle an epoch that was evaluated on the validation split.

        Args:
            line: The epoch as in `log.jsonl`: `epoch`, `loss`, `seconds` and the validation metrics.
        """

    def on_bundle_written(self, bundle: Path, metrics: dict[str, float]) -> None:
        """Handle the end of the training.

        Args:
            bundle: The bundle's folder.
            metrics: The metrics on the test split.
        """
