"""Registers the experiment loggers with Plexus; `plexus plugins disable tracking` turns them off."""

import os
from typing import TYPE_CHECKING

from plexus.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    import keras

    from plexus import Run, TrainingState


@hookimpl
def run_callbacks(run: "Run", state: "TrainingState") -> "list[keras.callbacks.Callback]":
    """Return the trackers of a training: CSV and TensorBoard, and MLflow if `MLFLOW_TRACKING_URI` is set.

    Args:
        run: The run.
        state: Its progress.

    Returns:
        The callbacks.
    """
    from plexus_tracking.csv_logger import CsvLogger
    from plexus_tracking.mlflow_logger import MlflowLogger
    from plexus_tracking.tensorboard_logger import TensorBoardLogger

    trackers: list[keras.callbacks.Callback] = [CsvLogger(run, state), TensorBoardLogger(run, state)]
    return [*trackers, MlflowLogger(run, state)] if os.environ.get("MLFLOW_TRACKING_URI") else trackers
