"""A program people run, built on tasks and bundles."""

from abc import ABC, abstractmethod
from pathlib import Path


class App(ABC):
    """An app names tasks by id, through the registry; it imports no plugin."""

    @abstractmethod
    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure and predict on embedded data, without a browser or a network.

        Writes its pictures into `folder` and gives the figures that it reached.
        """
