"""The history of a training in MLflow."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import Run, TrainingState
from plexus.codec import JsonObject
from plexus.errors import InputError
from plexus.utils.files import write_whole
from plexus.utils.messages import note
from plexus_tracking.tracker import Tracker, flatten_metrics

if TYPE_CHECKING:
    from mlflow import MlflowClient

RUN_ID_FILE = "mlflow.txt"
LIMITS = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "10", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
"""Settings of MLflow, unless the user has set them: its own wait for a server that does not answer for minutes."""
NOT_ALLOWED = re.compile(r"[^\w\-. :/]", re.ASCII)
"""Characters that MLflow refuses in the name of a metric; names of metrics may contain labels of the data."""
MAX_REASON = 200
"""Characters of an error that the message has."""


class MlflowLogger(Tracker):
    """Logs options, metrics and the bundle to the store that `MLFLOW_TRACKING_URI` names.

    The experiment is `MLFLOW_EXPERIMENT_NAME`, or the task's id. A resumed training continues the same MLflow run.
    A store that does not answer is named once, and the training goes on without it.

    Args:
        run: The run.
        state: Its progress.

    Example:
        ```python
        learner.fit(x, y, callbacks=[MlflowLogger(run, state)])
        ```
    """

    def __init__(self, run: Run, state: TrainingState) -> None:
        super().__init__(run, state)
        self._client: MlflowClient | None = None
        self._run_id, self._failed = "", False

    def on_train_begin(self, logs: object = None) -> None:
        """Create the MLflow run, or continue it.

        Args:
            logs: Not used.

        Raises:
            InputError: If MLflow is not installed.
        """
        try:
            import mlflow  # noqa: F401
        except ModuleNotFoundError as error:
            raise InputError(
                "MLFLOW_TRACKING_URI is set, which needs mlflow: pip install 'plexus-tracking[mlflow]'"
            ) from error
        for name, value in LIMITS.items():
            os.environ.setdefault(name, value)
        self._attempt(self._begin)

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Log the metrics of an epoch.

        Args:
            line: The epoch.
        """
        metrics = {name: value for name, value in flatten_metrics(line).items() if name != "epoch"}
        self._log_metrics(metrics, int(line["epoch"]))

    def on_train_end(self, logs: object = None) -> None:
        """Mark the MLflow run as killed, until the bundle is written.

        Args:
            logs: Not used.
        """
        self._attempt(lambda client: client.set_terminated(self._run_id, "KILLED"))

    def on_bundle_written(self, bundle: Path, metrics: dict[str, float]) -> None:
        """Log the metrics on the test split and the bundle, and mark the MLflow run as finished.

        Args:
            bundle: The bundle's folder.
            metrics: The metrics.
        """
        self._log_metrics({f"test/{name}": value for name, value in metrics.items()}, None)
        self._attempt(lambda client: client.log_artifacts(self._run_id, str(bundle), "bundle"))
        self._attempt(lambda client: client.set_terminated(self._run_id, "FINISHED"))

    def _begin(self, client: "MlflowClient") -> None:
        from mlflow.environment_variables import MLFLOW_EXPERIMENT_NAME

        id_file = self.run.folder / RUN_ID_FILE
        if id_file.exists():
            self._run_id = id_file.read_text().strip()
            client.update_run(self._run_id, "RUNNING")
        else:
            name = MLFLOW_EXPERIMENT_NAME.get() or self.run.task
            experiment = client.get_experiment_by_name(name)
            experiment_id = experiment.experiment_id if experiment else client.create_experiment(name)
            self._run_id = client.create_run(experiment_id, run_name=self.run.folder.name).info.run_id
            write_whole(id_file, self._run_id + "\n")
            for option, value in self.run.options.model_dump().items():
                client.log_param(self._run_id, option, value)

    def _connect(self) -> "MlflowClient":
        from mlflow import MlflowClient

        return MlflowClient()

    def _log_metrics(self, metrics: dict[str, float], step: int | None) -> None:
        def log(client: "MlflowClient") -> None:
            for name, value in metrics.items():
                client.log_metric(self._run_id, NOT_ALLOWED.sub("_", name), value, step=step)

        self._attempt(log)

    def _attempt(self, action: "Callable[[MlflowClient], object]") -> None:
        """Send something to the store. If that fails, the training goes on without the store."""
        if self._failed:
            return
        try:
            self._client = self._client or self._connect()
            action(self._client)
        except Exception as error:  # noqa: BLE001 - of a server, a data base or a disk, by any library
            self._failed = True
            reason = " ".join(str(InputError(str(error))).split())[:MAX_REASON]  # without a password in an address
            store = os.environ.get("MLFLOW_TRACKING_URI", "")
            line = f"MLflow at {store} cannot be used ({type(error).__name__}: {reason}); the training goes on without"
            note(str(InputError(line)))
