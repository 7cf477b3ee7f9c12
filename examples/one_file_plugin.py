"""A plugin in one file: predict the progression of diabetes from ten measurements.

Run as: python examples/one_file_plugin.py [OUT]

Run like this, the file trains its task and predicts. To use the task from the command line, put the file next to this
`pyproject.toml` and run `pip install --editable .`; then `plexus train diabetes.progression` works like any other task.

    [build-system]
    requires = ["hatchling>=1.27"]
    build-backend = "hatchling.build"

    [project]
    name = "plexus-diabetes"
    version = "0.1.0"
    dependencies = ["plexus-core[train]"]

    [project.entry-points.plexus]
    diabetes = "one_file_plugin"

    [tool.hatch.build.targets.wheel]
    include = ["one_file_plugin.py"]
"""

import sys
from pathlib import Path

import numpy as np
from pydantic import Field

from plexus import (
    Bundle,
    Entry,
    Examples,
    Findings,
    InputError,
    Options,
    RegressionCodec,
    RegressionTask,
    Run,
    SupervisedDataset,
    hookimpl,
)
from plexus.data.rows import row_numbers
from plexus.tasks.row_inputs import RowInputs
from plexus.training.trainer import Trainer

COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]


@hookimpl
def register_tasks():
    """Return the task; Plexus calls this hook at every start, so the module imports nothing heavy."""
    return [Entry("diabetes.progression", "Progression of diabetes after a year", "one_file_plugin:Progression")]


class ProgressionOptions(Options):
    """Options of the task: a field is a flag of the command line."""

    defaults = {"data": "diabetes", "epochs": 60, "learning_rate": 0.003}

    units: int = Field(32, ge=1, le=1024, description="Units of the hidden layer.")


class RowCodec(RegressionCodec):
    """Converts rows to arrays; `decode`, from outputs to numbers, is inherited."""

    def encode(self, inputs):
        """Return the measurements of each row, shape `(rows, 10)`; an error names the row and the column."""
        return {"row": row_numbers(inputs, COLUMNS)}


class Progression(RowInputs, RegressionTask[RowCodec, ProgressionOptions]):
    """Loss, batches, metrics and report come from `RegressionTask`; rows as inputs from `RowInputs`."""

    options, codec = ProgressionOptions, RowCodec

    def load_dataset(self, options):
        """Return scikit-learn's 442 patients; validation and test splits are split off."""
        if options.data != "diabetes":
            raise InputError(f"--data {options.data}: expected diabetes, the data set that comes with scikit-learn")
        from sklearn.datasets import load_diabetes

        measurements, progression = load_diabetes(return_X_y=True)
        rows = [dict(zip(COLUMNS, values, strict=True)) for values in measurements.tolist()]
        return SupervisedDataset({"train": Examples(rows, progression.tolist())}, options.seed, Findings())

    def fit_codec(self, dataset, options):
        """Return the codec with mean and deviation of the training targets."""
        targets = np.asarray(dataset["train"].targets)
        return RowCodec(float(targets.mean()), float(targets.std()))

    def build_network(self, codec, options):
        """Return a network from a dictionary to a dictionary; only this network is exported."""
        import keras

        row = keras.Input((len(COLUMNS),), name="row")
        hidden = keras.layers.BatchNormalization(momentum=0.9)(row)
        hidden = keras.layers.Dense(options.units, activation="gelu")(hidden)
        return keras.Model({"row": row}, {"value": keras.layers.Dense(1, name="value")(hidden)})


def main(out: Path) -> None:
    """Train the task without installing the plugin.

    Args:
        out: Folder of the bundle.
    """
    task = Progression("diabetes.progression")
    run = Run.start(task.id, task.options.parse({"units": 64}), out)
    result = Trainer(task).train(run)
    print(f"rmse {result['scores']['rmse']:.1f}; always predicting the mean: {result['scores']['mean_rmse']:.1f}")
    patient = dict.fromkeys(COLUMNS, 0.0) | {"bmi": 0.06}
    print(f"predicted progression of a patient: {Bundle.open(out, task).predict([patient])[0]}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "diabetes-bundle"))
