"""Labelled tables, split into training and test rows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Self, TypeVar, cast

import numpy as np

from plexus import Examples, Findings, InputError, SupervisedDataset
from plexus.data.table_rows import TableRows
from plexus_tables.column_kinds import Kind, describe_left_out
from plexus_tables.options import TableOptions
from plexus_tables.similar_rows import SimilarRows
from plexus_tables.table_encoder import TableEncoder

if TYPE_CHECKING:
    import polars as pl

TargetT = TypeVar("TargetT")


@dataclass
class TableExamples(Examples[TargetT], Generic[TargetT]):
    """Rows of a table and their targets.

    Args:
        inputs: The rows, with all columns but the target; also those that are no features.
        targets: One target per row.
        groups: Group of each row, counted from 0, shape `(n,)`; None without a column of groups.
        folds: Fold of each training row, counted from 0, shape `(n,)`; None for other rows.

    Example:
        ```python
        examples = TableExamples(TableRows(frame), labels)
        examples.take(np.array([0, 2])).inputs.frame
        ```
    """

    inputs: TableRows
    groups: np.ndarray | None = None
    folds: np.ndarray | None = None

    def take(self, rows: np.ndarray) -> Self:
        """Return some of the examples.

        Args:
            rows: Indices of shape `(n,)`.

        Returns:
            The examples of these rows.
        """
        places = rows.tolist()
        numbers = self.inputs.numbers
        inputs = TableRows(self.inputs.frame[rows], self.inputs.name, [numbers[place] for place in places])
        return type(self)(
            inputs,
            [self.targets[place] for place in places],
            groups=None if self.groups is None else self.groups[rows],
            folds=None if self.folds is None else self.folds[rows],
        )


class TableDataset(SupervisedDataset[TableExamples[TargetT]], Generic[TargetT]):
    """Rows of a table: training rows with folds, and test rows.

    `train` and `val` are the same rows, all that are not for testing: metrics on them are computed from out-of-fold
    predictions. `unseen` is all rows, with the cells of the table as they are: a model was trained on other data.

    Args:
        whole: All examples.
        train: The training rows, with folds.
        test: The test rows.
        target: Name of the target.
        kinds: Kinds of the columns that are features.
        left_out: Why each other column is no feature.
        options: The options.
        findings: What was repaired or left out.
        licence: Licence of the data.
        evaluation_protocol: How the test split was made, for the model card.
        problems: Why no model can be trained on the data, although one may be evaluated; empty if one can.

    Example:
        ```python
        dataset = read_classification(TableOptions.parse({"data": "breast_cancer"}))
        encoder = dataset.fit_encoder()
        encoder.encode(dataset["train"].inputs)["numbers"].shape  # (484, 30)
        ```
    """

    def __init__(
        self,
        whole: TableExamples[TargetT],
        train: TableExamples[TargetT],
        test: TableExamples[TargetT],
        target: str,
        kinds: Mapping[str, Kind],
        left_out: Mapping[str, str],
        options: TableOptions,
        findings: Findings,
        licence: str = "not stated",
        evaluation_protocol: str | None = None,
        problems: Sequence[InputError] = (),
    ) -> None:
        self._problems = problems
        self.target, self.kinds, self.left_out, self.options = target, dict(kinds), dict(left_out), options
        parts = {"train": train, "val": train, "test": test}
        super().__init__(parts, options.seed, findings, licence, evaluation_protocol=evaluation_protocol, whole=whole)

    @cached_property
    def fingerprint(self) -> str:
        """Checksum of all rows, the target, and the columns by which rows are split.

        Returns:
            SHA-256 in hexadecimal digits.
        """
        assert self.whole is not None  # noqa: S101 - for mypy
        digest = hashlib.sha256(f"{self.target} {self.options.group} {self.options.time}\n".encode())
        for series in self.whole.inputs.frame:
            _update(digest, series)
        digest.update("\n".join(map(str, self.whole.targets)).encode())
        return digest.hexdigest()

    @property
    def folds(self) -> np.ndarray:
        """Fold of each training row, counted from 0, shape `(n,)`."""
        folds = self["train"].folds
        assert folds is not None  # noqa: S101 - for mypy
        return folds

    @property
    def place(self) -> str:
        """The file or the data set, for messages."""
        return self["train"].inputs.name

    def learnable(self) -> Self:
        """Check that a model can be trained on the data.

        Returns:
            This dataset.

        Raises:
            InputError: If no model can be trained on the data, or no column is a feature.
        """
        if self._problems:
            raise self._problems[0]
        if not self.kinds:
            raise InputError(
                f"{self.place}: no column can be a feature: {describe_left_out(self.left_out)}; pass those to use to "
                "--keep, which takes identifiers, texts and leaks"
            )
        return self

    def fit_encoder(self) -> TableEncoder:
        """Fit the encoder of the features on the training rows.

        Returns:
            The encoder; rows for prediction may have the target, which is not used.

        Raises:
            InputError: If no model can be trained on the data, no column is a feature, or a column cannot have a
                monotone effect.
        """
        self.learnable()
        encoder = TableEncoder.fit(self["train"].inputs.frame, self.kinds, self.options)
        return TableEncoder(encoder.columns, [*encoder.other_columns, self.target])

    def similar_rows(self, encoder: TableEncoder) -> SimilarRows | None:
        """Draw the training rows that the bundle holds for explanations, with the cells of features alone.

        Args:
            encoder: The encoder of the features.

        Returns:
            The rows; None without the option `similar`.
        """
        count, train = self.options.similar, self["train"]
        if not count:
            return None
        targets = cast("Sequence[str | float]", train.targets)
        return SimilarRows.sample(train.inputs.frame, targets, encoder.columns, count, self.options.seed)


def _update(digest: "hashlib._Hash", series: "pl.Series") -> None:
    """Add a column to a checksum: the bytes of numbers, the texts of all else."""
    digest.update(f"{series.name} {series.dtype} {series.null_count()}\n".encode())
    if series.dtype.is_numeric():
        digest.update(np.ascontiguousarray(series.to_numpy()).data)
    else:
        digest.update("\x1f".join(series.cast(str).fill_null("\x00").to_list()).encode())
