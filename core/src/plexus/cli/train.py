"""`plexus train`."""

import argparse
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.cli.metrics import result_lines
from plexus.cli.options import read_config, training_options
from plexus.cli.parser import add_import_argument, passed_options
from plexus.errors import InputError
from plexus.plugins.registry import registry
from plexus.training.data import load_dataset
from plexus.utils.messages import note

if TYPE_CHECKING:
    from rich.table import Table

    from plexus.codec import JsonObject
    from plexus.dataset import Dataset
    from plexus.options import Options
    from plexus.run import Run

CHANGEABLE = {"learning_rate", "clip_norm", "devices", "hosts", "threads"}
"""Options that may change when a run is resumed: those that limit gradients, and those that place the computation. So
may those that say where the data is; its content has to be the same."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: The parser of the command.
    """
    parser.add_argument("task", nargs="?", metavar="TASK", help="see plexus list tasks; not needed with --resume")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the bundle [default: in the run's folder]")
    parser.add_argument(
        "--config", type=Path, metavar="F.yaml", help="YAML file with options of the task; flags take precedence"
    )
    parser.add_argument("--resume", type=Path, metavar="RUN", help="resume an interrupted run")
    parser.add_argument(
        "--on", choices=("ray",), help="train on a Ray cluster: one process per host, restarted if one fails"
    )
    add_import_argument(parser)


def option_groups(arguments: argparse.Namespace | None) -> "dict[str, type[Options]]":
    """Return the options that are flags, too.

    Args:
        arguments: The command's own arguments; None before they are parsed.

    Returns:
        The options of the named task, or of the run to resume, by title.

    Raises:
        InputError: If there is no such task or run.
    """
    task = arguments.task if arguments else None
    if arguments and arguments.resume and task is None:
        from plexus.run import read_run_task

        task = read_run_task(arguments.resume)
    return training_options(task)


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Train, or resume a training.

    Args:
        arguments: The parsed arguments.

    Returns:
        The result of `Trainer.train`.

    Raises:
        InputError: If an option is wrong, the data cannot be used, or a folder exists.
        KeyboardInterrupt: If the user stopped the training.
    """
    options = passed_options(arguments)
    training = _resume(arguments, options) if arguments.resume else _start(arguments, options)
    if arguments.on == "ray":
        from plexus.runtime.ray import train_on_ray

        return train_on_ray(training)
    from plexus.training.trainer import Trainer

    trainer = Trainer(registry().task(training.task), registry().callbacks)
    dataset = _load_dataset(training) if training.has_checkpoint else None
    before = training.saved_at
    try:
        with nullcontext() if arguments.resume else training.removed_if_empty():
            return trainer.train(training, dataset)
    except (KeyboardInterrupt, InputError):
        if training.saved_at > before:
            note(f"the checkpoint is saved; resume with: plexus train --resume {shlex.quote(str(training.folder))}")
        raise


def show(result: "JsonObject") -> Iterator["str | Table"]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        The table of metrics, then speed and folders.
    """
    if "process" in result:
        yield f"process {result['process']} of {result['task']}: the first process writes the bundle"
        return
    yield from result_lines(registry().task(result["task"]), result)
    rate = result["examples_per_second"]
    yield f"{result['seconds']:,.0f} s" + (f", {rate:,.0f} examples/s in training" if rate else "")
    yield f"bundle  {result['bundle']}"
    yield f"report  {Path(result['run']) / 'report.html'}"


def _start(arguments: argparse.Namespace, flags: dict[str, object]) -> "Run":
    from plexus.run import Run

    if arguments.task is None:
        raise InputError(f"missing argument TASK: choose one of {', '.join(registry().entries('tasks'))}")
    options: Options = registry().task(arguments.task).options.parse(read_config(arguments.config) | flags)
    if _is_follower(options, arguments.on):
        return Run.start(arguments.task, options, folder=Path(tempfile.mkdtemp(prefix="plexus-")) / "run")
    return Run.start(arguments.task, options, arguments.out)


def _is_follower(options: "Options", on: str | None) -> bool:
    """Return whether this is one of several processes, and another one writes the results."""
    if options.hosts == 1 or on:
        return False
    from plexus.runtime.placement import prepare_devices

    return prepare_devices(options).process > 0


def _load_dataset(training: "Run") -> "Dataset":
    """Return the dataset of a run to resume, whose data may have moved."""
    data = training.options.data
    try:
        dataset = load_dataset(registry().task(training.task), training.options)
    except InputError as error:
        raise InputError(
            f"{training.folder} is trained on {data!r}, which cannot be used here ({error}): pass it with --data"
        ) from error
    return dataset


def _resume(arguments: argparse.Namespace, flags: dict[str, object]) -> "Run":
    from plexus.run import Run, read_run_task

    task = read_run_task(arguments.resume)
    allowed = CHANGEABLE | registry().task(task).options.data_options
    if arguments.config or arguments.out or flags.keys() - allowed:
        names = ", ".join("--" + name.replace("_", "-") for name in sorted(allowed))
        raise InputError(f"--resume uses the options of the run: omit all other options except {names}")
    if arguments.task not in (None, task):
        raise InputError(f"{arguments.resume} is a run of {task}, not of {arguments.task}")
    training: Run = Run.read(arguments.resume, registry().task(task))
    return replace(training, options=training.options.parse(training.options.model_dump() | flags))
