"""Follow a training with a callback of your own.

Run as: python examples/training_callback.py [OUT]

A `plexus.TrainingCallback` is a Keras callback, with all of its methods, that is also called after each evaluation and
when the bundle is written. Here, it writes a line per epoch and stops the training at a time limit. A plugin returns
such callbacks from the hook `run_callbacks`, for every training on the machine.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before Keras is imported: no messages of TensorFlow's own

from plexus import Run, TrainingCallback
from plexus.plugins.registry import registry
from plexus.training.trainer import Trainer


class TimeLimit(TrainingCallback):
    """Stop after a number of seconds, at the end of an epoch.

    Args:
        seconds: The limit.
        log: File to which a line per evaluated epoch is written.
    """

    def __init__(self, seconds: float, log: Path) -> None:
        super().__init__()
        self.seconds, self.log, self.started = seconds, log, time.monotonic()

    def on_epoch_evaluated(self, line):
        """Write the validation metrics of an epoch.

        Args:
            line: The epoch as in `log.jsonl`.
        """
        with self.log.open("a") as file:
            print(f"epoch {line['epoch']}: loss {line['loss']:.3f}, accuracy {line['accuracy']:.3f}", file=file)

    def on_epoch_end(self, epoch, logs=None):
        """Stop the training if the time is over; a method of Keras.

        Args:
            epoch: Index of the epoch.
            logs: The metrics that Keras computes.
        """
        if time.monotonic() - self.started > self.seconds:
            self.model.stop_training = True

    def on_bundle_written(self, bundle, metrics):
        """Print where the bundle is.

        Args:
            bundle: Its folder.
            metrics: The metrics on the test split.
        """
        print(f"{bundle}: accuracy {metrics['accuracy']:.4f}")


def main(out: Path) -> None:
    """Train a classifier of digits with the callback.

    Args:
        out: Folder of the bundle.
    """
    task, log = registry().task("vision.classify"), out.with_suffix(".log")
    run = Run.start(task.id, task.options.parse({"data": "digits", "epochs": 3}), out)
    Trainer(task, lambda _run, _state: [TimeLimit(300, log)]).train(run)
    print(log.read_text(), end="")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "callback-bundle"))
