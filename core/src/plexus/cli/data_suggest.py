"""`plexus data suggest`: which unlabelled examples a person should label next."""

import argparse
import csv
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plexus.cli.options import load_bundle_of
from plexus.cli.parser import passed_options
from plexus.data.findings import Counted, Findings
from plexus.errors import InputError, without_passwords
from plexus.plugins.registry import registry
from plexus.utils.files import require_new, write_whole
from plexus.utils.printable import printable

if TYPE_CHECKING:
    from plexus.codec import Input, JsonObject

ROW, IMAGE, LABEL = "row", "image", "label"
"""Columns of the CSV: the number of a row of an array from 0 or the file of an image, and the label."""
MAX_NAME = 60
"""Characters of the name of a file or a label that are printed."""
NOT_IN_DATA = Counted("labelled image is not in --data", "labelled images are not in --data")
_FORMULA = ("=", "+", "-", "@")


def add_suggest_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `plexus data suggest`.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("--count", type=int, metavar="N", help="suggest: number of examples to choose")
    parser.add_argument(
        "--labelled",
        type=Path,
        action="append",
        metavar="FILE.csv",
        help="suggest: file that --out wrote earlier: its examples, and their clusters, are left out; may be repeated",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.csv",
        help="suggest: file to write, with a column to fill in the labels; then it is --data of a training",
    )


def require_no_suggest_arguments(arguments: argparse.Namespace) -> None:
    """Refuse the arguments of `plexus data suggest` for another action.

    Args:
        arguments: The parsed arguments.

    Raises:
        InputError: If one is present.
    """
    for name in ("count", "labelled", "out"):
        if getattr(arguments, name) is not None:
            raise InputError(f"--{name} is for data suggest, not for data {arguments.action}")


def suggest(arguments: argparse.Namespace) -> "JsonObject":
    """Choose the unlabelled examples that a person should label next.

    Args:
        arguments: The parsed arguments.

    Returns:
        `task`, `data`, `unlabelled` (how many examples there are), `findings` and `suggestions`: of each `image` or,
        for arrays, `row`, and the other keys of `plexus.tasks.abilities.SuggestsExamples`; `bundle` and `out` if they
        were passed.

    Raises:
        InputError: If the task suggests no examples, the data or the bundle cannot be used, there are fewer unlabelled
            examples than `--count`, or `--out` exists.
    """
    from plexus.tasks.abilities import SuggestsExamples

    task, flags = registry().task(arguments.task), passed_options(arguments)
    if not isinstance(task, SuggestsExamples):
        raise InputError(f"{task.id} does not suggest examples: data suggest is for tasks that classify images")
    _check_arguments(arguments)
    options = task.options.parse(flags)
    bundle = None if arguments.bundle is None else load_bundle_of(task, arguments.bundle)
    findings, data = Findings(options.strict), without_passwords(options.data)
    inputs = task.read_unlabelled(options, findings)
    if arguments.out is not None:
        _require_lasting(inputs, options.data)
    labelled = _labelled_rows(arguments.labelled or (), inputs, findings)
    _require_enough(arguments, len(inputs) - len(labelled), data)
    model = None if bundle is None else (bundle.predictor, bundle.codec)
    rows = task.suggest_examples(inputs, arguments.count, options.seed, labelled, model)
    result = {"task": task.id, "data": data, "unlabelled": len(inputs), "findings": findings.lines()}
    return result | _write_suggestions(rows, inputs, arguments)


def _write_suggestions(
    suggestions: "list[JsonObject]", inputs: "Sequence[Input] | np.ndarray", arguments: argparse.Namespace
) -> "JsonObject":
    """Write `--out`, if it was passed, and return the suggestions with the names of the images."""
    result: JsonObject = {"suggestions": [_with_name(each, inputs) for each in suggestions]}
    if arguments.bundle is not None:
        result["bundle"] = arguments.bundle
    if arguments.out is not None:
        write_whole(arguments.out, _csv([each[ROW] for each in suggestions], inputs, arguments.out))
        result["out"] = str(arguments.out)
    return result


def suggestion_lines(result: "JsonObject") -> Iterator[str]:
    """Format the suggestions for people.

    Args:
        result: The result of `suggest`.

    Yields:
        The number of examples, findings, and a table of the suggestions.
    """
    suggestions = result["suggestions"]
    yield f"{result['data']} for {result['task']}: label {len(suggestions):,} of {result['unlabelled']:,} examples next"
    yield from result["findings"]
    column = IMAGE if IMAGE in suggestions[0] else ROW
    names = [printable(str(each[column]))[-MAX_NAME:] for each in suggestions]
    width = max(map(len, [column, *names]))
    yield f"{column:{width}}  " + (
        "most probable labels" if "bundle" in result else "similar examples, itself included"
    )
    for name, each in zip(names, suggestions, strict=True):
        yield f"{name:{width}}  {_reason(each, result['unlabelled'])}"
    if "out" in result:
        yield f"fill in the column {LABEL} of {result['out']}"


