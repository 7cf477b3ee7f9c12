"""Unlabelled tables, images and texts, with true classes for evaluation if there are any."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus import Findings, InputError, NamedDataset
from plexus.codec import Arrays
from plexus.data.archives import opened_folder
from plexus.data.arrays import Pair, read_arrays
from plexus.data.findings import Counted
from plexus.data.images import find_images, image_errors, to_image_array
from plexus.data.labelled_folders import label_name
from plexus.data.tables import FORMATS, is_table, read_table, spreadsheet_hint, suffix
from plexus.utils.files import sha256
from plexus.utils.messages import note
from plexus.utils.printable import printable
from plexus_clustering.column_encoder import ColumnEncoder, fit_columns
from plexus_clustering.input_encoder import InputEncoder
from plexus_clustering.inputs import read_lines
from plexus_clustering.options import ClusterOptions

if TYPE_CHECKING:
    import polars as pl

    from plexus_clustering.input_encoder import RawInputs

MIN_INPUTS, MAX_VALIDATION = 4, 2000
MAX_NAME = 60
EMPTY_LINE = Counted("empty line was dropped", "empty lines were dropped")
UNREADABLE = Counted("image could not be read and was dropped", "images could not be read and were dropped")


@dataclass
class ClusteringDataset:
    """Raw inputs of one kind. The model learns from all of them and is evaluated on all; labels are only evaluated.

    The validation split is a sample of the inputs. They are encoded once for an encoder and cached.

    Args:
        kind: Kind of the inputs: `table`, `images` or `texts`.
        inputs: A table, an array of images, or a list of files or texts.
        fingerprint: Checksum of the content.
        findings: What was repaired or dropped while the data was read.
        seed: Random seed of the samples.
        licence: Licence of the data, for the model card.
        labels: True classes, shape `(n,)`, for evaluation alone.
        names: Names of the inputs; by default `row 1`, `row 2`, ….
        columns: Encoders of a table's usable columns.
        dropped: Why columns of a table are not used; only if none is.
        evaluation_protocol: None: the task's own.

    Example:
        ```python
        dataset = task.load_dataset(task.options.parse({"data": "digits"}))
        dataset.features(encoder, dataset.sample(1000)).shape  # (1000, 64)
        ```
    """

    kind: str
    inputs: "RawInputs"
    fingerprint: str
    findings: Findings
    seed: int = 0
    licence: str = "not stated"
    labels: np.ndarray | None = None
    names: Sequence[str] | None = None
    columns: Sequence[ColumnEncoder] = ()
    dropped: Sequence[str] = ()
    evaluation_protocol: str | None = None
    _encoded: tuple[InputEncoder, Arrays] | None = field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.inputs)

    def count(self, split: str) -> int:
        """Return the number of inputs in a split.

        Args:
            split: `train`, `val`, `test` or `unseen`.

        Returns:
            The number of inputs.
        """
        return len(self.rows(split))

    def rows(self, split: str) -> np.ndarray:
        """Return the rows of a split: all, but a sample for validation.

        Args:
            split: `train`, `val`, `test` or `unseen`.

        Returns:
            Indices in ascending order.
        """
        return self.sample(MAX_VALIDATION if split == "val" else len(self))

    def sample(self, max_rows: int) -> np.ndarray:
        """Return a random sample of the rows, the same for each call.

        Args:
            max_rows: Size of the sample; all rows if there are fewer.

        Returns:
            Indices in ascending order.
        """
        return np.sort(np.random.default_rng((self.seed, 0)).permutation(len(self))[:max_rows])

    def encode(self, encoder: InputEncoder, rows: np.ndarray | slice = slice(None)) -> Arrays:
        """Return the network's inputs.

        Args:
            encoder: The encoder.
            rows: Indices of the inputs; by default all.

        Returns:
            Arrays by name.
        """
        if self._encoded is None or self._encoded[0] is not encoder:
            self._encoded = encoder, encoder.encode(self.inputs)
        return {name: values[rows] for name, values in self._encoded[1].items()}

    def features(self, encoder: InputEncoder, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return inputs as feature vectors of similar scale.

        Args:
            encoder: The encoder.
            rows: Indices of the inputs; by default all.

        Returns:
            Floats of shape `(n, features)`; the pixels of images from 0 to 1.
        """
        (values,) = self.encode(encoder, rows).values()
        return values.reshape(len(values), -1).astype(np.float32) / 255 if values.dtype == np.uint8 else values

    def name(self, row: int) -> str:
        """Return the name of an input.

        Args:
            row: Index of the input.

        Returns:
            The name.
        """
        return self.names[row] if self.names else f"row {row + 1}"


