"""All of a training's variables, to a file and back."""

import io
from pathlib import Path
from typing import Any

import keras
import numpy as np

from plexus.utils.files import write_whole


def variables_of(learner: keras.Model) -> list[Any]:
    """Every variable that a training changes: weights, seed generators' states, the optimizer's."""
    return [*learner.variables, *learner.optimizer.variables]


def save_arrays(file: Path, **groups: list[np.ndarray] | np.ndarray) -> None:
    """Write named arrays, and lists of arrays, whole or not at all."""
    arrays: dict[str, Any] = {}
    for name, group in groups.items():
        if isinstance(group, list):
            arrays |= {f"{name}.{index}": array for index, array in enumerate(group)}
        else:
            arrays[name] = group
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    write_whole(file, stream.getvalue())


def load_list(arrays: Any, name: str) -> list[np.ndarray]:
    """The list of arrays that `save_arrays` was given under that name."""
    count = sum(key.startswith(f"{name}.") for key in arrays)
    return [arrays[f"{name}.{index}"] for index in range(count)]


def values(variables: list[Any]) -> list[np.ndarray]:
    """Copies of the variables' values."""
    return [np.array(value(variable)) for variable in variables]


def value(variable: Any) -> np.ndarray:
    """A variable's value; not always a copy."""
    held = variable.value
    if hasattr(held, "detach"):  # torch's, which also knows how it came about
        held = held.detach().cpu()
    return np.asarray(held.numpy() if hasattr(held, "numpy") else held)


def optimizer_value(learner: Any, variable: Any) -> np.ndarray:
    """An optimizer's variable as it is now, also within an epoch, when the JAX trainer keeps it elsewhere."""
    if not getattr(learner, "_jax_state_synced", True):
        index = next(i for i, own in enumerate(learner.optimizer.variables) if own is variable)
        return np.asarray(learner._jax_state["optimizer_variables"][index])
    return value(variable)


def assign(variables: list[Any], arrays: list[np.ndarray]) -> None:
    """Give each variable its value.

    Raises:
        ValueError: the arrays are those of another network.
    """
    if [tuple(v.shape) for v in variables] != [a.shape for a in arrays]:
        raise ValueError("these are the weights of another network")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(_held(variable, array))


def _held(variable: Any, array: np.ndarray) -> Any:
    """In one of several processes, the array as one that all of them have: each puts its own copy there, where JAX
    would first have all wait for each other, and compare."""
    sharding = getattr(variable.value, "sharding", None)
    if sharding is None or sharding.is_fully_addressable:
        return array
    import jax

    return jax.make_array_from_callback(array.shape, sharding, lambda index: array[index])
