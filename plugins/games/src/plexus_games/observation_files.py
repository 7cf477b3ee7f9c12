"""Observations from files and from JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from plexus import InputError
from plexus.codec import Input
from plexus.data.text import read_text
from plexus.errors import raise_system_error


def read_observations(file: Path) -> Sequence[Input]:
    """Read the observations of a file.

    Args:
        file: An array of NumPy (`.npy`) whose first axis runs along the observations, or a JSON file with a list.

    Returns:
        The observations.

    Raises:
        InputError: If it is neither, or cannot be read.
    """
    content = _read_array(file) if file.suffix.lower() == ".npy" else parse_json(read_text(file), str(file))
    if isinstance(content, list) or (isinstance(content, np.ndarray) and content.ndim):
        return list(content)
    raise InputError(f"{file}: expected a list of observations, like [[0.1, 0, 0, 0]], found a single value")


def parse_json(text: str, name: str) -> Input:
    """Parse JSON.

    Args:
        text: The JSON.
        name: Its name, for messages.

    Returns:
        The value.

    Raises:
        InputError: If it is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: not JSON ({error}); write an observation like [0.1, 0, 0, 0]") from error


def _read_array(file: Path) -> object:
    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise_system_error(error, file)
        raise InputError(
            f"{file} is damaged, or holds no array of numbers: save it with numpy.save, without objects"
        ) from error
