"""What `import plexus` offers beside the types: the command line's `train`, and a bundle again."""

from pathlib import Path
from typing import Any

from plexus.bundle import Bundle
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import train as train_run


def train(task: str, out: str | Path | None = None, **options: Any) -> Bundle:
    """Train a task, measure it once on the test split, and save the bundle, as `plexus train` does.

    Example:
        ```python
        bundle = plexus.train("weather.rain", data="oslo.csv", epochs=20)
        print(bundle.scores)
        ```

    Args:
        task: its id; `plexus list tasks` has them all.
        out: the bundle's folder; by default in the run's folder under `runs/`.
        options: those of the task, as in `plexus train TASK --help`, with underscores.

    Raises:
        InputError: there is no such task, an option is wrong, the data cannot be used, or `out` exists.
    """
    chosen = registry().task(task)
    run = Run.start(task, chosen.options.checked(options), None if out is None else Path(out))
    return Bundle.load(train_run(chosen, run)["bundle"])


def load(folder: str | Path) -> Bundle:
    """Open a bundle; errors as for `Bundle.load`.

    Example:
        ```python
        plexus.load("models/weather.rain/oslo").predict(["today.csv"])
        ```
    """
    return Bundle.load(folder)
