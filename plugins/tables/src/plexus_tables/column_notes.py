"""Lines about the columns of a table that a model is trained on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plexus.utils.messages import note
from plexus_tables.column_kinds import describe_kinds, describe_left_out
from plexus_tables.column_lists import join_names

if TYPE_CHECKING:
    from plexus_tables.dataset import TableDataset

LEAK = "leak: "
"""Beginning of the reason why a column that gives the target away is left out."""


def note_columns(dataset: "TableDataset[Any]") -> None:
    """Print the target, the kinds of the columns, and the leaks.

    A training prints them. An evaluation does not: its columns are those of the model, whatever the new table is like.

    Args:
        dataset: The dataset.
    """
    leaks = {name: reason.removeprefix(LEAK) for name, reason in dataset.left_out.items() if reason.startswith(LEAK)}
    _note_leaks(leaks, dataset.place)
    left_out = dict(dataset.left_out) | dict.fromkeys(leaks, "leak")
    note(f"{dataset.place}: target {dataset.target}; {describe_kinds(dataset.kinds, left_out)}")


def _note_leaks(leaks: Mapping[str, str], place: str) -> None:
    if leaks:
        note(
            f"LEAK: {place}: left out {describe_left_out(leaks)}; the values are probably known only afterwards; if "
            f"{'it is' if len(leaks) == 1 else 'they are'} known at prediction time: --keep {join_names(leaks)}"
        )
