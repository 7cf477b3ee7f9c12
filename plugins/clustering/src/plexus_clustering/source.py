"""What is clustered: rows, pictures or texts, with a truth to measure by if there is one."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from plexus import InputError
from plexus.data.arrays import Pair, read_arrays
from plexus.data.findings import Findings
from plexus.data.images import find_images, image_errors, to_image_array
from plexus.data.named import NamedDataset, locate
from plexus.data.tables import is_table, read_table, suffix
from plexus.utils.files import sha256
from plexus.utils.messages import note
from plexus_clustering.codec import ClusterCodec
from plexus_clustering.inputs import read_lines
from plexus_clustering.options import ClusterOptions

FEWEST, VALIDATION = 4, 2000


@dataclass
class Collection:
    """Raw inputs without labels.

    All of them are learned from, and measured on: no label takes part. The validation split is a sample.

    Args:
        kind: of the raw inputs: `table`, `pictures`, `texts`.
        raws: a table, an array of pictures, or a list of files or texts.
        names: what to call each in an answer.
        truth: the true group of each, only ever used to measure.
        fingerprint, licence, findings: of the data.
        options: what the user wants of it.
    """

    kind: str
    raws: Any
    truth: np.ndarray | None
    fingerprint: str
    licence: str
    findings: Findings
    options: ClusterOptions
    names: list[str] | None = None
    memo: dict[str, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.raws)

    def count(self, split: str) -> int:
        """How many examples a split has."""
        return len(self.rows(split))

    def rows(self, split: str) -> np.ndarray:
        """All, but of the validation split, which is a sample."""
        if split != "val" or len(self) <= VALIDATION:
            return np.arange(len(self))
        return self.sample(VALIDATION)

    def sample(self, most: int, seed: int = 0) -> np.ndarray:
        """At most so many rows, chosen by the seed, in order."""
        return np.sort(np.random.default_rng((self.options.seed, seed)).permutation(len(self))[:most])

    def encode(self, codec: ClusterCodec) -> dict[str, np.ndarray]:
        """The network's inputs for all; encoded once, as what clusters depend on is the encoder alone."""
        if "encoded" not in self.memo:
            self.memo["encoded"] = codec.encode(self.raws)
        return dict(self.memo["encoded"])

    def features(self, codec: ClusterCodec, rows: np.ndarray | None = None) -> np.ndarray:
        """The inputs as rows of floats of like scale: `(n, features)`."""
        (values,) = self.encode(codec).values()
        values = values if rows is None else values[rows]
        if values.dtype == np.uint8:
            return values.reshape(len(values), -1).astype(np.float32) / 255
        return values

    def name(self, row: int) -> str:
        """What to call an input."""
        return self.names[row] if self.names else f"row {row + 1}"


