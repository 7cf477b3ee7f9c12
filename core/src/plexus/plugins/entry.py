"""Registration of one task, data set, app or command."""

import re
from dataclasses import dataclass
from importlib import import_module

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
"""Ids are names of folders, too."""
_TARGET = re.compile(r"[^:]+(:.+)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """The name of a task, data set, app or command, and where it is defined; this is imported when it is used.

    Args:
        id: The name that users type: `weather.rain`, `oslo`.
        summary: One line for `plexus list`, or for `plexus --help` if it is a command.
        target: Where it is defined, `"module:Name"`; of a command its module, `"package.module"`.
        extra: The extra of the plugin's distribution that it needs, as in `pip install 'plexus-weather[radar]'`.
        title: Title of an app on pages; by default its id in words.
        data_kinds: Kinds of data that a task reads, or that a data set is, such as `("images",)`. A task that declares
            kinds refuses data sets that declare other kinds alone; a data set without kinds is never refused.

    Example:
        ```python
        Entry("weather.rain", "Whether it will rain", "plexus_weather.task:Rain", extra="radar")
        ```
    """

    id: str
    summary: str
    target: str
    extra: str | None = None
    title: str | None = None
    data_kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("id", "summary", "target"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"entry {self.id!r}: expected {name} as a string, got {getattr(self, name)!r}")
        if not isinstance(self.data_kinds, tuple) or not all(isinstance(kind, str) for kind in self.data_kinds):
            raise TypeError(f"entry {self.id!r}: expected data_kinds as a tuple of strings, got {self.data_kinds!r}")
        if not _ID.fullmatch(self.id):
            raise ValueError(f"entry {self.id!r}: expected an id of letters, digits, dots, hyphens and underscores")
        if not _TARGET.fullmatch(self.target):
            raise ValueError(f"entry {self.id!r}: expected a target of the form 'module:Name', got {self.target!r}")

    @property
    def heading(self) -> str:
        """The title, or else the id in words: `Image recognition`."""
        words = self.id.replace("-", " ").replace("_", " ")
        return self.title or words[:1].upper() + words[1:]

    def load(self) -> object:
        """Import the target.

        Returns:
            The class of a task or app, the named data set, or the module of a command.

        Raises:
            ImportError: If the module cannot be imported.
            AttributeError: If the module has no such name.
        """
        module, _, name = self.target.partition(":")
        target: object = import_module(module)
        return getattr(target, name) if name else target