def load_dataset(place: Path | NamedDataset, options: ClusterOptions) -> ClusteringDataset:
    """Read unlabelled data.

    Args:
        place: A named data set; a table; a folder of images, whose sub-folders are true classes if all images are in
            sub-folders; IDX, `.npz` or HDF5 arrays of images or rows; a .txt file with one document per line.
        options: The options.

    Returns:
        The dataset.

    Raises:
        InputError: If the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    if isinstance(place, NamedDataset):
        dataset = replace(_read_named(place, findings), licence=place.licence)
    else:
        dataset = _read_path(place, options, findings)
    check_size(dataset, options)
    return replace(dataset, seed=options.seed)


def check_size(dataset: ClusteringDataset, options: ClusterOptions) -> None:
    """Check that there are enough inputs.

    Args:
        dataset: The dataset.
        options: The options.

    Raises:
        InputError: If there are too few, or fewer than clusters.
    """
    if len(dataset) < MIN_INPUTS:
        raise InputError(f"--data {options.data}: expected {MIN_INPUTS} or more inputs, got {len(dataset)}")
    if options.clusters is not None and options.clusters >= len(dataset):
        raise InputError(f"--clusters {options.clusters}: there are only {len(dataset):,} inputs")


def _read_named(named: NamedDataset, findings: Findings) -> ClusteringDataset:
    if named.files and all(is_table(Path(file.name)) for file in named.files):
        files = ", ".join(str(Path(file.name).with_suffix("")) for file in named.files[:3])
        raise InputError(f"--data {named.id}: name one of its {len(named.files)} tables: {named.id}/{files}, …")
    return _from_arrays(named.id, named.read_arrays(), findings)


def _read_path(path: Path, options: ClusterOptions, findings: Findings) -> ClusteringDataset:
    if is_table(path):
        return _from_table(path, options, findings)
    if path.suffix.lower() == ".txt":
        return _from_texts(path, findings)
    arrays = read_arrays(path)
    if arrays is not None:
        return _from_arrays(str(path), arrays, findings)
    with opened_folder(path) as folder:
        if folder is None:
            raise InputError(
                f"--data {path}: expected a table ({FORMATS}), a .txt file with one document per line, a "
                f"folder of images, IDX, .npz or HDF5{spreadsheet_hint(path)}"
            )
        return _from_folder(folder, findings)


def _from_table(file: Path, options: ClusterOptions, findings: Findings) -> ClusteringDataset:
    table = read_table(file)
    label = _label_column(table.columns, options.label, suffix(file) == ".arff")
    labels = None
    if label is not None:
        labels = table[label].cast(str).fill_null("").to_numpy()
        table = table.drop(label)
        note(f"column {label} holds the true classes: it is used for evaluation alone")
    fingerprint = hashlib.sha256(f"{sha256(file)} {label}".encode()).hexdigest()
    return from_rows(table, labels, fingerprint, findings)


def from_rows(
    table: "pl.DataFrame", labels: np.ndarray | None, fingerprint: str, findings: Findings
) -> ClusteringDataset:
    """Return the dataset of a table.

    Args:
        table: The table, without the true classes.
        labels: True classes, shape `(n,)`; None if they are not known.
        fingerprint: Checksum of the content.
        findings: Collects the columns that cannot be used.

    Returns:
        The dataset.
    """
    columns = fit_columns(table, findings)
    dropped = () if columns else findings.lines()
    if not columns:  # the error of `fit_codec` names the reasons
        findings = Findings()
    return ClusteringDataset("table", table, fingerprint, findings, labels=labels, columns=columns, dropped=dropped)


def _label_column(columns: Sequence[str], label: str | None, is_arff: bool) -> str | None:
    if label == "none" or (label is None and not is_arff):
        return None
    if label is None:
        return next((name for name in columns if name.lower() == "class"), None)
    if label not in columns:
        raise InputError(f"--label {label}: there is no such column; there are {', '.join(columns)}")
    return label


def _from_texts(file: Path, findings: Findings) -> ClusteringDataset:
    lines = read_lines(file)
    for number, line in enumerate(lines, 1):
        if not line:
            findings.add(EMPTY_LINE, f"line {number}")
    texts = [line for line in lines if line]
    names = [text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1]}…" for text in texts]
    return ClusteringDataset("texts", texts, sha256(file), findings, names=names)


def _from_arrays(place: str, arrays: dict[str, Pair], findings: Findings) -> ClusteringDataset:
    """Join all splits: images, or rows of a table if they are vectors whose length is not a square."""
    inputs = np.concatenate([inputs for inputs, _ in arrays.values()])
    label_parts = [labels for _, labels in arrays.values() if labels is not None]
    labels = np.concatenate(label_parts).astype(str) if len(label_parts) == len(arrays) else None
    digest = hashlib.sha256(np.ascontiguousarray(inputs).data)
    digest.update(b"" if labels is None else "\n".join(labels.tolist()).encode())
    fingerprint = digest.hexdigest()
    if (inputs.ndim == 2 and round(inputs.shape[1] ** 0.5) ** 2 != inputs.shape[1]) or inputs.ndim == 1:
        import polars as pl

        rows = inputs.reshape(len(inputs), -1)
        table = pl.DataFrame(rows, schema=[f"column_{i}" for i in range(rows.shape[1])])
        return from_rows(table, labels, fingerprint, findings)
    return ClusteringDataset("images", to_image_array(place, inputs), fingerprint, findings, labels=labels)


def _from_folder(folder: Path, findings: Findings) -> ClusteringDataset:
    files = find_images(folder, findings)
    errors = image_errors(files)
    for error in filter(None, errors):
        findings.add(UNREADABLE, error)
    readable = [file for file, error in zip(files, errors, strict=True) if error is None]
    paths = [file.relative_to(folder) for file in readable]
    classes = [label_name(Path(path.parts[0])) for path in paths]
    nested = all(len(path.parts) > 1 for path in paths) and len(set(classes)) > 1
    listing = "\n".join(f"{path} {file.stat().st_size}" for path, file in zip(paths, readable, strict=True))
    return ClusteringDataset(
        "images",
        readable,
        hashlib.sha256(os.fsencode(listing)).hexdigest(),
        findings,
        labels=np.array(classes) if nested else None,
        names=[printable(str(path)) for path in paths],
    )
