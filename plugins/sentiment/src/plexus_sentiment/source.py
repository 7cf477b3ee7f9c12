"""Texts with labels, from wherever they are."""

import json
import tarfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from plexus import InputError, SupervisedDataset
from plexus.data.findings import Findings
from plexus.data.named import NamedDataset, locate
from plexus.data.tables import is_table, read_table, suffix
from plexus.utils.messages import note
from plexus_sentiment.columns import choose_columns
from plexus_sentiment.options import SentimentOptions
from plexus_sentiment.texts import Texts

if TYPE_CHECKING:
    import polars as pl

PARTS = {"train": "train", "dev": "val", "val": "val", "valid": "val", "validation": "val", "test": "test"}
ARCHIVES: dict[str, Literal["r:gz", "r:"]] = {".tar.gz": "r:gz", ".tgz": "r:gz", ".tar": "r:"}
"""The endings of archives, and how each is opened: as what it is called, never as any compression there is."""
EMPTY, UNREADABLE = "empty texts were left out", "files that are no text were left out"
POLARITY = {".neg": "negative", ".pos": "positive"}
JSON_LINES = {".jsonl", ".ndjson"}
FEWEST = 10
VAL_SHARE = 0.03
"""Of the training texts, held out for the curve alone."""


def read_source(options: SentimentOptions) -> SupervisedDataset:
    """Read labelled texts.

    Raises:
        InputError: the data cannot be used; the line says where and what would be right.
    """
    findings = Findings(options.strict)
    parts: dict[str, Texts] = {}
    licences = []
    for data in [options.data] if Path(options.data).exists() else options.data.split(","):
        place = locate(data)
        licences.append(place.licence if isinstance(place, NamedDataset) else "not stated")
        found = _named(place, findings) if isinstance(place, NamedDataset) else _parts(place, options, findings)
        for name, (texts, labels) in found.items():
            more, before = _without_empty(texts, labels, f"{data} {name}", findings), parts.get(name, Texts([], []))
            parts[name] = Texts([*before.raws, *more.raws], [*before.labels, *more.labels])
    _check(parts, options.data)
    return SupervisedDataset(parts, options.seed, findings, "; ".join(dict.fromkeys(licences)), VAL_SHARE)


Pair = tuple[list[str], list[str]]


def _named(named: NamedDataset, findings: Findings) -> dict[str, Pair]:
    if named.embedded is not None:
        return {part: (list(x), [named.labels[code] for code in y]) for part, (x, y) in named.embedded().items()}
    folder = named.fetch()
    files = sorted(folder.glob("*.tsv"))
    if files:
        return {PARTS[file.stem]: _lines_with_codes(file, named.labels) for file in files if file.stem in PARTS}
    archives = sorted(folder.glob("*.tar.gz"))
    return _grouped(_members(archives[0], findings)) if archives else _folder(folder, findings)


def _lines_with_codes(file: Path, names: tuple[str, ...]) -> Pair:
    """A text, a tab, and the number of its class, on each line."""
    pairs = [line.rsplit("\t", 1) for line in decoded(file).splitlines() if line]
    return [text for text, _ in pairs], [names[int(code)] for _, code in pairs]


def _parts(path: Path, options: SentimentOptions, findings: Findings) -> dict[str, Pair]:
    if path.is_dir():
        return _folder(path, findings)
    if path.name.endswith(tuple(ARCHIVES)):
        return _grouped(_members(path, findings))
    if path.suffix in POLARITY:
        return _grouped(_polarity(path))
    if path.suffix in JSON_LINES or is_table(path):
        table = read_rows(path)
        text, label = choose_columns(table, options.text, options.label, str(path))
        note(f"{path}: texts are in column {text!r}, labels in {label!r}")
        return {"train": (table[text].fill_null("").to_list(), _names(table[label]))}
    raise InputError(
        f"{path}: texts are read from .csv, .tsv, .jsonl, .parquet, a folder or a .tar.gz, .tgz or .tar with a "
        "sub-folder a class, or NAME.pos beside NAME.neg"
    )


def read_rows(path: Path) -> "pl.DataFrame":
    """A table of any kind, its columns of texts as texts.

    Raises:
        InputError: it cannot be read; the line of a JSON that is none is told.
    """
    import polars as pl

    if path.suffix not in JSON_LINES:
        return read_table(path) if _is_utf8(path) else _latin(path)
    rows = []
    for number, line in enumerate(decoded(path).splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}, line {number}: not JSON ({error})") from error
            if not isinstance(row, dict):
                raise InputError(f'{path}, line {number}: an object is wanted, like {{"text": …, "label": …}}')
            rows.append(row)
    if not rows:
        raise InputError(f"{path} has no rows")
    return pl.DataFrame(rows, infer_schema_length=None, strict=False)


