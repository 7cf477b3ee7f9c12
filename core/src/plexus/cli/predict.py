"""`plexus predict`."""

import argparse
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.cli.explanation import explanation_lines
from plexus.cli.options import named_bundle_task
from plexus.cli.parser import add_import_argument, passed_options
from plexus.errors import InputError, UnreadableInputsError
from plexus.utils.boundary import system_errors
from plexus.utils.files import writing_to
from plexus.utils.messages import note

if TYPE_CHECKING:
    from plexus.bundle import Bundle
    from plexus.codec import Input, JsonObject
    from plexus.utils.option_group import OptionGroup

MAX_STEM = 40
"""Characters of a text that name the file of its explanation."""
MAX_FILES, MAX_PATH, MAX_NAME = 10_000, 1000, 200
MAX_LISTED = 10
"""Rows of a table that are listed if they cannot be read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("bundle", metavar="BUNDLE", help="folder of a bundle, or TASK/NAME of a shipped model")
    parser.add_argument(
        "inputs", nargs="*", default=[], metavar="INPUT", help="files, folders or texts; - reads standard input"
    )
    parser.add_argument("--explain", action="store_true", help="also write an explanation of each prediction")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="PATH",
        help="with --explain folder of the explanations [default: this folder]; a path that ends in .csv: file for the "
        "rows of a table and their predictions, with the separator and the decimal comma of the table if it is a CSV",
    )
    add_import_argument(parser)


def option_groups(arguments: argparse.Namespace | None) -> "dict[str, type[OptionGroup]]":
    """Return the options that are flags, too.

    Args:
        arguments: The command's own arguments; None before they are parsed.

    Returns:
        The prediction options of the bundle's task, by title.

    Raises:
        InputError: If there is no such bundle.
    """
    if arguments is None:
        return {}
    task = named_bundle_task(arguments.bundle)
    return {f"options of {task.id}": task.predict_options} if task.predict_options else {}


def run(arguments: argparse.Namespace) -> "list[JsonObject]":
    """Predict for every input, or for the rows of a table.

    Args:
        arguments: The parsed arguments.

    Returns:
        Of each input `input`, `answer`, `text`, `details` if there are any, `explanation` and, if the task is
        `ExplainsInNumbers`, `explanation_values`; or `input` and `error` if it cannot be read. Of a table `input`,
        `rows`, `out`, `text`, and `unreadable`: reasons by number of the row.

    Raises:
        InputError: If the bundle cannot be opened, nothing would be written to `--out`, or none of the inputs can be
            read.
    """
    from plexus.api import load

    _check_out(arguments.out, arguments.explain)
    bundle = load(arguments.bundle)
    options = _parse_options(bundle, arguments)
    if _is_csv(arguments.out):
        return [_predict_table(bundle, arguments, options)]
    inputs = _read_inputs(bundle, arguments.inputs, options)
    results = _predict_readable(bundle, inputs, _reasons(inputs))
    if all("error" in result for result in results):
        for result in results[:-1]:
            note(f"plexus: {result['error']}")
        raise InputError(results[-1]["error"])
    for result, (name, raw_input) in zip(results, inputs, strict=True):
        if "error" in result:
            note(f"plexus: {result['error']}")
        elif arguments.explain:
            result |= _explain(bundle, raw_input, name, arguments.out or Path())
    return results


def show(result: "list[JsonObject]") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        One line per input that could be read, followed by the details of its prediction and by the lines of its
        explanation as numbers.
    """
    for line in result:
        if "error" not in line:
            yield "  ".join(line[key] for key in ("input", "text", "explanation") if key in line)
            yield from line.get("details", ())
            if "explanation_values" in line:
                yield from explanation_lines(line["explanation_values"])


def status(result: "list[JsonObject]") -> int:
    """Return the exit status.

    Args:
        result: The result of `run`.

    Returns:
        2 if an input or a row of a table could not be read, else 0.
    """
    return 2 if any("error" in line or line.get("unreadable") for line in result) else 0


def _is_csv(out: Path | None) -> bool:
    return out is not None and out.suffix.lower() == ".csv"


def _check_out(out: Path | None, explain: bool) -> None:
    """Refuse a path to which nothing would be written, and the name of a file for a folder."""
    if out is None or _is_csv(out):
        return
    if not explain or (out.suffix and not out.is_dir()):
        raise InputError(
            f"--out {out}: expected a file that ends in .csv for the predictions of a table, or with --explain a folder"
        )


def _parse_options(bundle: "Bundle", arguments: argparse.Namespace) -> "OptionGroup | None":
    """Return the task's own options; None if it has none."""
    options = bundle.task.predict_options
    return None if options is None else options.parse(passed_options(arguments))


def _read_inputs(
    bundle: "Bundle", arguments: Sequence[str], options: "OptionGroup | None"
) -> "list[tuple[str, Input | InputError]]":
    """Return the named inputs of all arguments; of an argument that cannot be read, the error."""
    from plexus.tasks.abilities import AppliesOptions, Streaming

    if not arguments:
        return list(bundle.task.default_inputs(options))
    tables = _tables(bundle, arguments)
    without_table = tables is None or isinstance(bundle.task, Streaming)  # a state is written with --out only
    is_applied = isinstance(bundle.task, AppliesOptions)
    if options is not None and options.model_fields_set and without_table and not is_applied:
        flag = next(iter(options.model_fields_set)).replace("_", "-")
        unless = " with --out FILE.csv" if tables else ""
        raise InputError(f"--{flag} cannot be combined with INPUT, except for a table{unless}: omit one of them")
    inputs: list[tuple[str, Input | InputError]] = []
    for argument in arguments:
        try:
            with system_errors():
                inputs += _read_argument(bundle, argument, options, argument in (tables or ()))
        except InputError as error:
            inputs.append((argument, error))
    return inputs


