"""`plexus tune`."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.cli.metrics import result_lines
from plexus.cli.options import read_config, training_options
from plexus.cli.parser import add_import_argument, passed_options
from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.utils.formatting import number

if TYPE_CHECKING:
    from rich.table import Table

    from plexus.codec import JsonObject
    from plexus.options import Options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("task", metavar="TASK", help="see plexus list tasks; options that are passed are not tuned")
    parser.add_argument("--trials", type=int, default=20, metavar="N", help="number of trials in all [default: 20]")
    parser.add_argument("--minutes", type=float, metavar="X", help="start no trial after this time [default: no limit]")
    parser.add_argument(
        "--study", type=Path, metavar="DIR", help="folder of the trials; an existing study is continued [default: new]"
    )
    parser.add_argument(
        "--storage", metavar="URL", help="database for several machines [default: SQLite in the study's folder]"
    )
    parser.add_argument(
        "--config", type=Path, metavar="F.yaml", help="YAML file with options of the task; flags take precedence"
    )
    parser.add_argument("--on", choices=("ray",), help="run trials in parallel on a Ray cluster")
    add_import_argument(parser)


def option_groups(arguments: argparse.Namespace | None) -> "dict[str, type[Options]]":
    """Return the options that are flags, too.

    Args:
        arguments: The command's own arguments; None before they are parsed.

    Returns:
        The options of the named task, by title.

    Raises:
        InputError: If there is no such task.
    """
    return training_options(arguments.task if arguments else None)


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Search options.

    Args:
        arguments: The parsed arguments.

    Returns:
        The result of `plexus.tuning.search.tune`.

    Raises:
        InputError: If an option is wrong, the data cannot be used, or no trial completed.
    """
    if arguments.trials < 1:
        raise InputError(f"--trials must be greater than or equal to 1, not {arguments.trials}")
    fixed = read_config(arguments.config) | passed_options(arguments)
    task = registry().task(arguments.task)
    task.options.parse(fixed)
    folder = arguments.study or Path("runs") / arguments.task / f"tune-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    from plexus.tuning.search import tune
    from plexus.tuning.study import Study

    study = Study.open(folder, task, fixed, arguments.storage, registry().callbacks)
    return tune(study, arguments.trials, arguments.minutes, arguments.on)


def show(result: "JsonObject") -> Iterator["str | Table"]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        The best trial and its options, the metrics of its bundle, folders.
    """
    best = result["best"]
    yield ", ".join(f"{count} trials {state}" for state, count in result["trials"].items())
    yield f"best: trial {best['trial']}, {result['score']['name']} {number(best['value'])} in validation"
    for name, value in best["options"].items():
        yield f"  --{name.replace('_', '-')} {value}"
    yield from result_lines(registry().task(result["task"]), result)
    yield f"bundle  {result['bundle']}"
    yield f"study   {result['study']}"