def _is_utf8(path: Path) -> bool:
    if path.suffix.lower() in {".parquet", ".arff", ".gz", ".zst"}:
        return True
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _latin(path: Path) -> "pl.DataFrame":
    """A CSV in Latin-1, which is said."""
    import io

    import polars as pl

    content = decoded(path)
    separator = "\t" if suffix(path) == ".tsv" else max(",;\t|", key=content.partition("\n")[0].count)
    return pl.read_csv(io.BytesIO(content.encode()), separator=separator, infer_schema=False)


def decoded(file: Path) -> str:
    """The text of a file: UTF-8, or Latin-1, which is said.

    Raises:
        InputError: it is not there, or holds bytes that no text has.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    return decode(content, str(file), say=True)


def decode(content: bytes, where: str, say: bool = False) -> str:
    """Bytes as text; errors as for `decoded`."""
    if b"\0" in content:
        raise InputError(f"{where} is no text: it has a byte 0 at {content.index(0):,}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if say:
            note(f"{where} is not UTF-8: read as Latin-1")
        return content.decode("latin-1")


def _folder(folder: Path, findings: Findings) -> dict[str, Pair]:
    polarity = sorted(folder.glob("*.neg"))
    if polarity:
        return _grouped(_polarity(polarity[0]))
    return _grouped(_files(folder, findings))


def _files(folder: Path, findings: Findings) -> Iterator[tuple[str, str, str]]:
    for file in sorted(folder.rglob("*.txt")):
        place = _place(file.relative_to(folder).parts)
        if place is not None:
            try:
                yield *place, decode(file.read_bytes(), str(file))
            except InputError as error:
                findings.add(UNREADABLE, str(error))


def _members(archive: Path, findings: Findings) -> Iterator[tuple[str, str, str]]:
    """The texts of an archive, read where they are; nothing is written.

    Raises:
        InputError: it is damaged or not what its ending says, or has a path that leads out of it, or a link.
    """
    ending = next(ending for ending in ARCHIVES if archive.name.endswith(ending))
    try:
        with tarfile.open(archive, ARCHIVES[ending]) as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts or member.issym() or member.islnk() or member.isdev():
                    raise InputError(f"{archive}: refused: {member.name!r} leads out of the archive or is a link")
                place = _place(path.parts) if member.isfile() and path.suffix == ".txt" else None
                if place is not None:
                    try:
                        yield *place, decode(tar.extractfile(member).read(), f"{archive}:{member.name}")  # type: ignore[union-attr]
                    except InputError as error:
                        findings.add(UNREADABLE, str(error))
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise InputError(
            f"{archive} is damaged, or is not the {ending} that its name says: {error}; pack it anew"
        ) from error


def _place(parts: tuple[str, ...]) -> tuple[str, str] | None:
    """The split and the label that a path `…/[split/]label/file` tells."""
    if len(parts) < 2 or parts[-2] in {"unsup", *PARTS}:
        return None
    label = {"pos": "positive", "neg": "negative"}.get(parts[-2], parts[-2])
    split = PARTS.get(parts[-3], "train") if len(parts) > 2 else "train"
    return split, label


def _polarity(file: Path) -> Iterator[tuple[str, str, str]]:
    for ending, label in POLARITY.items():
        half = file.with_suffix(ending)
        if not half.is_file():
            raise InputError(f"{file}: {half.name} is wanted beside it")
        for line in decoded(half).split("\n"):
            if line.strip():
                yield "train", label, line.strip()


def _grouped(found: Iterator[tuple[str, str, str]]) -> dict[str, Pair]:
    parts: dict[str, Pair] = {}
    for split, label, text in found:
        texts, labels = parts.setdefault(split, ([], []))
        texts.append(text)
        labels.append(label)
    return parts


def _names(column: Any) -> list[str]:
    """Labels as text; whole numbers without a point."""
    if column.dtype.is_float() and bool((column == column.floor()).all()):
        column = column.cast(int)
    return [str(value) for value in column.to_list()]


def _without_empty(texts: list[str], labels: list[str], where: str, findings: Findings) -> Texts:
    kept = []
    for row, (text, label) in enumerate(zip(texts, labels, strict=True)):
        if str(text).strip() and label not in {"", "None", "nan"}:
            kept.append(row)
        else:
            findings.add(EMPTY, f"{where}, text {row + 1}")
    return Texts([str(texts[row]) for row in kept], [labels[row] for row in kept])


def _check(parts: dict[str, Texts], data: str) -> None:
    if "train" not in parts or len(parts["train"]) < FEWEST:
        raise InputError(f"--data {data}: {len(parts.get('train', []))} texts; {FEWEST} or more are wanted")
    counts = Counter(parts["train"].labels)
    if len(counts) < 2:
        raise InputError(f"--data {data}: all texts have the label {next(iter(counts))!r}; two or more are wanted")
    rare = [label for label, count in counts.items() if count < 3]
    if rare:
        raise InputError(f"--data {data}: label {rare[0]!r} has {counts[rare[0]]} texts; three or more are wanted")
