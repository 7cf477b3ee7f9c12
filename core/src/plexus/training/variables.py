"""Values of variables, and files of arrays."""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from plexus.errors import InputError
from plexus.utils.files import read_regular, write_whole

_DIGEST_LENGTH = 64


def training_variables(learner: keras.Model) -> list[keras.Variable]:
    """Return every variable that a training changes: weights, states of seed generators, the optimizer's variables.

    Args:
        learner: The compiled learner.

    Returns:
        The variables in a fixed order.
    """
    return [*learner.variables, *learner.optimizer.variables]


def save_arrays(file: Path, **groups: list[np.ndarray] | np.ndarray) -> None:
    """Write named arrays and lists of arrays as `.npz` with a checksum, whole or not at all.

    Args:
        file: The file.
        **groups: Arrays or lists of arrays by name.
    """
    write_whole(file, dump_arrays(**groups))


def dump_arrays(**groups: list[np.ndarray] | np.ndarray) -> bytes:
    """Format named arrays and lists of arrays as `.npz`, whose comment is the SHA-256 checksum of all bytes before it.

    Args:
        **groups: Arrays or lists of arrays by name.

    Returns:
        The content of the file; `read_arrays` refuses it if any byte of it is changed.
    """
    arrays: dict[str, np.ndarray] = {}
    for name, group in groups.items():
        if isinstance(group, list):
            arrays |= {f"{name}.{index}": array for index, array in enumerate(group)}
        else:
            arrays[name] = group
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type] # its keywords are arrays
    content = stream.getbuffer()
    content[-2:] = _DIGEST_LENGTH.to_bytes(2, "little")  # the length of the comment, which ends a ZIP archive
    return b"".join((content, hashlib.sha256(content).hexdigest().encode()))


def read_arrays(file: Path) -> dict[str, np.ndarray]:
    """Read a file that `save_arrays` wrote.

    Args:
        file: The file.

    Returns:
        The arrays by name.

    Raises:
        InputError: If it is missing, not a regular file, cannot be read, or any byte of it was changed.
    """
    content = read_regular(file, links=True)
    body, digest = memoryview(content)[:-_DIGEST_LENGTH], content[-_DIGEST_LENGTH:]
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise InputError(f"{file} was changed or cut off after it was written, its checksum is another one")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def load_list(arrays: Mapping[str, np.ndarray], name: str) -> list[np.ndarray]:
    """Return a list of arrays that `save_arrays` wrote.

    Args:
        arrays: The opened file.
        name: Name of the list.

    Returns:
        The arrays; empty if there is no such list.
    """
    count = sum(key.startswith(f"{name}.") for key in arrays)
    return [arrays[f"{name}.{index}"] for index in range(count)]


def values(variables: Iterable[keras.Variable]) -> list[np.ndarray]:
    """Copy the values of variables.

    Args:
        variables: The variables.

    Returns:
        One array per variable.
    """
    return [np.array(value(variable)) for variable in variables]


def value(variable: keras.Variable) -> np.ndarray:
    """Return the value of a variable.

    Args:
        variable: The variable.

    Returns:
        The value; not always a copy.
    """
    tensor = variable.value
    if hasattr(tensor, "detach"):  # a torch tensor that requires gradients
        tensor = tensor.detach().cpu()
    return np.asarray(tensor.numpy() if hasattr(tensor, "numpy") else tensor)


def optimizer_value(learner: keras.Model, variable: keras.Variable) -> np.ndarray:
    """Return the value of an optimizer's variable, also within an epoch on JAX.

    There Keras keeps the state outside of the variables; `jax_state_sync` would copy all of it for one value.

    Args:
        learner: The learner.
        variable: A variable of its optimizer.

    Returns:
        The value.
    """
    if not getattr(learner, "_jax_state_synced", True):
        index = next(i for i, other in enumerate(learner.optimizer.variables) if other is variable)
        return np.asarray(learner._jax_state["optimizer_variables"][index])
    return value(variable)


def synchronize(learner: keras.Model) -> None:
    """Update the variables of a learner: within an epoch on JAX, Keras keeps their values elsewhere.

    Args:
        learner: The learner.
    """
    if hasattr(learner, "jax_state_sync"):
        learner.jax_state_sync()


def assign(variables: Sequence[keras.Variable], arrays: Sequence[np.ndarray]) -> None:
    """Assign values to variables.

    Args:
        variables: The variables.
        arrays: One value per variable, of the same shape.

    Raises:
        ValueError: If the shapes are those of another network.
    """
    if [tuple(variable.shape) for variable in variables] != [array.shape for array in arrays]:
        raise ValueError("these are the weights of another network")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(_replicated(variable, array))


def _replicated(variable: keras.Variable, array: np.ndarray) -> object:
    """Return an array replicated over JAX processes: each puts its copy, where JAX would compare all of them."""
    sharding = getattr(variable.value, "sharding", None)
    if sharding is None or sharding.is_fully_addressable:
        return array
    import jax

    return jax.make_array_from_callback(array.shape, sharding, lambda index: array[index])
