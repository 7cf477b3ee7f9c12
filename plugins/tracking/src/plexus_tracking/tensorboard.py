"""The log for TensorBoard."""

from pathlib import Path
from typing import Any

from plexus_tracking.tracker import Tracker, figures


class TensorBoard(Tracker):
    """Writes events under `tensorboard/` in the run's folder: `tensorboard --logdir runs` shows all runs beside others.

    By tensorboardX, which needs no TensorFlow: Keras's own callback would import it beside JAX.
    """

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin a file; what an earlier one says of the epochs to come counts no more."""
        from tensorboardX import SummaryWriter

        self._events = SummaryWriter(str(self.run.folder / "tensorboard"), purge_step=self.state.epoch)
        options = "\n".join(f"| {name} | {value} |" for name, value in self.run.options.model_dump().items())
        self._events.add_text("options", f"| option | value |\n|---|---|\n{options}", self.state.epoch)

    def on_epoch_evaluated(self, line: dict[str, Any]) -> None:
        """The epoch's figures, all that are beside its number."""
        for name, value in figures(line).items():
            if name != "epoch":
                self._events.add_scalar(name, value, line["epoch"])
        self._events.flush()

    def on_train_end(self, logs: Any = None) -> None:
        """Close the file."""
        self._events.close()

    def on_bundle_written(self, bundle: Path, scores: dict[str, float]) -> None:
        """The scores on the test split, under `test/`."""
        from tensorboardX import SummaryWriter

        with SummaryWriter(str(self.run.folder / "tensorboard")) as events:
            for name, value in scores.items():
                events.add_scalar(f"test/{name}", value, self.state.epoch)
