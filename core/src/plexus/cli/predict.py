"""`plexus predict`."""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plexus.api import load
from plexus.bundle import MANIFEST, Bundle
from plexus.cli.parser import add_options
from plexus.errors import InputError
from plexus.inference.table_predictions import predict_table
from plexus.utils.files import writing_to
from plexus.utils.messages import note

LONGEST = 40
"""Letters of a text, for the name of the file that explains its answer."""


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:
    """The flags that only the bundle's task has are flags too."""
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="files, folders or texts; - reads standard input")
    parser.add_argument("--explain", action="store_true", help="also write why")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(),
        metavar="PLACE",
        help="the folder for explanations [default: here]; or, ending in .csv, the file for the rows of one table, "
        "each with its answer beside it",
    )
    named = next((word for word in argv if (Path(word) / MANIFEST).is_file()), None)
    if named and (options := load(named).task.predict_options):
        add_options(parser, options)


def run(given: argparse.Namespace) -> list[dict[str, Any]]:
    """Answer for every input; one that cannot be read has an `error` instead of an answer."""
    bundle = load(given.bundle)
    if given.out.suffix == ".csv":
        return [_answer_table(bundle, given)]
    inputs = _inputs(bundle, given)
    results = _answers(bundle, inputs)
    if all("error" in result for result in results):
        raise InputError(results[0]["error"])
    for result, (name, raw) in zip(results, inputs, strict=True):
        if "error" in result:
            note(f"plexus: {result['error']}")
        elif given.explain:
            result["explanation"] = str(_explain(bundle, raw, name, given.out))
    return results


def _inputs(bundle: Bundle, given: argparse.Namespace) -> list[tuple[str, Any]]:
    flags = _flags(bundle, given)
    if not given.inputs:
        return list(bundle.task.default_inputs(flags))
    if flags is not None and flags.model_fields_set:
        flag = next(iter(flags.model_fields_set)).replace("_", "-")
        raise InputError(f"--{flag} is for answers without an INPUT, or for a table: leave out the one or the other")
    return [item for text in given.inputs for item in bundle.task.parse_argument(text)]


def _flags(bundle: Bundle, given: argparse.Namespace) -> Any:
    """The task's own flags, checked; None of a task that has none."""
    options = bundle.task.predict_options
    if options is None:
        return None
    return options.parse({name: value for name, value in vars(given).items() if name in options.model_fields})


def show(results: list[dict[str, Any]]) -> Iterator[str]:
    """A line an input."""
    for result in results:
        if "error" not in result:
            yield "  ".join(result[key] for key in ("input", "text", "explanation") if key in result)


def status(results: list[dict[str, Any]]) -> int:
    """2 if an input could not be read."""
    return 2 if any("error" in result for result in results) else 0


def _answer_table(bundle: Bundle, given: argparse.Namespace) -> dict[str, Any]:
    if len(given.inputs) != 1 or given.explain:
        raise InputError(f"--out {given.out}: one table a time, and without --explain")
    options = _flags(bundle, given)
    state = getattr(options, "state", None)
    rows = predict_table(bundle, Path(given.inputs[0]), given.out, options, Path(state) if state else None)
    return {"input": given.inputs[0], "rows": rows, "out": str(given.out), "text": f"{rows:,} rows -> {given.out}"}


def _answers(bundle: Bundle, inputs: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    try:
        answers = bundle.predict([raw for _, raw in inputs])
    except InputError as error:
        if len(inputs) == 1:
            return [{"input": inputs[0][0], "error": str(error)}]
        return [result for one in inputs for result in _answers(bundle, [one])]
    return [
        {"input": name, "answer": answer.model_dump(), "text": str(answer)}
        for (name, _), answer in zip(inputs, answers, strict=True)
    ]


def _explain(bundle: Bundle, raw: Any, name: str, folder: Path) -> Path:
    stem = Path(name).stem if Path(name).exists() else re.sub(r"\W+", "-", name)[:LONGEST].strip("-") or "input"
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        numbered = (
            folder / f"{stem}.explained{f'-{n}' if n else ''}{bundle.task.explanation_suffix}" for n in range(10_000)
        )
        to = next(file for file in numbered if not file.exists())
        return bundle.explain(raw, to)
