"""Pictures with labels, from wherever they are."""

from collections import Counter
from pathlib import Path

from plexus import Examples, InputError, SupervisedDataset
from plexus.data.arrays import Pair, read_arrays
from plexus.data.findings import Findings
from plexus.data.images import SUFFIXES, as_pictures, picture_problems
from plexus.data.named import NamedDataset, locate
from plexus.data.text import read_listing

_SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
_PATH_COLUMNS, _LABEL_COLUMNS = (
    ("path", "file", "filename", "image", "picture"),
    ("label", "class", "target", "category"),
)
UNREADABLE = "pictures could not be read and were left out"


def read_source(data: str, seed: int, strict: bool) -> SupervisedDataset:
    """Read labelled pictures.

    Args:
        data: a named set; a folder with one sub-folder a class, or with `train/`, `val/`, `test/` of such; a CSV with
            columns `path` and `label` (and `split`, if it has one); IDX, `.npz`, HDF5 or CIFAR files.
        seed: of the splitting, where the data comes in one piece.
        strict: stop at the first picture that cannot be read.

    Raises:
        InputError: the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(strict)
    place = locate(data)
    licence = place.licence if isinstance(place, NamedDataset) else "not stated"
    parts = _read_named(place) if isinstance(place, NamedDataset) else _read_path(place, findings)
    _check_labels(parts, data)
    return SupervisedDataset(parts, seed, findings, licence)


def _read_named(named: NamedDataset) -> dict[str, Examples]:
    if named.embedded:
        return _from_arrays(named.id, named.embedded(), named.labels)
    folder = named.fetch()
    found = read_arrays(folder) or read_arrays(next(folder.glob("*/")))
    return _from_arrays(str(folder), found or {}, named.labels)


def _read_path(path: Path, findings: Findings) -> dict[str, Examples]:
    arrays = read_arrays(path)
    if arrays is not None:
        return _from_arrays(str(path), arrays)
    if path.is_dir():
        listed = _list_folder(path)
    elif path.suffix.lower() in {".csv", ".tsv"}:
        listed = _list_csv(path)
    else:
        raise InputError(
            f"--data {path}: a folder of pictures, a .csv with columns path and label, IDX, .npz or HDF5 is wanted"
        )
    return {split: _readable(files, findings) for split, files in listed.items()}


def _from_arrays(place: str, arrays: dict[str, Pair], names: tuple[str, ...] = ()) -> dict[str, Examples]:
    parts = {}
    for split, (pictures, labels) in arrays.items():
        if labels is None:
            raise InputError(f"{place}: the {split} split has no labels; an array named like y_{split} is wanted")
        parts[split] = Examples(as_pictures(place, pictures), [_name(label, names) for label in labels.tolist()])
    if "train" not in parts:
        parts["train"] = parts.pop(next(iter(parts)))
    return parts


def _name(label: object, names: tuple[str, ...]) -> str:
    if names and isinstance(label, int):
        return names[label]
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return label.decode() if isinstance(label, bytes) else str(label)


def _list_folder(folder: Path) -> dict[str, list[tuple[Path, str]]]:
    """Files and labels, by split if the folder's own sub-folders are named like splits."""
    names = {child.name.lower(): child for child in sorted(folder.iterdir()) if child.is_dir()}
    if not names:
        raise InputError(f"{folder} has no sub-folders: one sub-folder a class is wanted, with that class's pictures")
    if "train" not in names and "training" not in names:
        return {"train": _list_classes(folder)}
    return {_SPLIT_FOLDERS[name]: _list_classes(child) for name, child in names.items() if name in _SPLIT_FOLDERS}


def _list_classes(folder: Path) -> list[tuple[Path, str]]:
    listed = []
    for child in sorted(folder.iterdir()):
        if not child.is_dir() or child.name.startswith("."):
            continue
        files = sorted(file for file in child.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
        if not files:
            raise InputError(f"{child} has no pictures: fill the class's folder, or remove it")
        listed += [(file, child.name) for file in files]
    return listed


def _list_csv(file: Path) -> dict[str, list[tuple[Path, str]]]:
    """Files and labels of a CSV; paths are relative to it."""
    listed: dict[str, list[tuple[Path, str]]] = {}
    rows = read_listing(file)
    path_column = _column(file, rows.fieldnames, _PATH_COLUMNS)
    label_column = _column(file, rows.fieldnames, _LABEL_COLUMNS)
    for row in rows:
        if not row[path_column] or not row[label_column]:
            raise InputError(f"{file}, line {rows.line_num}: {path_column} and {label_column} must both be given")
        split = _SPLIT_FOLDERS.get((row.get("split") or "train").lower())
        if split is None:
            raise InputError(f"{file}, line {rows.line_num}: split {row['split']!r} is none of train, val, test")
        listed.setdefault(split, []).append((file.parent / row[path_column], row[label_column]))
    if not listed:
        raise InputError(f"{file} has no rows: one picture a row is wanted")
    return listed


def _column(file: Path, names: object, wanted: tuple[str, ...]) -> str:
    given = list(names or [])  # type: ignore[call-overload]
    found = next((name for name in given if name.strip().lower() in wanted), None)
    if found is None:
        raise InputError(
            f"{file}: no column is named {' or '.join(wanted[:2])}; there are {', '.join(given) or 'none'}"
        )
    return found


def _readable(files: list[tuple[Path, str]], findings: Findings) -> Examples:
    """The examples whose pictures can be read; the others are counted and named."""
    kept: list[tuple[Path, str]] = []
    for item, problem in zip(files, picture_problems([file for file, _ in files]), strict=True):
        if problem is None:
            kept.append(item)
        else:
            findings.add(UNREADABLE, problem)
    return Examples([file for file, _ in kept], [label for _, label in kept])


def _check_labels(parts: dict[str, Examples], data: str) -> None:
    train = parts.get("train")
    if train is None or not len(train):
        raise InputError(f"--data {data}: there are no pictures to learn from")
    counts = Counter(train.labels)
    if len(counts) < 2:
        raise InputError(f"--data {data}: there is one class only, {train.labels[0]!r}; a classifier needs two or more")
    rare = next((label for label, count in counts.items() if count < 3), None)
    if rare is not None and len(parts) < 3:
        raise InputError(f"--data {data}: class {rare!r} has {counts[rare]} pictures; three or more are wanted")
