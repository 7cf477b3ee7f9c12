"""`plexus tune`."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plexus.cli.parser import add_options
from plexus.cli.train import named_task, read_config
from plexus.errors import InputError
from plexus.plugins.registry import registry

OWN = {"task", "trials", "minutes", "study", "storage", "config", "on", "json", "command", "modules"}
"""Arguments that are none of the task's options."""


def add_arguments(parser: argparse.ArgumentParser, argv: list[str]) -> None:
    """The task's own options are flags too: those that are given are not tuned."""
    parser.add_argument("task", metavar="TASK", help="see plexus list tasks")
    parser.add_argument("--trials", type=int, default=20, metavar="N", help="in all [default: 20]")
    parser.add_argument("--minutes", type=float, metavar="X", help="after which no trial is begun any more")
    parser.add_argument(
        "--study", type=Path, metavar="DIR", help="where trials are kept; one that is there is gone on with"
    )
    parser.add_argument(
        "--storage", metavar="URL", help="a database for several machines [default: SQLite, in the study]"
    )
    parser.add_argument("--config", type=Path, metavar="F.yaml", help="options of the task; flags go before")
    parser.add_argument("--on", choices=("ray",), help="a cluster: trials side by side, as many as it has room for")
    task = named_task(argv)
    if task:
        add_options(parser, task.options)


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Tune."""
    registry().task(given.task)
    if given.trials < 1:
        raise InputError(f"--trials must be greater than or equal to 1, not {given.trials}")
    flags = {name: value for name, value in vars(given).items() if name not in OWN}
    fixed = read_config(given.config) | flags
    registry().task(given.task).options.parse(fixed)
    folder = given.study or Path("runs") / given.task / f"tune-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    from plexus.tuning.search import tune
    from plexus.tuning.study import Study

    study = Study.open(folder, registry().task(given.task), fixed, given.storage, registry().callbacks)
    return tune(study, given.trials, given.minutes, given.on)


def show(result: dict[str, Any]) -> Iterator[str]:
    """What was best, and where things are."""
    best = result["best"]
    yield ", ".join(f"{count} trials {state}" for state, count in result["trials"].items())
    yield f"best: trial {best['trial']}, {result['score']['name']} {best['value']:.4f} on the validation split"
    for name, value in best["options"].items():
        yield f"  --{name.replace('_', '-')} {value}"
    for name, value in result["scores"].items():
        yield f"{name:20} {value:.4f}" + ("   <- on the test split" if name == result["score"]["name"] else "")
    yield f"bundle  {result['bundle']}"
    yield f"study   {result['study']}"
