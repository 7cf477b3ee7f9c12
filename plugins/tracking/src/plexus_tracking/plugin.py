"""Trackers of every training; `plexus plugins disable tracking` does without."""

import os
from typing import TYPE_CHECKING

from plexus.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    import keras

    from plexus import Run, TrainingState


@hookimpl
def run_callbacks(run: "Run", state: "TrainingState") -> "list[keras.callbacks.Callback]":
    """CSV and TensorBoard always; MLflow where `MLFLOW_TRACKING_URI` says where its store is."""
    from plexus_tracking.csv_log import CsvLog
    from plexus_tracking.mlflow_store import MlflowStore
    from plexus_tracking.tensorboard import TensorBoard

    trackers: list[keras.callbacks.Callback] = [CsvLog(run, state), TensorBoard(run, state)]
    return [*trackers, MlflowStore(run, state)] if os.environ.get("MLFLOW_TRACKING_URI") else trackers
