"""`plexus data`."""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plexus.cli.options import training_options
from plexus.cli.parser import add_import_argument, passed_options
from plexus.errors import InputError, without_passwords
from plexus.plugins.registry import registry
from plexus.utils.printable import printable

if TYPE_CHECKING:
    from plexus.codec import JsonObject
    from plexus.data.examples import Examples, SupervisedDataset
    from plexus.options import Options
    from plexus.tasks.abilities import FindsDuplicates

MAX_LABELS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("action", choices=("check",), help="read the data as a training does, and report problems")
    parser.add_argument("task", metavar="TASK", help="see plexus list tasks")
    parser.add_argument(
        "--against", metavar="DATA", help="other data whose examples are looked up in the training split"
    )
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
    """Read the data as a training does, and check that one could start.

    Args:
        arguments: The parsed arguments.

    Returns:
        `task`, `data`, `examples` by split, `findings`; for labelled examples also `labels` and `repeated`: how many
        examples of a split occur in the training split, too.

    Raises:
        InputError: If the data cannot be used, or there is nothing to compare with `--against`.
    """
    from plexus.data.examples import SupervisedDataset, split_counts
    from plexus.tasks.abilities import FindsDuplicates

    task, flags = registry().task(arguments.task), passed_options(arguments)
    options = task.options.parse(flags)
    data, other_data = without_passwords(options.data), without_passwords(arguments.against or "")
    dataset = task.load_dataset(options)
    task.check_dataset(dataset, options)
    result: JsonObject = {
        "task": task.id,
        "data": data,
        "examples": split_counts(dataset),
        "findings": dataset.findings.lines(),
    }
    if isinstance(dataset, SupervisedDataset):
        result |= _label_counts(dataset)
    if isinstance(dataset, SupervisedDataset) and isinstance(task, FindsDuplicates):
        result["repeated"] = {
            f"{split} in train": _duplicates(task, dataset, dataset, split)
            for split in result["examples"]
            if split != "train"
        }
        if arguments.against:
            other = registry().task(task.id).load_dataset(task.options.parse(flags | {"data": arguments.against}))
            for split in split_counts(other):
                counts = _duplicates(task, dataset, other, split)
                result["repeated"][f"{other_data} {split} in {data} train"] = counts
    elif arguments.against:
        raise InputError(f"--against: {task.id} learns from no examples that could be compared")
    return result


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        Numbers of examples, labels, findings, duplicates.
    """
    counts = ", ".join(f"{count:,} {split}" for split, count in result["examples"].items())
    yield f"{result['data']} for {result['task']}: {counts}"
    labels = list(result.get("labels", {}).items())
    if labels:
        more = f" and {len(labels) - MAX_LABELS:,} more" if len(labels) > MAX_LABELS else ""
        yield "labels: " + ", ".join(f"{printable(label)} {count:,}" for label, count in labels[:MAX_LABELS]) + more
    yield from result["findings"] or ["no findings: no row or file was repaired or dropped"]
    for splits, counts in result.get("repeated", {}).items():
        yield f"{splits}: {counts['repeated']:,} of {counts['examples']:,} examples are duplicates or near-duplicates"


def _label_counts(dataset: "SupervisedDataset[Examples[str]]") -> "JsonObject":
    """Count the examples of each label, most frequent first; nothing if the targets are numbers."""
    from plexus.data.examples import split_counts

    targets = [target for split, count in split_counts(dataset).items() if count for target in dataset[split].targets]
    return {"labels": dict(Counter(targets).most_common())} if isinstance(targets[0], str) else {}


def _duplicates(
    task: "FindsDuplicates",
    dataset: "SupervisedDataset[Examples[str]]",
    other: "SupervisedDataset[Examples[str]]",
    split: str,
) -> dict[str, int]:
    """Count the examples of a split that occur in the training split, exactly or nearly."""
    duplicates = task.find_duplicates(other[split], dataset["train"])
    return {"repeated": int(duplicates.sum()), "examples": other.count(split)}
