"""`plexus evaluate`."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plexus.cli.metrics import metric_table
from plexus.cli.options import named_bundle_task
from plexus.cli.parser import add_import_argument, passed_options

if TYPE_CHECKING:
    from rich.table import Table

    from plexus.codec import JsonObject
    from plexus.utils.option_group import OptionGroup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("bundle", metavar="BUNDLE", help="folder of a bundle, or TASK/NAME of a shipped model")
    parser.add_argument(
        "--data", metavar="DATA", help="data as for plexus train [default: the test split of the bundle's data]"
    )
    add_import_argument(parser)


def option_groups(arguments: argparse.Namespace | None) -> "dict[str, type[OptionGroup]]":
    """Return the options that are flags, too.

    Args:
        arguments: The command's own arguments; None before they are parsed.

    Returns:
        The options of the bundle's task that say which data is read, by title.

    Raises:
        InputError: If there is no such bundle.
    """
    if arguments is None:
        return {}
    task = named_bundle_task(arguments.bundle)
    options = task.options.other_data_options()
    return {f"options of {task.id}": options} if options.model_fields else {}


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Compute the metrics of a bundle.

    Args:
        arguments: The parsed arguments.

    Returns:
        The result of `Bundle.evaluate`.

    Raises:
        InputError: If the bundle or the data cannot be used.
    """
    from plexus.api import load

    return load(arguments.bundle).evaluate(arguments.data, **passed_options(arguments))


def show(result: "JsonObject") -> Iterator["str | Table"]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        The data, then the table of metrics.
    """
    yield f"{result['bundle']} on {result['data']}: {result['examples']:,} examples"
    yield metric_table(named_bundle_task(result["bundle"]), result["scores"], result["examples"])
