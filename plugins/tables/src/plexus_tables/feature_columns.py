"""Which columns of a table are features, and why the others are not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from plexus import InputError
from plexus_tables.column_kinds import FEATURES, Kind, constant_kind, infer_kinds
from plexus_tables.column_lists import join_names, parse_names, parse_ordinal, require_column, split_names
from plexus_tables.column_notes import LEAK
from plexus_tables.leaks import find_leaks
from plexus_tables.options import TableOptions

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class FeatureColumns:
    """Kinds of the columns that are features, and why the others are not.

    Args:
        kinds: The kinds by column.
        left_out: The reasons by column.
        texts: Kinds of the columns that are left out as texts or identifiers.

    Example:
        ```python
        FeatureColumns({"age": "numeric"}, {"id": "identifier"})
        ```
    """

    kinds: dict[str, Kind]
    left_out: dict[str, str]
    texts: dict[str, Kind] = field(default_factory=dict)


def choose_features(
    frame: "pl.DataFrame",
    target: str,
    targets: np.ndarray,
    times: np.ndarray | None,
    train: np.ndarray,
    options: TableOptions,
    place: str,
    problems: list[InputError],
) -> FeatureColumns:
    """Choose the columns that are features: all but those with another role, without information, and leaks.

    Args:
        frame: The table without the target.
        target: Name of the target.
        targets: Labels as strings, or numbers, shape `(n,)`.
        times: Seconds of each row, shape `(n,)`, if there is a column of times.
        train: The training rows, counted from 0.
        options: The options.
        place: Name of the table, for messages.
        problems: Receives the errors of options that name no column, or one that cannot be used as they say.

    Returns:
        The columns.
    """
    names = _OptionNames(frame.columns, problems)
    keep = names.listed(options.keep, "--keep")
    ordinal = names.listed(join_names(parse_ordinal(options.ordinal)), "--ordinal")
    left_out = _roles(frame.columns, target, options, place, problems)
    kinds = infer_kinds(frame, [name for name in frame.columns if name not in left_out], ordinal, keep)
    rows = frame[train]
    kinds |= {name: kind for name in kinds if (kind := constant_kind(rows[name])) is not None}
    left_out |= {name: kind for name, kind in kinds.items() if kind not in FEATURES}
    features = {name: kind for name, kind in kinds.items() if kind in FEATURES}
    texts: dict[str, Kind] = {name: kind for name, kind in kinds.items() if kind in ("text", "identifier")}
    checked = {name: kind for name, kind in features.items() if name not in keep}
    leaks = find_leaks(rows, checked, targets[train], None if times is None else times[train])
    left_out |= {name: f"{LEAK}{reason}" for name, reason in leaks.items()}
    directed = names.listed(options.increasing, "--increasing") + names.listed(options.decreasing, "--decreasing")
    _check_monotone(directed, left_out, problems)
    return FeatureColumns({name: kind for name, kind in features.items() if name not in leaks}, left_out, texts)


@dataclass(frozen=True)
class _OptionNames:
    """Reads options that list columns: the errors of names of no column are collected."""

    columns: list[str]
    problems: list[InputError]

    def listed(self, value: str, option: str) -> list[str]:
        try:
            return parse_names(value, self.columns, option)
        except InputError as error:
            self.problems.append(error)
            return [name for name in split_names(value, self.columns) if name in self.columns]


def _roles(
    columns: list[str], target: str, options: TableOptions, place: str, problems: list[InputError]
) -> dict[str, str]:
    """Return why columns are left out whatever they hold."""
    ignored = _OptionNames([*columns, target], problems).listed(options.ignore, "--ignore")
    protected: str | None = getattr(options, "protected", None)  # of `tables.risk`
    try:
        require_column(columns, protected, target, place, "--protected")
    except InputError as error:
        problems.append(error)
    roles = dict.fromkeys(ignored, "ignored") | {protected: "protected", options.group: "groups", options.time: "times"}
    return {name: roles[name] for name in columns if name in roles}


def _check_monotone(directed: list[str], left_out: Mapping[str, str], problems: list[InputError]) -> None:
    """Add the error of a column with a monotone effect that is left out."""
    problems += [
        InputError(
            f"--increasing and --decreasing: column {name} is left out ({left_out[name]}); remove it there, or pass it "
            "to --keep if it is a leak or an identifier"
        )
        for name in directed
        if name in left_out
    ]
