"""`plexus train`."""

import argparse
import itertools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from plexus.cli.parser import add_options
from plexus.errors import InputError
from plexus.options import Options
from plexus.plugins.registry import registry
from plexus.run import Run, read_run_task
from plexus.task import Task
from plexus.utils.messages import note

OWN = {"task", "out", "config", "resume", "json", "command", "modules", "on"}
"""Arguments that are none of the task's options."""
CHANGEABLE = {"learning_rate", "clip_norm", "devices", "hosts", "threads"}
"""Options that may be others when a run goes on: what keeps gradients small, and where it is computed."""


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:
    """The task's own options are flags too."""
    parser.add_argument("task", nargs="?", metavar="TASK", help="see plexus list tasks; with --resume not needed")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the bundle goes [default: into the run's folder]"
    )
    parser.add_argument("--config", type=Path, metavar="F.yaml", help="options of the task; flags go before")
    parser.add_argument("--resume", type=Path, metavar="RUN", help="go on with a run that was cut off")
    parser.add_argument("--on", choices=("ray",), help="a cluster: one process a host, begun again when one dies")
    task = named_task(argv) or _resumed_task(argv)
    if task:
        add_options(parser, task.options)


def _resumed_task(argv: list[str]) -> Task | None:
    """The task of the run to go on with; None where there is none, which is said later."""
    for flag, folder in itertools.pairwise(argv):
        file = Path(folder) / "run.json"
        if flag == "--resume" and file.is_file():
            return registry().task(json.loads(file.read_text())["task"])
    return None


def named_task(argv: list[str]) -> Task | None:
    """The task that is named among the arguments, if one is."""
    named = next((word for word in argv if word in registry().entries("tasks")), None)
    return registry().task(named) if named else None


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Train, or go on with a training."""
    flags = {name: value for name, value in vars(given).items() if name not in OWN}
    begun = _resumed(given, flags) if given.resume else _started(given, flags)
    if given.on == "ray":
        from plexus.runtime.ray import train_on_ray

        return train_on_ray(begun)
    from plexus.training.trainer import Trainer

    try:
        return Trainer(registry().task(begun.task), registry().callbacks).train(begun)
    except (KeyboardInterrupt, InputError):
        if begun.checkpoint.exists():
            note(f"the checkpoint is kept; go on with: plexus train --resume {begun.folder}")
        raise


def show(result: dict[str, Any]) -> Iterator[str]:
    """Scores and where things are."""
    if "process" in result:
        yield f"process {result['process']} of {result['task']}: the first one writes the bundle"
        return
    for name, value in result["scores"].items():
        yield f"{name:20} {value:.4f}" + ("   <- ranks the models" if name == result["score"]["name"] else "")
    rate = result["examples_per_second"]
    yield f"{result['seconds']:,.0f} s" + (f", {rate:,.0f} examples/s in training" if rate else "")
    yield f"bundle  {result['bundle']}"
    yield f"report  {Path(result['run']) / 'report.html'}"


def _started(given: argparse.Namespace, flags: dict[str, Any]) -> Run:
    if given.task is None:
        raise InputError(f"which TASK? there are {', '.join(registry().entries('tasks'))}")
    options = registry().task(given.task).options.parse(read_config(given.config) | flags)
    if _trains_along(options, given.on):
        return Run.start(given.task, options, folder=Path(tempfile.mkdtemp(prefix="plexus-")) / "run")
    return Run.start(given.task, options, given.out)


def _trains_along(options: Options, on: str | None) -> bool:
    """Whether this is one of several processes, and another one writes what they learn."""
    if options.hosts == 1 or on:
        return False
    from plexus.runtime.placement import prepare_devices

    return prepare_devices(options).process > 0


def _resumed(given: argparse.Namespace, flags: dict[str, Any]) -> Run:
    if given.config or given.out or flags.keys() - CHANGEABLE:
        may = ", ".join("--" + name.replace("_", "-") for name in sorted(CHANGEABLE))
        raise InputError(f"--resume goes on with the run's own options: leave the others out, all but {may}")
    run = Run.read(given.resume, registry().task(read_run_task(given.resume)))
    if given.task not in (None, run.task):
        raise InputError(f"{given.resume} is a run of {run.task}, not of {given.task}")
    return replace(run, options=run.options.parse(run.options.model_dump() | flags))


def read_config(file: Path | None) -> dict[str, Any]:
    """Options from a YAML file.

    Raises:
        InputError: it is not such a file.
    """
    if file is None:
        return {}
    import yaml

    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"--config {file}: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise InputError(f"--config {file}: lines of the form `epochs: 10` are wanted")
    return {str(name).replace("-", "_"): value for name, value in content.items()}
