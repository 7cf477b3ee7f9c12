"""`plexus data`."""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from plexus.cli.data_suggest import add_suggest_arguments, require_no_suggest_arguments, suggest, suggestion_lines
from plexus.cli.options import load_bundle_of, training_options
from plexus.cli.parser import add_import_argument, passed_options
from plexus.errors import InputError, without_passwords
from plexus.plugins.registry import registry
from plexus.utils.printable import printable

if TYPE_CHECKING:
    from plexus.bundle import Bundle
    from plexus.codec import JsonObject
    from plexus.data.examples import Examples, SupervisedDataset
    from plexus.options import Options
    from plexus.task import AnyTask
    from plexus.tasks.abilities import FindsDuplicates

MAX_LABELS, MAX_NAME = 20, 50
"""Labels, and missing ones, that are printed, and characters of the name of a column or an image."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument(
        "action",
        choices=("check", "drift", "suggest"),
        metavar="{check,drift,suggest}",
        help="check: read the data as a training does, and report problems; drift: compare the columns of two tables; "
        "suggest: choose the unlabelled examples of --data that a person should label next",
    )
    parser.add_argument("task", metavar="TASK", help="see plexus list tasks")
    parser.add_argument(
        "--against",
        metavar="DATA",
        help="other data: check looks up their examples in the training split; drift compares their columns, and they "
        "need no target",
    )
    parser.add_argument(
        "--bundle",
        metavar="BUNDLE",
        help="a model of the task: check also lists labels that are probably missing; suggest chooses examples that it "
        "is uncertain about, instead of one of each cluster",
    )
    add_suggest_arguments(parser)
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
    """Check the data of a training, compare them with later ones, or suggest which to label next.

    Args:
        arguments: The parsed arguments.

    Returns:
        `task` and `data`. Of `check` also `examples` by split, `findings`, and for labelled examples `labels`,
        `target` (the noun for a label) and `repeated`: how many examples of a split occur in the training split, too;
        with `--bundle` also `missing_labels`, as of `plexus.tasks.abilities.FindsMissingLabels`. Of `drift` also
        `against` and `drift`, as of `plexus.tasks.abilities.MeasuresDrift`. Of `suggest`: see
        `plexus.cli.data_suggest.suggest`.

    Raises:
        InputError: If the data cannot be used, there is nothing to compare with `--against`, or the bundle is of
            another task, or no examples can be suggested.
    """
    if arguments.action == "suggest":
        return suggest(arguments)
    require_no_suggest_arguments(arguments)
    return _check(arguments) if arguments.action == "check" else _drift(arguments)


def _drift(arguments: argparse.Namespace) -> "JsonObject":
    from plexus.tasks.abilities import MeasuresDrift

    task, flags = registry().task(arguments.task), passed_options(arguments)
    if not isinstance(task, MeasuresDrift):
        raise InputError(f"{task.id} does not compare two tables: data drift is for tasks of tables")
    if arguments.against is None:
        raise InputError("data drift: name the later table with --against")
    if arguments.bundle is not None:
        raise InputError("--bundle: data drift compares two tables without a model")
    options = task.options.parse(flags)
    later = task.options.parse(flags | {"data": arguments.against})
    names = {"data": options.data, "against": later.data}
    return {
        "task": task.id,
        **{name: without_passwords(data) for name, data in names.items()},
        "drift": task.measure_drift(task.load_dataset(options), later),
    }


def _check(arguments: argparse.Namespace) -> "JsonObject":
    """Read the data as a training does, and check that one could start."""
    from plexus.data.examples import SupervisedDataset, split_counts
    from plexus.tasks.abilities import FindsDuplicates, FindsMissingLabels

    task, flags = registry().task(arguments.task), passed_options(arguments)
    options = task.options.parse(flags)
    data, other_data = without_passwords(options.data), without_passwords(arguments.against or "")
    bundle = _bundle_of(task, arguments.bundle) if arguments.bundle is not None else None
    dataset = task.load_dataset(options)
    task.check_dataset(dataset, options)
    result: JsonObject = {
        "task": task.id,
        "data": data,
        "examples": split_counts(dataset),
        "findings": dataset.findings.lines(),
    }
    if isinstance(dataset, SupervisedDataset):
        result |= _label_counts(dataset, task.target_name)
    if bundle is not None and isinstance(task, FindsMissingLabels):
        result["missing_labels"] = task.find_missing_labels(bundle.predictor, dataset, bundle.codec)
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


def _bundle_of(task: "AnyTask", name: str) -> "Bundle":
    """Return a bundle of a task that finds missing labels."""
    from plexus.tasks.abilities import FindsMissingLabels

    if not isinstance(task, FindsMissingLabels):
        raise InputError(f"--bundle: {task.id} does not look for missing labels")
    return load_bundle_of(task, name)


def show(result: "JsonObject") -> Iterator[str]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        Numbers of examples, labels, findings, duplicates; the drift of each column; or the suggestions.
    """
    if "suggestions" in result:
        yield from suggestion_lines(result)
    else:
        yield from _drift_lines(result) if "drift" in result else _check_lines(result)


