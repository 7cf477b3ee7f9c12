"""Registration of one task, data set or app."""

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Entry:
    """The name of a task, a data set or an app, and where it is defined; the definition is imported when it is used.

    Args:
        id: The name that users type: `weather.rain`, `oslo`.
        summary: One line for `plexus list`.
        target: Where it is defined, `"module:Name"`.
        extra: The extra of the plugin's distribution that it needs, as in `pip install 'plexus-weather[radar]'`.

    Example:
        ```python
        Entry("weather.rain", "Whether it will rain", "plexus_weather.task:Rain", extra="radar")
        ```
    """

    id: str
    summary: str
    target: str
    extra: str | None = None

    def __post_init__(self) -> None:
        module, _, name = self.target.partition(":")
        if not module or not name:
            raise ValueError(f"entry {self.id!r}: expected a target of the form 'module:Name', got {self.target!r}")

    def load(self) -> object:
        """Import the target.

        Returns:
            The class of a task or app, or the named data set.

        Raises:
            ImportError: If the module cannot be imported.
            AttributeError: If the module has no such name.
        """
        module, _, name = self.target.partition(":")
        target: object = getattr(import_module(module), name)
        return target