def _reason(suggestion: "JsonObject", examples: int) -> str:
    if "cluster_size" in suggestion:
        return f"{suggestion['cluster_size']:,} ({suggestion['cluster_size'] / examples:.1%})"
    pairs = zip(suggestion["labels"], suggestion["probabilities"], strict=True)
    return " or ".join(f"{printable(label)[:MAX_NAME]} ({probability:.1%})" for label, probability in pairs)


def _check_arguments(arguments: argparse.Namespace) -> None:
    if arguments.against is not None:
        raise InputError("--against is not for data suggest: omit it")
    if arguments.count is None:
        raise InputError("data suggest: pass the number of examples to choose with --count")
    if arguments.count < 1:
        raise InputError(f"--count {arguments.count}: expected 1 or more")
    out = arguments.out
    if out is None:
        return
    if out.suffix.lower() != ".csv":
        raise InputError(f"--out {out}: expected a file that ends in .csv")
    require_new(out)
    if not out.parent.is_dir():
        raise InputError(f"--out {out}: there is no folder {out.parent}")


def _require_enough(arguments: argparse.Namespace, unlabelled: int, data: str) -> None:
    if arguments.count > unlabelled:
        files = " or ".join(map(str, arguments.labelled or ()))
        others = f" that are not in {files}" if files else ""
        raise InputError(f"--count {arguments.count}: expected at most {unlabelled:,}, the images of {data}{others}")


def _require_lasting(inputs: "Sequence[Input] | np.ndarray", data: str) -> None:
    """Refuse files of an archive: the folder that they were unpacked into is removed when the process ends."""
    if not isinstance(inputs, np.ndarray) and not Path(data).is_dir():
        raise InputError(f"--out: {without_passwords(data)} is an archive: unpack it, and pass the folder with --data")


def _labelled_rows(files: Sequence[Path], inputs: "Sequence[Input] | np.ndarray", findings: Findings) -> list[int]:
    """Return the rows of the inputs that files of earlier suggestions list."""
    places = {} if isinstance(inputs, np.ndarray) else {_resolved(file): row for row, file in enumerate(inputs)}
    rows: set[int] = set()
    for file in files:
        if places:
            for place in _listed(file, IMAGE):
                if (path := _resolved(file.parent / place)) in places:
                    rows.add(places[path])
                else:
                    findings.remark(NOT_IN_DATA, f"{file}: {place}")
        else:
            rows |= {_row_number(file, text, len(inputs)) for text in _listed(file, ROW)}
    return sorted(rows)


def _listed(file: Path, column: str) -> list[str]:
    """Return the values of a column of a table, in which all rows must have one."""
    from plexus.data.text import read_listing

    reader = read_listing(file)
    if column not in reader.fieldnames:
        raise InputError(f"--labelled {file}: expected a column {column}, as in a file that --out wrote")
    values = []
    for row in reader:
        if not row[column]:
            raise InputError(f"--labelled {file}, line {reader.line_num}: {column} must have a value")
        values.append(row[column])
    return values


def _row_number(file: Path, text: str, count: int) -> int:
    if not text.isdecimal() or int(text) >= count:
        raise InputError(f"--labelled {file}: {text!r} is no row of --data: expected 0 to {count - 1:,}")
    return int(text)


def _resolved(file: object) -> Path:
    """Return the path with its folder resolved; a file that is a link has a name of its own."""
    path = Path(str(file))
    return path.parent.resolve() / path.name


def _with_name(suggestion: "JsonObject", inputs: "Sequence[Input] | np.ndarray") -> "JsonObject":
    if isinstance(inputs, np.ndarray):
        return suggestion
    others = {name: value for name, value in suggestion.items() if name != ROW}
    return {IMAGE: printable(str(inputs[suggestion[ROW]])), **others}


def _csv(rows: Sequence[int], inputs: "Sequence[Input] | np.ndarray", file: Path) -> str:
    """Return the table to fill in; paths are relative to it."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    if isinstance(inputs, np.ndarray):
        writer.writerows([(ROW, LABEL), *((row, "") for row in rows)])
    else:
        writer.writerows([(IMAGE, LABEL), *((_relative(inputs[row], file), "") for row in rows)])
    return table.getvalue()


def _relative(image: object, file: Path) -> str:
    path = os.path.relpath(_resolved(image), file.parent.resolve())
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"--out {file}: the name {path!r} is not UTF-8: rename the image") from error
    return f"./{path}" if path.startswith(_FORMULA) else path  # a spreadsheet would run it
