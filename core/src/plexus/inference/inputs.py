"""Checks of the raw inputs that are passed in Python."""

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from plexus.codec import Input
from plexus.data.images import is_pillow_image
from plexus.errors import InputError


def as_inputs(inputs: object, name: str = "inputs") -> Sequence[Input]:
    """Return raw inputs as a sequence, or refuse a single one: a text is a sequence, too, of its letters.

    Args:
        inputs: A list, tuple, array, or table, or anything else that can be iterated.
        name: Name of the argument, for messages.

    Returns:
        The inputs: as they are if they can be sliced by rows, rows of a pandas table as dictionaries.

    Raises:
        InputError: If it is a single input: a string, bytes, a path, a dictionary, an image, a number.
    """
    if hasattr(inputs, "iloc"):  # pandas, whose index is not the position
        return inputs.to_dict("records") if hasattr(inputs, "columns") else list(inputs)  # type: ignore[call-overload,attr-defined,no-any-return]
    is_single = isinstance(inputs, str | bytes | bytearray | os.PathLike | Mapping) or is_pillow_image(inputs)
    if is_single or not isinstance(inputs, Iterable) or (isinstance(inputs, np.ndarray) and not inputs.ndim):
        raise InputError(f"{name}: expected a list of inputs, got a single {type(inputs).__name__}: put it in a list")
    is_sequence = hasattr(inputs, "__len__") and hasattr(inputs, "__getitem__")
    return inputs if is_sequence else list(inputs)  # type: ignore[return-value]
