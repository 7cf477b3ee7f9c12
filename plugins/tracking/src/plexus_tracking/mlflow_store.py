"""The training as a run of MLflow."""

from pathlib import Path
from typing import Any

from plexus.errors import InputError
from plexus.utils.files import write_whole
from plexus_tracking.tracker import Tracker, figures


class MlflowStore(Tracker):
    """Keeps options, figures and the bundle in the store that `MLFLOW_TRACKING_URI` names.

    The experiment is `MLFLOW_EXPERIMENT_NAME`, else the task's id. A training that was cut off goes on in
    the same run.
    """

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin the run, or go on with it.

        Raises:
            InputError: MLflow is not installed.
        """
        try:
            from mlflow import MlflowClient
            from mlflow.environment_variables import MLFLOW_EXPERIMENT_NAME
        except ModuleNotFoundError as error:
            raise InputError(
                "MLFLOW_TRACKING_URI is set, which needs mlflow: pip install 'plexus-suite[mlflow]'"
            ) from error
        self._client = MlflowClient()
        known = self.run.folder / "mlflow.txt"
        if known.exists():
            self._id = known.read_text().strip()
            self._client.update_run(self._id, "RUNNING")
            return
        name = MLFLOW_EXPERIMENT_NAME.get() or self.run.task
        experiment = self._client.get_experiment_by_name(name)
        id = experiment.experiment_id if experiment else self._client.create_experiment(name)
        self._id = self._client.create_run(id, run_name=self.run.folder.name).info.run_id
        write_whole(known, self._id + "\n")
        for option, value in self.run.options.model_dump().items():
            self._client.log_param(self._id, option, value)

    def on_epoch_evaluated(self, line: dict[str, Any]) -> None:
        """The epoch's figures."""
        for name, value in figures(line).items():
            if name != "epoch":
                self._client.log_metric(self._id, name, value, step=int(line["epoch"]))

    def on_train_end(self, logs: Any = None) -> None:
        """Without a bundle, it was cut off."""
        self._client.set_terminated(self._id, "KILLED")

    def on_bundle_written(self, bundle: Path, scores: dict[str, float]) -> None:
        """The scores on the test split, and the bundle."""
        for name, value in scores.items():
            self._client.log_metric(self._id, f"test/{name}", value)
        self._client.log_artifacts(self._id, str(bundle), "bundle")
        self._client.set_terminated(self._id, "FINISHED")
