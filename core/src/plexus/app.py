"""The base class of applications."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from plexus.errors import InputError

if TYPE_CHECKING:
    from gradio import Blocks

    from plexus.bundle import Bundle
    from plexus.utils.option_group import OptionGroup

PageOptionsT = TypeVar("PageOptionsT", bound="OptionGroup | None")


class App(ABC, Generic[PageOptionsT]):
    """A program that people run: a demo without a browser, and a page in the browser.

    An app names tasks by id and uses their bundles; it imports no plugin. The type variable is the class of its page's
    options, or None.

    Attributes:
        tasks: Ids of the tasks whose bundles the page uses; the first is the one that the demo trains.
        example_data: Name of the data set that the page's examples fit: shipped models that were trained on it come
            first.
        icon: Lines of the app's icon on a grid of 24 by 24 units: the attribute `d` of a path in SVG.
        demo_captions: Captions of the demo's most important files, by path in the demo's folder.
        page_options: Options of `plexus open` that only this app has; None if it has none.

    Example:
        ```python
        class RainApp(App[None]):
            tasks = ("weather.rain",)

            def demo(self, folder: Path) -> dict[str, float]:
                return plexus.train("weather.rain", run=folder / "run", data="oslo").metrics
        ```
    """

    tasks: ClassVar[tuple[str, ...]] = ()
    example_data: ClassVar[str] = ""
    icon: ClassVar[str] = "M4 4h7v7H4z M13 4h7v7h-7z M4 13h7v7H4z M13 13h7v7h-7z"
    demo_captions: ClassVar[Mapping[str, str]] = {}
    page_options: "ClassVar[type[OptionGroup] | None]" = None

    @abstractmethod
    def demo(self, folder: Path) -> dict[str, float]:
        """Train, evaluate and predict on embedded data, without a browser and without the network.

        Args:
            folder: An empty folder for what the demo writes: figures, predictions, the run of its training.

        Returns:
            The metrics by name, those of a baseline among them.
        """

    def page(self, bundles: "Mapping[str, Bundle]", options: PageOptionsT) -> "Blocks":
        """Build the page. It loads nothing from other hosts.

        Args:
            bundles: Bundles of the app's tasks that are served, by name; at least one.
            options: The options of `page_options`; None if the app has none.

        Returns:
            The page.

        Raises:
            InputError: If the app has no page.
        """
        raise InputError(f"{type(self).__name__} has no page: run it with plexus demo")


AnyApp = App[Any]
"""An app whose options' type is not known: what the registry returns."""
