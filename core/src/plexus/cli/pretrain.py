"""`plexus pretrain`."""

import argparse
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from typing import TYPE_CHECKING

from plexus.cli import train
from plexus.errors import InputError
from plexus.plugins.registry import registry

if TYPE_CHECKING:
    from rich.table import Table

    from plexus.codec import JsonObject
    from plexus.options import Options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments, those of `plexus train`.

    Args:
        parser: The parser of the command.
    """
    train.add_arguments(parser)


def option_groups(arguments: argparse.Namespace | None) -> "dict[str, type[Options]]":
    """Return the options that are flags, too.

    Args:
        arguments: The command's own arguments; None before they are parsed.

    Returns:
        The options of the pretraining of the named task, by title.

    Raises:
        InputError: If there is no such task or run, or the task has no pretraining.
    """
    return train.option_groups(_of_pretraining(arguments) if arguments else None)


def run(arguments: argparse.Namespace) -> "JsonObject":
    """Pretrain the network of a task without labels, or resume a pretraining.

    Args:
        arguments: The parsed arguments.

    Returns:
        The result of `Trainer.train`.

    Raises:
        InputError: If the task has no pretraining, an option is wrong, the data cannot be used, or a folder exists.
        KeyboardInterrupt: If the user stopped the training.
    """
    if arguments.task is None and not arguments.resume:
        raise InputError(f"missing argument TASK: choose one of {', '.join(_pretrainable())}")
    return train.run(_of_pretraining(arguments))


def show(result: "JsonObject") -> Iterator["str | Table"]:
    """Format the result for people.

    Args:
        result: The result of `run`.

    Yields:
        The lines of `plexus train`, then the command that uses the bundle.
    """
    yield from train.show(result)
    if "bundle" in result:
        for task in (task for task, pretraining in _pretrainable().items() if pretraining == result["task"]):
            yield f"next    plexus train {task} --data LABELLED --from {result['bundle']}"


def _of_pretraining(arguments: argparse.Namespace) -> argparse.Namespace:
    """Return the arguments with the task that pretrains the named one."""
    if arguments.task is None:
        return arguments
    pretraining = _pretraining_task(arguments.task)
    if pretraining is None:
        raise InputError(f"{arguments.task} has no pretraining; choose one of {', '.join(_pretrainable())}")
    changed = copy(arguments)
    changed.task = pretraining
    return changed


def _pretrainable() -> dict[str, str]:
    """Return the tasks that have a pretraining, and its task; those of broken plugins are left out."""
    tasks = {}
    for id in registry().entries("tasks"):
        with suppress(InputError):
            tasks[id] = _pretraining_task(id)
    return {id: pretraining for id, pretraining in tasks.items() if pretraining is not None}


def _pretraining_task(id: str) -> str | None:
    from plexus.tasks.abilities import Pretrainable

    task = registry().task(id)
    return task.pretraining_task if isinstance(task, Pretrainable) else None