def read_source(options: ClusterOptions) -> Collection:
    """Read what `options.data` names; see there.

    Raises:
        InputError: the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    place = locate(options.data)
    licence = place.licence if isinstance(place, NamedDataset) else "not stated"
    read = _read_named(place, options, findings) if isinstance(place, NamedDataset) else _read(place, options, findings)
    dataset = Collection(**read, licence=licence, findings=findings, options=options)
    if len(dataset) < FEWEST:
        raise InputError(f"--data {options.data}: {len(dataset)} inputs; {FEWEST} or more are wanted")
    if options.clusters is not None and options.clusters >= len(dataset):
        raise InputError(f"--clusters {options.clusters}: there are only {len(dataset):,} inputs to put into them")
    return dataset


def _read_named(named: NamedDataset, options: ClusterOptions, findings: Findings) -> dict[str, Any]:
    if named.embedded:
        return _from_arrays(named.id, named.embedded())
    if all(is_table(Path(file.name)) for file in named.files):
        files = ", ".join(str(Path(file.name).with_suffix("")) for file in named.files[:3])
        raise InputError(f"--data {named.id}: say which of its {len(named.files)} tables: {named.id}/{files}, …")
    folder = named.fetch()
    if len(named.files) == 1 and (folder / named.files[0].name).is_file():
        return _read(folder / named.files[0].name, options, findings)
    return _from_arrays(named.id, read_arrays(folder) or read_arrays(next(folder.glob("*/"))) or {})


def _read(path: Path, options: ClusterOptions, findings: Findings) -> dict[str, Any]:
    if is_table(path):
        return _from_table(path, options)
    if path.suffix.lower() == ".txt":
        return _from_texts(path, findings)
    arrays = read_arrays(path)
    if arrays is not None:
        return _from_arrays(str(path), arrays)
    if not path.is_dir():
        raise InputError(
            f"--data {path}: a table (.csv, .tsv, .parquet, .arff), a .txt of one document a line, a folder of "
            "pictures, IDX, .npz or HDF5 is wanted"
        )
    return _from_folder(path, findings)


def _from_table(file: Path, options: ClusterOptions) -> dict[str, Any]:
    table = read_table(file)
    label = _label_column(table.columns, options.label, suffix(file) == ".arff")
    truth = None
    if label is not None:
        truth = table[label].cast(str).fill_null("").to_numpy()
        table = table.drop(label)
        note(f"column {label} is taken as the truth: clusters are measured by it, and never found by it")
    fingerprint = hashlib.sha256(f"{sha256(file)} {label}".encode()).hexdigest()
    return {"kind": "table", "raws": table, "truth": truth, "fingerprint": fingerprint}


def _label_column(columns: list[str], wanted: str | None, has_class: bool) -> str | None:
    if wanted == "none" or (wanted is None and not has_class):
        return None
    if wanted is None:
        return next((name for name in columns if name.lower() == "class"), None)
    if wanted not in columns:
        raise InputError(f"--label {wanted}: there is no such column; there are {', '.join(columns)}")
    return wanted


def _from_texts(file: Path, findings: Findings) -> dict[str, Any]:
    lines = read_lines(file)
    for number, line in enumerate(lines, 1):
        if not line:
            findings.add("empty lines were left out", f"line {number}")
    texts = [line for line in lines if line]
    names = [text if len(text) <= 60 else f"{text[:59]}…" for text in texts]
    return {"kind": "texts", "raws": texts, "truth": None, "fingerprint": sha256(file), "names": names}


def _from_arrays(place: str, arrays: dict[str, Pair]) -> dict[str, Any]:
    """All splits together: pictures, or rows of numbers where they are not square."""
    inputs, labels = zip(*arrays.values(), strict=True)
    truth = None if any(part is None for part in labels) else np.concatenate(labels).astype(str)
    raws = np.concatenate(inputs)
    digest = hashlib.sha256(np.ascontiguousarray(raws).data)
    digest.update(b"" if truth is None else "\n".join(truth.tolist()).encode())
    found = {"truth": truth, "fingerprint": digest.hexdigest()}
    if (raws.ndim == 2 and round(raws.shape[1] ** 0.5) ** 2 != raws.shape[1]) or raws.ndim == 1:
        import polars as pl

        names = [f"column_{i}" for i in range(raws.reshape(len(raws), -1).shape[1])]
        return found | {"kind": "table", "raws": pl.DataFrame(raws.reshape(len(raws), -1), schema=names)}
    return found | {"kind": "pictures", "raws": to_image_array(place, raws)}


def _from_folder(folder: Path, findings: Findings) -> dict[str, Any]:
    """The pictures in a folder; if all of them are in sub-folders, these are the truth."""
    files = find_images(folder)
    problems = image_errors(files)
    for problem in filter(None, problems):
        findings.add("pictures could not be read and were left out", problem)
    kept = [file for file, problem in zip(files, problems, strict=True) if problem is None]
    labels = [file.relative_to(folder).parts[0] for file in kept]
    nested = all(len(file.relative_to(folder).parts) > 1 for file in kept) and len(set(labels)) > 1
    listed = "\n".join(f"{file.relative_to(folder)} {file.stat().st_size}" for file in kept)
    return {
        "kind": "pictures",
        "raws": kept,
        "truth": np.array(labels) if nested else None,
        "fingerprint": hashlib.sha256(listed.encode()).hexdigest(),
        "names": [str(file.relative_to(folder)) for file in kept],
    }
