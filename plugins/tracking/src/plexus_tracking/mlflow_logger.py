"""The history of a training in MLflow."""

from pathlib import Path

from plexus.codec import JsonObject
from plexus.errors import InputError
from plexus.utils.files import write_whole
from plexus_tracking.tracker import Tracker, flatten_metrics

RUN_ID_FILE = "mlflow.txt"


class MlflowLogger(Tracker):
    """Logs options, metrics and the bundle to the store that `MLFLOW_TRACKING_URI` names.

    The experiment is `MLFLOW_EXPERIMENT_NAME`, or the task's id. A resumed training continues the same MLflow run.

    Args:
        run: The run.
        state: Its progress.

    Example:
        ```python
        learner.fit(x, y, callbacks=[MlflowLogger(run, state)])
        ```
    """

    def on_train_begin(self, logs: object = None) -> None:
        """Create the MLflow run, or continue it.

        Args:
            logs: Not used.

        Raises:
            InputError: If MLflow is not installed.
        """
        try:
            from mlflow import MlflowClient
            from mlflow.environment_variables import MLFLOW_EXPERIMENT_NAME
        except ModuleNotFoundError as error:
            raise InputError(
                "MLFLOW_TRACKING_URI is set, which needs mlflow: pip install 'plexus-tracking[mlflow]'"
            ) from error
        self._client = MlflowClient()
        id_file = self.run.folder / RUN_ID_FILE
        if id_file.exists():
            self._run_id = id_file.read_text().strip()
            self._client.update_run(self._run_id, "RUNNING")
            return
        name = MLFLOW_EXPERIMENT_NAME.get() or self.run.task
        experiment = self._client.get_experiment_by_name(name)
        experiment_id = experiment.experiment_id if experiment else self._client.create_experiment(name)
        self._run_id = self._client.create_run(experiment_id, run_name=self.run.folder.name).info.run_id
        write_whole(id_file, self._run_id + "\n")
        for option, value in self.run.options.model_dump().items():
            self._client.log_param(self._run_id, option, value)

    def on_epoch_evaluated(self, line: JsonObject) -> None:
        """Log the metrics of an epoch.

        Args:
            line: The epoch.
        """
        for name, value in flatten_metrics(line).items():
            if name != "epoch":
                self._client.log_metric(self._run_id, name, value, step=int(line["epoch"]))

    def on_train_end(self, logs: object = None) -> None:
        """Mark the MLflow run as killed, until the bundle is written.

        Args:
            logs: Not used.
        """
        self._client.set_terminated(self._run_id, "KILLED")

    def on_bundle_written(self, bundle: Path, metrics: dict[str, float]) -> None:
        """Log the metrics on the test split and the bundle, and mark the MLflow run as finished.

        Args:
            bundle: The bundle's folder.
            metrics: The metrics.
        """
        for name, value in metrics.items():
            self._client.log_metric(self._run_id, f"test/{name}", value)
        self._client.log_artifacts(self._run_id, str(bundle), "bundle")
        self._client.set_terminated(self._run_id, "FINISHED")