def _read_argument(
    bundle: "Bundle", argument: str, options: "OptionGroup | None", is_table: bool
) -> "list[tuple[str, Input]]":
    if is_table:
        from plexus.inference.table_predictions import table_inputs

        return table_inputs(bundle, Path(argument), options)
    from plexus.tasks.abilities import AppliesOptions

    inputs = list(bundle.task.parse_argument(_as_utf8(argument)))
    if not inputs:
        raise InputError(f"{'standard input' if argument == '-' else argument} has no inputs: fill it, or leave it out")
    task = bundle.task
    if options is None or not isinstance(task, AppliesOptions):
        return inputs
    return [(name, task.apply_options(raw_input, options)) for name, raw_input in inputs]


def _reasons(inputs: "Sequence[tuple[str, Input | InputError]]") -> dict[int, str]:
    return {place: str(raw_input) for place, (_, raw_input) in enumerate(inputs) if isinstance(raw_input, InputError)}


def _as_utf8(argument: str) -> str:
    """Return a text that the locale's encoding could not decode; the name of a file stays as the system needs it."""
    if argument.isprintable() or os.path.lexists(argument):
        return argument
    try:
        return os.fsencode(argument).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"INPUT {argument!r} is no file and not a text in UTF-8: {error}") from error


def _tables(bundle: "Bundle", arguments: Sequence[str]) -> list[str] | None:
    """Return the arguments that are tables; None if there are none."""
    from plexus.tasks.abilities import AnswersTables

    if not isinstance(bundle.task, AnswersTables):
        return None
    short = [argument for argument in arguments if len(argument) < MAX_PATH and "\n" not in argument]
    tables = [name for name in short if _names_table(name)]
    return tables or None


def _names_table(name: str) -> bool:
    """Return whether an argument is a table; a text may end in .csv, too: then it is a sentence rather than a name."""
    from plexus.data.tables import SUFFIXES, is_table, suffix

    return is_table(Path(name)) if os.path.lexists(name) else " " not in name and suffix(Path(name)) in SUFFIXES


def _predict_table(bundle: "Bundle", arguments: argparse.Namespace, options: "OptionGroup | None") -> "JsonObject":
    from plexus.inference.table_predictions import predict_table

    if len(arguments.inputs) != 1 or arguments.explain:
        raise InputError(f"--out {arguments.out}: expected one table as INPUT, and no --explain")
    table, state = arguments.inputs[0], getattr(options, "state", None)
    rows, unreadable, *_ = predict_table(
        bundle, Path(table), arguments.out, options, Path(state) if state else None, like_table=True
    )
    for number, reason in islice(unreadable.items(), MAX_LISTED):
        note(f"plexus: {_named(f'{table}, row {number}', reason)}")
    without = f", {len(unreadable):,} without a prediction" if unreadable else ""
    text = f"{rows:,} rows -> {arguments.out}{without}"
    return {"input": table, "rows": rows, "out": str(arguments.out), "text": text, "unreadable": unreadable}


def _predict(bundle: "Bundle", inputs: "Sequence[tuple[str, Input]]") -> "list[JsonObject]":
    """Predict for all inputs at once; if one cannot be read, for the others, or for each on its own."""
    try:
        predictions = bundle.predict([raw_input for _, raw_input in inputs])
    except InputError as error:
        if len(inputs) == 1:
            return [{"input": inputs[0][0], "error": _named(inputs[0][0], str(error))}]
        if isinstance(error, UnreadableInputsError):
            return _predict_readable(bundle, inputs, error.reasons)
        return [result for named_input in inputs for result in _predict(bundle, [named_input])]
    results = []
    for (name, _), prediction in zip(inputs, predictions, strict=True):
        result = {"input": name, "answer": prediction.model_dump(), "text": str(prediction)}
        lines = prediction.detail_lines()
        results.append(result | {"details": lines} if lines else result)
    return results


def _predict_readable(
    bundle: "Bundle", inputs: "Sequence[tuple[str, Input]]", reasons: Mapping[int, str]
) -> "list[JsonObject]":
    readable = [named_input for place, named_input in enumerate(inputs) if place not in reasons]
    results = iter(_predict(bundle, readable) if readable else [])
    return [
        {"input": name, "error": _named(name, reasons[place])} if place in reasons else next(results)
        for place, (name, _) in enumerate(inputs)
    ]


def _named(name: str, reason: str) -> str:
    """Return a reason with the name of the input, once."""
    return reason if name in reason or len(name) > MAX_NAME else f"{name}: {reason}"


def _explain(bundle: "Bundle", raw_input: "Input", name: str, folder: Path) -> "JsonObject":
    """Write the explanation of a prediction; return its file, and its numbers if there are."""
    from plexus.tasks.abilities import Explainable

    suffix = bundle.task.explanation_suffix if isinstance(bundle.task, Explainable) else ""
    stem = _stem(raw_input, name)
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        numbers = ("", *(f"-{number}" for number in range(1, MAX_FILES)))
        files = (folder / f"{stem}.explained{number}{suffix}" for number in numbers)
        file, values = bundle.explain_with_values(raw_input, next(file for file in files if not file.exists()))
    return {"explanation": str(file)} | ({} if values is None else {"explanation_values": values})


def _stem(raw_input: "Input", name: str) -> str:
    """Return the start of the name of an explanation: that of the file, if the input is one."""
    if isinstance(raw_input, Path) or os.path.lexists(name):  # the name may be that of a file in an archive
        return Path(name).stem
    return re.sub(r"\W+", "-", name)[:MAX_STEM].strip("-") or "input"
