"""Labelled arrays from files: IDX, NumPy, HDF5, CIFAR's binary batches."""

import re
from pathlib import Path

import numpy as np

from plexus.data.array_files import read_hdf5, read_npz
from plexus.data.compression import read_decompressed
from plexus.data.folders import is_hidden
from plexus.data.idx import read_idx
from plexus.data.splits import SPLIT_NAMES
from plexus.errors import InputError, os_error
from plexus.utils.messages import note

Pair = tuple[np.ndarray, np.ndarray | None]
"""Inputs and labels; None if there are no labels."""

_SPLITS = SPLIT_NAMES | {"t10k": "test"}
_INPUTS = {"x", "images", "image", "data", "inputs", "features", "pictures"}
_TARGETS = {"y", "labels", "label", "target", "targets", "classes"}
_CIFAR_RECORD, _CIFAR_SHAPE = 3073, (3, 32, 32)


def read_arrays(path: Path) -> dict[str, Pair] | None:
    """Read the arrays of a file or a folder.

    Args:
        path: A `.npz` or HDF5 file with arrays named like `x_train`, `train_labels` or `train/data`; a folder with
            IDX files named like `train-images-idx3-ubyte.gz`; a folder with CIFAR-10's binary batches.

    Returns:
        Inputs and labels by split, `train` where the names have no split; None if the path has none of these formats.

    Raises:
        InputError: If a file is damaged, holds pickled objects, or its inputs and labels differ in number.
    """
    if path.is_dir():
        parts = _read_folder(path)
    elif path.suffix.lower() in {".npz", ".h5", ".hdf5"}:
        parts = _pair(path, read_npz(path) if path.suffix.lower() == ".npz" else read_hdf5(path))
    elif "idx" in path.name and "ubyte" in path.name:
        parts = _read_folder(path.parent)
    else:
        return None
    if parts is None:
        return None
    for split, (inputs, labels) in parts.items():
        if labels is not None and len(inputs) != len(labels):
            raise InputError(
                f"{path}: the {split} split has {len(inputs):,} inputs and {len(labels):,} labels; "
                "expected one label per input"
            )
    return parts


def _read_folder(folder: Path) -> dict[str, Pair] | None:
    try:
        names = sorted(entry.name for entry in folder.iterdir() if not is_hidden(entry.name))
    except OSError as error:
        raise os_error(error, "read", folder) from error
    idx = [folder / name for name in names if re.search(r"idx\d", name) and (folder / name).is_file()]
    if idx:
        return _pair(folder, {file.name: read_idx(file) for file in idx})
    batches = [folder / name for name in names if re.search(r"_batch.*\.bin", name)]
    return _read_cifar(folder, batches) if batches else None


def _pair(path: Path, arrays: dict[str, np.ndarray]) -> dict[str, Pair]:
    """Match inputs and labels by the words of their names."""
    inputs: dict[str, np.ndarray] = {}
    labels: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        words = set(re.split(r"[^a-z0-9]+", name.lower()))
        split = next((_SPLITS[word] for word in words if word in _SPLITS), "train")
        if words & _INPUTS:
            inputs[split] = array
        elif words & _TARGETS:
            labels[split] = _class_labels(f"{path}: {name}", array)
    if not inputs:
        raise InputError(
            f"{path}: expected an array named like inputs (x, images, data, …), "
            f"found {', '.join(sorted(arrays)) or 'none'}"
        )
    return {split: (array, labels.get(split)) for split, array in inputs.items()}


def _class_labels(place: str, array: np.ndarray) -> np.ndarray:
    """Return one label per input, of a column or of one-hot rows.

    Args:
        place: File and name of the array, for messages.
        array: Labels of shape `(n,)`, `(n, 1)` or, one-hot, `(n, classes)`.

    Returns:
        Labels of shape `(n,)`.

    Raises:
        InputError: If a label is missing, or rows of several numbers are not one-hot.
    """
    if array.ndim == 0:
        return array.reshape(1)
    if array.size == len(array):
        labels = array.reshape(-1)
        _require_present(place, labels)
        return labels
    rows = array.reshape(len(array), -1)
    is_one_hot = rows.dtype.kind in "biuf" and bool(((rows == 0) | (rows == 1)).all() and (rows.sum(axis=1) == 1).all())
    if array.ndim != 2 or not is_one_hot:
        raise InputError(
            f"{place} has the shape {array.shape}: expected one label per input, or one-hot rows (a 1 among zeros)"
        )
    note(f"{place} is one-hot: the place of the 1 is read as the label, 0 to {rows.shape[1] - 1}")
    return np.asarray(rows.argmax(axis=1))


def _require_present(place: str, labels: np.ndarray) -> None:
    kind, missing = labels.dtype.kind, np.zeros(len(labels), bool)
    if kind in "fc":
        missing = np.isnan(labels)
    elif kind in "mM":
        missing = np.isnat(labels)
    elif kind in "USO":
        missing = np.array([not label.strip() for label in labels.tolist()], bool)
    if missing.any():
        raise InputError(
            f"{place}: {missing.sum():,} of {len(labels):,} labels are missing (NaN, NaT or empty), the first of input "
            f"{int(missing.argmax()) + 1:,}: remove these inputs, or give them a label"
        )


def _read_cifar(folder: Path, batches: list[Path]) -> dict[str, Pair]:
    """Read records of one label byte and 3,072 bytes of pixels, one plane per color (Krizhevsky 2009)."""
    parts: dict[str, list[np.ndarray]] = {}
    for file in batches:
        content = np.frombuffer(read_decompressed(file), np.uint8)
        if len(content) % _CIFAR_RECORD:
            raise InputError(f"{file}: {len(content):,} bytes are not a whole number of {_CIFAR_RECORD}-byte records")
        parts.setdefault("test" if "test" in file.name else "train", []).append(content.reshape(-1, _CIFAR_RECORD))
    names = _cifar_names(folder)
    splits: dict[str, Pair] = {}
    for split, records in parts.items():
        rows = np.concatenate(records)
        images = np.ascontiguousarray(rows[:, 1:].reshape(-1, *_CIFAR_SHAPE).transpose(0, 2, 3, 1))
        splits[split] = images, np.asarray(names)[rows[:, 0]] if names else rows[:, 0]
    return splits


def _cifar_names(folder: Path) -> list[str]:
    file = folder / "batches.meta.txt"
    return file.read_text().split() if file.exists() else []
