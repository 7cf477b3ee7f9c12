"""Training and loading models in Python."""

from pathlib import Path

from plexus.bundle import Bundle
from plexus.inference.manifest import read_manifest
from plexus.inference.models import find_bundle
from plexus.plugins.registry import registry
from plexus.utils.boundary import system_errors


def train(task: str, out: str | Path | None = None, run: str | Path | None = None, **options: object) -> Bundle:
    """Train a task, evaluate it once on the test split, and save the bundle, as `plexus train` does.

    Args:
        task: Id of the task, as in `plexus list tasks`.
        out: Folder of the bundle; by default in the run's folder.
        run: Folder of the run; by default a new one under `runs/`.
        **options: Options of the task, as in `plexus train TASK --help`, with underscores; `from_` for `--from`.

    Returns:
        The bundle.

    Raises:
        InputError: If there is no such task, an option is wrong, the data cannot be used, or `out` exists.

    Example:
        ```python
        bundle = plexus.train("vision.classify", data="digits", epochs=5)
        print(bundle.metrics)
        ```
    """
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    plugins = registry()
    task_object = plugins.task(task)
    options_object = task_object.options.parse(options)
    with system_errors():
        new_run = Run.start(task, options_object, _as_path(out), _as_path(run))
        with new_run.removed_if_empty():
            Trainer(task_object, plugins.callbacks).train(new_run)
        return Bundle.open(new_run.out, task_object, new_run.folder)


def load(name: str | Path) -> Bundle:
    """Open a bundle and verify its checksums.

    Args:
        name: Path of the bundle's folder, or `TASK/NAME` of a shipped model.

    Returns:
        The bundle.

    Raises:
        InputError: If there is no such bundle, a byte was changed, its plugin is missing, or its format is newer.

    Example:
        ```python
        plexus.load("vision.classify/mnist").predict([Path("photo.png")])
        ```
    """
    with system_errors():
        folder = find_bundle(name, registry().packages)
        return Bundle.open(folder, registry().bundle_task(folder, read_manifest(folder)))


def _as_path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
