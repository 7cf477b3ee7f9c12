"""The model of Plexus in `benchmarks/tables.py`: `tables.classify` or `tables.regress` in process."""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from table_models import Budget

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


class PlexusModel:
    """A table task with its defaults; it uses no search.

    All rows are trained on: the outer fold is the test split. The networks stay in Keras; ONNX Runtime computes the
    same, which other tests show.
    """

    def __init__(self, budget: Budget, **options: object) -> None:
        self.budget, self.options = budget, options

    def fit(self, columns: pd.DataFrame, target: np.ndarray) -> "PlexusModel":
        """Train on the rows of an outer fold."""
        from plexus.plugins.registry import registry
        from plexus.run import Run
        from plexus.training.trainer import Trainer

        id = "tables.classify" if self.budget.classifies else "tables.regress"
        self.task: Any = registry().task(id)
        options = self.task.options.parse(
            {"data": "memory", "seed": self.budget.seed, "threads": self.budget.threads, **self.options}
        )
        dataset = _all_rows(columns, target, options)
        with tempfile.TemporaryDirectory(prefix="plexus-benchmark-") as folder:
            run = Run.start(id, options, folder=Path(folder) / "run")
            session = Trainer(self.task, quiet=True).begin(run, dataset)
            session.fit()
            session.restore_kept_weights()
        self.predictor, self.dataset = session.predictor, dataset
        self.codec: Any = self.task.calibrate(self.predictor, dataset, session.parts.codec)
        return self

    def predict(self, columns: pd.DataFrame) -> np.ndarray:
        """Return probabilities (rows, classes), or values (rows,)."""
        outputs = self._outputs(columns)
        return self.codec.probabilities(outputs) if self.budget.classifies else self.codec.values(outputs)

    def out_of_fold(self) -> np.ndarray:
        """Return the out-of-fold probabilities of the training rows (rows, classes)."""
        return self.codec.probabilities(self.task.split_folds(self.predictor, self.dataset, self.codec, "val"))

    def intervals(self, columns: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of the 90 % intervals of a regression."""
        return self.codec.bounds(self._outputs(columns))

    def _outputs(self, columns: pd.DataFrame) -> dict[str, np.ndarray]:
        from plexus.data.table_rows import TableRows
        from plexus_tables.frames import to_frame

        arrays = self.codec.encode(TableRows(to_frame(columns)))
        return self.codec.combine(self.predictor(arrays), arrays)


def _all_rows(columns: pd.DataFrame, target: np.ndarray, options: Any) -> Any:
    """Return a dataset whose training rows are all rows."""
    from plexus_tables.dataset import TableDataset
    from plexus_tables.dataset_building import classification_dataset, regression_dataset
    from plexus_tables.table_source import TableSource
    from plexus_tables.table_splits import assign_folds, strata_of

    classifies = np.issubdtype(target.dtype, np.integer)
    targets = [str(value) for value in target] if classifies else target.tolist()
    build = classification_dataset if classifies else regression_dataset
    part = build(TableSource.in_memory(columns, targets), options)
    folds = assign_folds(strata_of(np.asarray(part.whole.targets)), options.folds, options.seed)
    train = part.whole.take(np.arange(len(folds)))
    train.folds = folds
    return TableDataset(part.whole, train, part["test"], part.target, part.kinds, part.left_out, options, part.findings)
