"""A program people run, built on tasks and bundles."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from plexus.bundle import Bundle
from plexus.registry import registry
from plexus.run import Run


class App(ABC):
    """An app names tasks by id, through the registry; it imports no plugin."""

    @abstractmethod
    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure and predict on embedded data, without a browser or a network.

        Writes its pictures into `folder` and gives the figures that it reached.
        """

    def trained(self, task: str, folder: Path, **options: Any) -> Bundle:
        """Train a task in a demo's folder, with these options.

        Raises:
            InputError: an option is wrong.
        """
        from plexus.trainer import train

        run = Run.start(task, registry().task(task).options.checked(options), folder=folder / "run")
        return Bundle.load(train(registry().task(task), run)["bundle"])
