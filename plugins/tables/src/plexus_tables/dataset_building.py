"""Datasets from tables: target, roles of columns, splits, kinds and leaks."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from plexus import Findings, InputError, NamedDataset
from plexus.data.findings import Counted
from plexus.data.table_rows import TableRows
from plexus.data.times import EXPECTED, parse_times
from plexus_tables.cell_texts import to_texts
from plexus_tables.column_kinds import Kind
from plexus_tables.column_lists import parse_ordinal, require_column
from plexus_tables.column_remarks import remark_columns
from plexus_tables.dataset import TableDataset, TableExamples
from plexus_tables.feature_columns import choose_features
from plexus_tables.options import TableOptions
from plexus_tables.readable_cells import with_readable_cells
from plexus_tables.table_source import TableSource, read_source
from plexus_tables.table_splits import assign_folds, split_test, strata_of
from plexus_tables.targets import check_classes, check_numbers, class_labels, numeric_targets, target_column

if TYPE_CHECKING:
    import polars as pl

NO_GROUP = Counted("row has no group and is a group of its own", "rows have no group and are a group of their own each")
TargetT = TypeVar("TargetT")


def read_classification(options: TableOptions, place: Path | NamedDataset | None = None) -> TableDataset[str]:
    """Read a table with labels.

    Args:
        options: The options.
        place: The file or the named data set, if `options.data` is located already.

    Returns:
        The dataset.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    return classification_dataset(read_source(options, place), options)


def read_regression(options: TableOptions, place: Path | NamedDataset | None = None) -> TableDataset[float]:
    """Read a table with a number to predict.

    Args:
        options: The options.
        place: The file or the named data set, if `options.data` is located already.

    Returns:
        The dataset.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    return regression_dataset(read_source(options, place), options)


def classification_dataset(source: TableSource, options: TableOptions) -> TableDataset[str]:
    """Return the dataset of a table with labels.

    Args:
        source: The table.
        options: The options.

    Returns:
        The dataset.

    Raises:
        InputError: If the table cannot be used; the line says where and what would be right.
    """
    target = target_column(source.frame.columns, options.target or source.target, source.place)
    labels = class_labels(source.cells_as_written(target), source.place)
    problems = _errors_of(check_classes, labels, source.frame[target], source.place)
    return _build(source, target, labels, options, problems)


def regression_dataset(source: TableSource, options: TableOptions) -> TableDataset[float]:
    """Return the dataset of a table with a number to predict.

    Args:
        source: The table.
        options: The options.

    Returns:
        The dataset.

    Raises:
        InputError: If the table cannot be used; the line says where and what would be right.
    """
    target = target_column(source.frame.columns, options.target or source.target, source.place)
    numbers = numeric_targets(source.frame[target], source.place)
    problems = _errors_of(check_numbers, numbers, source.frame[target], source.place)
    return _build(source, target, numbers, options, problems)


def _build(
    source: TableSource, target: str, targets: Sequence[TargetT], options: TableOptions, problems: list[InputError]
) -> TableDataset[TargetT]:
    import polars as pl

    findings = Findings(options.strict)
    values, frame = np.array(targets), source.frame.drop(target)
    require_column(frame.columns, options.group, target, source.place, "--group")
    groups, times = _groups(source, options, findings), _times(frame, target, options, source.place, problems)
    strata = strata_of(values)
    try:
        train, test = split_test(strata, options.seed, groups, times)
        _check_labels(values, train, test, source.place)
    except InputError as error:
        problems.append(error)
        train, test = np.arange(len(values)), np.zeros(0, int)
    features = choose_features(frame, target, values, times, train, options, source.place, problems)
    readable = with_readable_cells(frame, features.kinds, parse_ordinal(options.ordinal), findings, source.place)
    examples = TableExamples(TableRows(readable, source.place), targets, groups=groups)
    training = examples.take(train)
    training.folds = assign_folds(strata[train], options.folds, options.seed, training.groups)
    times_kind: dict[str, Kind] = {} if times is None or options.time is None else {options.time: "date"}
    kinds = features.kinds | features.texts | times_kind
    in_order = {name: kinds[name] for name in frame.columns if name in kinds}
    remark_columns(readable, in_order, pl.Series(target, targets), findings)
    return TableDataset(
        TableExamples(TableRows(frame, source.place), targets, groups=groups),
        training,
        examples.take(test),
        target,
        features.kinds,
        features.left_out,
        options,
        findings,
        source.licence,
        _protocol(len(test), len(frame), options),
        problems,
    )


def _errors_of(check: Callable[..., None], *arguments: object) -> list[InputError]:
    """Return the error of a check: it is raised if a model is to be trained, not if one is evaluated."""
    try:
        check(*arguments)
    except InputError as error:
        return [error]
    return []


def _check_labels(targets: np.ndarray, train: np.ndarray, test: np.ndarray, place: str) -> None:
    """Refuse labels that only test rows have: the split is by time, or a group has all rows of a label."""
    if targets.dtype.kind == "f":
        return
    new = test[~np.isin(targets[test], targets[train])]
    if len(new):
        raise InputError(
            f"{place}: label {str(targets[new[0]])!r}, first in row {new[0] + 1}, is in the test rows only, as the "
            "split is by --time or --group: remove or merge the label, or split by another column"
        )


def _groups(source: TableSource, options: TableOptions, findings: Findings) -> np.ndarray | None:
    """Return the group of each row, counted from 0."""
    name = options.group
    if name is None:
        return None
    texts = to_texts(source.cells_as_written(name))
    alone = texts.is_null().to_numpy()
    for row in np.flatnonzero(alone).tolist():
        findings.add(NO_GROUP, f"column {name}, row {row + 1}")
    numbers = texts.fill_null("").rank("dense").to_numpy().astype(int)
    numbers[alone] = numbers.max() + 1 + np.arange(alone.sum())
    return np.asarray(np.unique(numbers, return_inverse=True)[1])


def _times(
    frame: "pl.DataFrame", target: str, options: TableOptions, place: str, problems: list[InputError]
) -> np.ndarray | None:
    """Return the time of each row in seconds; None without a column of times, or if it has a problem."""
    name = options.time
    problems += _errors_of(require_column, frame.columns, name, target, place, "--time")
    if name not in frame.columns:
        return None
    seconds = parse_times(frame[name]).seconds
    unreadable = np.isnan(seconds)
    if not unreadable.any():
        return seconds
    row = int(unreadable.argmax())
    cell = frame[name][row]
    problems.append(
        InputError(
            f"{place}: column {name!r}, row {row + 1}: {'' if cell is None else str(cell)[:80]!r} is not a time; "
            f"{EXPECTED}"
        )
    )
    return None


def _protocol(test_rows: int, rows: int, options: TableOptions) -> str:
    """Return how the test split was made, as a part of a sentence."""
    order = f"the last ones by {options.time}" if options.time else "at random, stratified by the target"
    groups = f"; no value of {options.group} is on both sides" if options.group else ""
    return f"on {test_rows:,} of {rows:,} rows, {order}{groups}"
