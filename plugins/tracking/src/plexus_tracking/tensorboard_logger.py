"""The history of a training for TensorBoard."""

from pathlib import Path

from plexus.codec import JsonObject
from plexus_tracking.tracker import Tracker, flatten_metrics


class TensorBoardLogger(Tracker):
    """Writes TensorBoard events to `tensorboard/` in the run's folder; `tensorboard --logdir runs` compares all runs.

    It uses tensorboardX, which needs no TensorFlow: Keras's `TensorBoard` would import it also with JAX. Its file names
    have the time in seconds; the suffixes here keep a file from being overwritten by the next one of the same second.

    Args:
        run: The run.
        state: Its progress.

    Example:
        ```python
        learner.fit(x, y, callbacks=[TensorBoardLogger(run, state)])
        ```
    """

    def on_train_begin(self, logs: object = None) -> None:
        """Open a file of events and write the options. Earlier events of epochs that are repeated are hidden.

        Args:
            logs: Not used.
        """
        from tensorboardX import SummaryWriter

        folder, epoch = str(self.run.folder / "tensorboard"), self.state.epoch
        self._events = SummaryWriter(folder, purge_step=epoch, filename_suffix=f".{epoch}")
        options = "\n".join(f"| {name} | {value} |" for name, value in self.run.options.model_dump().items())
        self._events.add_text("options", f"| option | value |\n|---|---|\n{options}", epoch)

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Write the metrics of an epoch.

        Args:
            line: The epoch.
        """
        for name, value in flatten_metrics(line).items():
            if name != "epoch":
                self._events.add_scalar(name, value, line["epoch"])
        self._events.flush()

    def on_train_end(self, logs: object = None) -> None:
        """Close the file.

        Args:
            logs: Not used.
        """
        self._events.close()

    def on_bundle_written(self, bundle: Path, metrics: dict[str, float]) -> None:
        """Write the metrics on the test split, named `test/METRIC`.

        Args:
            bundle: The bundle's folder.
            metrics: The metrics.
        """
        from tensorboardX import SummaryWriter

        with SummaryWriter(str(self.run.folder / "tensorboard"), filename_suffix=".test") as events:
            for name, value in metrics.items():
                events.add_scalar(f"test/{name}", value, self.state.epoch)
