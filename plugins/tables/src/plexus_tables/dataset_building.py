"""Datasets from tables: target, roles of columns, splits, kinds and leaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from plexus import Findings, InputError, NamedDataset
from plexus.data.table_rows import TableRows
from plexus.data.times import EXPECTED, parse_times
from plexus.errors import unknown
from plexus.utils.messages import note
from plexus_tables.cell_texts import to_texts
from plexus_tables.column_kinds import FEATURES, Kind, constant_kind, describe_kinds, infer_kinds, numbers_in
from plexus_tables.column_lists import parse_names, parse_ordinal
from plexus_tables.dataset import TableDataset, TableExamples
from plexus_tables.leaks import find_leaks
from plexus_tables.options import TableOptions
from plexus_tables.table_source import TableSource, read_source
from plexus_tables.table_splits import assign_folds, split_test, strata_of
from plexus_tables.targets import class_labels, numeric_targets, target_column

if TYPE_CHECKING:
    import polars as pl

NOT_NUMERIC = "values in numeric columns are no numbers and count as missing"
NO_GROUP = "rows have no group and are a group of their own each"
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
    return _build(source, target, class_labels(source.frame[target], source.place), options)


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
    return _build(source, target, numeric_targets(source.frame[target], source.place), options)


@dataclass(frozen=True)
class _Features:
    """Kinds of the columns that are features, and why the others are not."""

    kinds: dict[str, Kind]
    left_out: dict[str, str]


def _build(
    source: TableSource, target: str, targets: Sequence[TargetT], options: TableOptions
) -> TableDataset[TargetT]:
    findings = Findings(options.strict)
    values, frame = np.array(targets), source.frame.drop(target)
    groups, times = _groups(frame, options, source.place, findings), _times(frame, options, source.place)
    strata = strata_of(values)
    train, test = split_test(strata, options.seed, groups, times)
    features = _features(frame, target, train, values, times, options, source.place)
    frame = _with_numbers(frame, features.kinds, findings)
    whole = TableExamples(TableRows(frame, source.place), targets, groups=groups)
    training = whole.take(train)
    training.folds = assign_folds(strata[train], options.folds, options.seed, training.groups)
    for name, reason in features.left_out.items():
        findings.remark("columns were left out", f"{name} ({reason})")
    note(f"{source.place}: target {target}; {describe_kinds(features.kinds, features.left_out)}")
    return TableDataset(
        whole,
        training,
        whole.take(test),
        target,
        features.kinds,
        features.left_out,
        options,
        findings,
        source.licence,
        _protocol(len(test), len(frame), options),
    )


def _features(
    frame: "pl.DataFrame",
    target: str,
    train: np.ndarray,
    targets: np.ndarray,
    times: np.ndarray | None,
    options: TableOptions,
    place: str,
) -> _Features:
    ignored = parse_names(options.ignore, [*frame.columns, target], "--ignore")
    keep = parse_names(options.keep, frame.columns, "--keep")
    ordinal = parse_names(",".join(parse_ordinal(options.ordinal)), frame.columns, "--ordinal")
    roles = {options.group: "groups", options.time: "times"} | dict.fromkeys(ignored, "ignored")
    left_out = {name: roles[name] for name in frame.columns if name in roles}
    kinds = infer_kinds(frame, [name for name in frame.columns if name not in left_out], ordinal, keep)
    rows = frame[train]
    kinds |= {name: kind for name in kinds if (kind := constant_kind(rows[name])) is not None}
    left_out |= {name: kind for name, kind in kinds.items() if kind not in FEATURES}
    features = {name: kind for name, kind in kinds.items() if kind in FEATURES}
    checked = {name: kind for name, kind in features.items() if name not in keep}
    leaks = find_leaks(rows, checked, targets[train], None if times is None else times[train])
    if leaks:
        listed = ", ".join(f"{name} ({reason})" for name, reason in leaks.items())
        note(
            f"LEAK: {place}: left out {listed}; the values are probably known only afterwards: pass those that are "
            "known before to --keep"
        )
    left_out |= dict.fromkeys(leaks, "leak")
    _check_monotone(left_out, options)
    return _Features({name: kind for name, kind in features.items() if name not in leaks}, left_out)


def _check_monotone(left_out: Mapping[str, str], options: TableOptions) -> None:
    """Refuse a monotone effect of a column that is left out."""
    for name in f"{options.increasing},{options.decreasing}".split(","):
        if name.strip() in left_out:
            raise InputError(
                f"--increasing and --decreasing: column {name.strip()} is left out ({left_out[name.strip()]}); remove "
                "it there, or pass it to --keep if it is a leak or an identifier"
            )


def _groups(frame: "pl.DataFrame", options: TableOptions, place: str, findings: Findings) -> np.ndarray | None:
    """Return the group of each row, counted from 0."""
    name = options.group
    if name is None:
        return None
    _require_column(frame, name, place, "--group")
    texts = to_texts(frame[name])
    alone = texts.is_null().to_numpy()
    for row in np.flatnonzero(alone).tolist():
        findings.add(NO_GROUP, f"column {name}, row {row + 1}")
    numbers = texts.fill_null("").rank("dense").to_numpy().astype(int)
    numbers[alone] = numbers.max() + 1 + np.arange(alone.sum())
    return np.asarray(np.unique(numbers, return_inverse=True)[1])


def _times(frame: "pl.DataFrame", options: TableOptions, place: str) -> np.ndarray | None:
    """Return the time of each row in seconds."""
    name = options.time
    if name is None:
        return None
    _require_column(frame, name, place, "--time")
    seconds = parse_times(frame[name]).seconds
    unreadable = np.isnan(seconds)
    if unreadable.any():
        row = int(unreadable.argmax())
        cell = frame[name][row]
        raise InputError(
            f"{place}: column {name!r}, row {row + 1}: {'' if cell is None else str(cell)[:80]!r} is not a time; "
            f"{EXPECTED}"
        )
    return seconds


def _require_column(frame: "pl.DataFrame", name: str, place: str, option: str) -> None:
    if name not in frame.columns:
        raise unknown(f"column in {place} (option {option})", name, frame.columns)


def _with_numbers(frame: "pl.DataFrame", kinds: dict[str, Kind], findings: Findings) -> "pl.DataFrame":
    """Return the table with texts of numeric columns as numbers; those that are none are found and missing."""
    import polars as pl

    columns = []
    for name, kind in kinds.items():
        series = frame[name]
        if kind == "numeric" and (series.dtype == pl.String or series.dtype.is_float()):
            numbers, invalid = numbers_in(series)
            for row in np.flatnonzero(invalid).tolist():
                findings.add(NOT_NUMERIC, f"column {name}, row {row + 1}: {str(series[row])[:80]!r}")
            columns.append(pl.Series(name, numbers, nan_to_null=True))
    return frame.with_columns(columns)


def _protocol(test_rows: int, rows: int, options: TableOptions) -> str:
    """Return how the test split was made, as a part of a sentence."""
    order = f"the last ones by {options.time}" if options.time else "at random, stratified by the target"
    groups = f"; no value of {options.group} is on both sides" if options.group else ""
    return f"on {test_rows:,} of {rows:,} rows, {order}{groups}"
