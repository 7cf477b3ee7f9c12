"""Raw inputs that are passed in Python."""

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from plexus.codec import Input
from plexus.data.images import is_pillow_image
from plexus.data.table_rows import TableRows
from plexus.errors import InputError


def as_inputs(inputs: object, name: str = "inputs") -> Sequence[Input]:
    """Return raw inputs as a sequence. A single one is a sequence of one: a text would be one of its letters.

    Args:
        inputs: A list, tuple, array, or table, anything else that can be iterated, or a single input: a string, bytes,
            a path, a dictionary, an image of Pillow.
        name: Name of the argument, for messages.

    Returns:
        The inputs: as they are if they can be sliced by rows, rows of a table of pandas or Polars as dictionaries.

    Raises:
        InputError: If there is nothing to iterate, such as a number.
    """
    if isinstance(inputs, str | bytes | bytearray | os.PathLike | Mapping) or is_pillow_image(inputs):
        return [inputs]
    if hasattr(inputs, "iloc"):  # pandas, whose index is not the position
        return inputs.to_dict("records") if hasattr(inputs, "columns") else list(inputs)  # type: ignore[attr-defined,no-any-return,call-overload]
    if hasattr(inputs, "iter_rows") and hasattr(inputs, "columns"):  # Polars, which iterates over columns
        return TableRows(inputs)  # type: ignore[arg-type]
    if not isinstance(inputs, Iterable) or (isinstance(inputs, np.ndarray) and not inputs.ndim):
        raise InputError(f"{name}: expected a list of inputs, got {inputs!r:.80}")
    is_sequence = hasattr(inputs, "__len__") and hasattr(inputs, "__getitem__")
    return inputs if is_sequence else list(inputs)  # type: ignore[return-value]


def as_input(raw_input: Input) -> Input:
    """Return a single raw input.

    Args:
        raw_input: The input, or a table of pandas or Polars with one row, or a row of pandas.

    Returns:
        The input; a row as a dictionary.

    Raises:
        InputError: If a table does not have one row.
    """
    if not hasattr(raw_input, "columns"):
        return raw_input.to_dict() if hasattr(raw_input, "iloc") else raw_input
    rows = as_inputs(raw_input)
    if len(rows) != 1:
        raise InputError(f"expected one input, got a table of {len(rows):,} rows: pass one row")
    return rows[0]
