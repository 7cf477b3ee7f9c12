"""A program people run, built on tasks and bundles."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from plexus.bundle import Bundle
from plexus.errors import InputError

if TYPE_CHECKING:
    from plexus.utils.option_group import OptionGroup


class App(ABC):
    """An app names tasks by id, through the registry; it imports no plugin."""

    tasks: ClassVar[tuple[str, ...]] = ()
    """Of the bundles that its page answers with."""
    shows: ClassVar[dict[str, str]] = {}
    """Of what the demo writes, the files that are most worth showing, and what each shows."""
    asking: ClassVar["type[OptionGroup] | None"] = None
    """Flags of `plexus open` that only this app has."""

    @abstractmethod
    def demo(self, folder: Path) -> dict[str, float]:
        """Train, measure and predict on embedded data, without a browser or a network.

        Writes its pictures into `folder` and gives the figures that it reached, beside those of a baseline.
        """

    def page(self, bundles: Mapping[str, Bundle], flags: Any) -> Any:
        """The page: a `gradio.Blocks`, without anything from outside.

        Args:
            bundles: those of the app's tasks that are served, by name; one at least.
            flags: of `asking`, checked.

        Raises:
            InputError: the app has none.
        """
        raise InputError(f"{type(self).__name__} has no page: plexus demo runs it")
