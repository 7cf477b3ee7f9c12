"""False warnings about gradients: trainings of every task with many seeds, none of which should have a warning.

The trainings are the short ones of the conformance tests, or those of the options that are passed. It prints a line
per task with the number of trainings that had a warning about vanishing or exploding gradients, and each warning.

    python benchmarks/gradient_warnings.py --seeds 20
    python benchmarks/gradient_warnings.py vision.classify --seeds 20 data=digits epochs=12
"""

import argparse
import tempfile
import time
from pathlib import Path

from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer


def gradient_warnings(id: str, options: dict[str, object]) -> list[str]:
    """Train without evaluation; return the warnings about gradients."""
    task = registry().task(id)
    task_options = task.options.parse(options)
    with tempfile.TemporaryDirectory() as folder:
        run, trainer = Run.start(id, task_options, folder=Path(folder) / "run"), Trainer(task, quiet=True)
        session = trainer.begin(run, trainer.train_stages(run, task.load_dataset(task_options)))
        if session.run.epochs:
            session.fit()
        return [warning for warning in session.state.warnings if warning.startswith("gradients")]


def main() -> None:
    """Train each task with each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arguments", nargs="*", metavar="TASK or OPTION=VALUE")
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_intermixed_args()
    if arguments.seeds < 1:
        parser.error("--seeds: expected 1 or more")
    options = dict(argument.split("=", 1) for argument in arguments.arguments if "=" in argument)
    tasks = [argument for argument in arguments.arguments if "=" not in argument]
    for id in tasks or sorted(registry().entries("tasks")):
        started, count = time.monotonic(), 0
        values = options or registry().task(id).trial_options
        for seed in range(arguments.seeds):
            warnings = gradient_warnings(id, {**values, "seed": seed})
            count += bool(warnings)
            for warning in warnings:
                print(f"  seed {seed}: {warning}", flush=True)
        seconds = (time.monotonic() - started) / arguments.seeds
        print(f"{id}: {count} of {arguments.seeds} trainings have a warning; {seconds:.1f} s each", flush=True)


if __name__ == "__main__":
    main()