def _drift_lines(result: "JsonObject") -> Iterator[str]:
    from plexus.metrics.drift import LARGE_DRIFT

    yield f"population stability index of {result['against']}, compared with {result['data']} (0: no drift)"
    names = [printable(row["column"])[:MAX_NAME] for row in result["drift"]]
    width = max(map(len, names))
    yield f"{'column':{width}}  index  by chance"
    for name, row in zip(names, result["drift"], strict=True):
        mark = f"  large drift (above {LARGE_DRIFT:g} and twice that by chance)" if row["large"] else ""
        yield f"{name:{width}}  {row['psi']:5.3f}  {row['psi_by_chance']:9.3f}{mark}"


def _check_lines(result: "JsonObject") -> Iterator[str]:
    counts = ", ".join(f"{count:,} {split}" for split, count in result["examples"].items())
    yield f"{result['data']} for {result['task']}: {counts}"
    labels = list(result.get("labels", {}).items())
    if labels:
        more = f" and {len(labels) - MAX_LABELS:,} more" if len(labels) > MAX_LABELS else ""
        counts = ", ".join(f"{printable(label)} {count:,}" for label, count in labels[:MAX_LABELS])
        yield f"{result['target']}s: {counts}{more}"
    yield from result["findings"] or ["no row or file was repaired or dropped"]
    yield from _missing_lines(result.get("missing_labels"))
    for splits, counts in result.get("repeated", {}).items():
        yield f"{splits}: {counts['repeated']:,} of {counts['examples']:,} examples are duplicates or near-duplicates"


def _missing_lines(missing: "list[JsonObject] | None") -> Iterator[str]:
    if missing is None:
        return
    more = f", the most probable {MAX_LABELS}" if len(missing) > MAX_LABELS else ""
    yield f"labels that are probably missing: {len(missing):,}{more}"
    for each in missing[:MAX_LABELS]:
        place = f"{printable(each['image'])[:MAX_NAME]} ({each['split']})"
        yield f"  {place}: {printable(each['label'])} {each['probability']:.0%} at {each['box']}"


def _label_counts(dataset: "SupervisedDataset[Examples[str]]", target_name: str) -> "JsonObject":
    """Count the examples of each label, most frequent first; nothing if the targets are numbers."""
    from plexus.data.examples import split_counts

    targets = [target for split, count in split_counts(dataset).items() if count for target in dataset[split].targets]
    if not isinstance(targets[0], str):
        return {}
    return {"labels": dict(Counter(targets).most_common()), "target": target_name}


def _duplicates(
    task: "FindsDuplicates",
    dataset: "SupervisedDataset[Examples[str]]",
    other: "SupervisedDataset[Examples[str]]",
    split: str,
) -> dict[str, int]:
    """Count the examples of a split that occur in the training split, exactly or nearly."""
    duplicates = task.find_duplicates(other[split], dataset["train"])
    return {"repeated": int(duplicates.sum()), "examples": other.count(split)}
