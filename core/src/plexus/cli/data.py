"""`plexus data`."""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import Any

from plexus.cli.parser import add_options
from plexus.cli.train import OWN, named_task
from plexus.data.examples import SupervisedDataset
from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.task import Task

SPLITS = ("train", "val", "test")
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:
    """The task's own options are flags too, as of train."""
    parser.add_argument("action", choices=("check",))
    parser.add_argument("task", metavar="TASK", help="see plexus list tasks")
    parser.add_argument(
        "--against", metavar="E", help="other data: how many of its examples are among those to learn from"
    )
    task = named_task(argv)
    if task:
        add_options(parser, task.options)


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Read the data and fit the codec as a training would, and look for what would spoil it."""
    task = registry().task(given.task)
    flags = {name: value for name, value in vars(given).items() if name not in OWN | {"action", "against"}}
    options = task.options.parse(flags)
    dataset = task.load_dataset(options)
    task.fit_codec(dataset, options)
    result = {
        "task": task.id,
        "data": options.data,
        "examples": {split: dataset.count(split) for split in SPLITS},
        "findings": dataset.findings.lines(),
    }
    if isinstance(dataset, SupervisedDataset):
        result["labels"] = dict(Counter(label for split in SPLITS for label in dataset[split].labels).most_common())
        result["repeated"] = {
            f"{split} in train": _repeated(task, dataset, dataset, split) for split in ("val", "test")
        }
    if given.against and not isinstance(dataset, SupervisedDataset):
        raise InputError(f"--against: {task.id} learns from no examples that could be compared")
    if given.against:
        other = task.load_dataset(task.options.parse(flags | {"data": given.against}))
        result["repeated"] = result.get("repeated", {}) | {
            f"{given.against} {split} in {options.data} train": _repeated(task, dataset, other, split)
            for split in SPLITS
        }
    return result


def show(result: dict[str, Any]) -> Iterator[str]:
    """Counts, labels, what was found, what stands in two places."""
    counts = ", ".join(f"{count:,} {split}" for split, count in result["examples"].items())
    yield f"{result['data']} for {result['task']}: {counts}"
    labels = list(result.get("labels", {}).items())
    if labels:
        more = f" and {len(labels) - SHOWN:,} more" if len(labels) > SHOWN else ""
        yield "labels: " + ", ".join(f"{label} {count:,}" for label, count in labels[:SHOWN]) + more
    yield from result["findings"] or ["nothing had to be repaired or left out"]
    for where, found in result.get("repeated", {}).items():
        yield f"{where}: {found['repeated']:,} of {found['examples']:,} are there too, or nearly"


def _repeated(task: Task, dataset: Any, other: Any, split: str) -> dict[str, int]:
    return {
        "repeated": int(task.find_duplicates(other[split], dataset["train"]).sum()),
        "examples": other.count(split),
    }
