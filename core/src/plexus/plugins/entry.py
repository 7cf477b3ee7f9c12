"""One line of a plugin's table of contents."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from plexus.errors import InputError


@dataclass(frozen=True, slots=True)
class Entry:
    """What a plugin offers, named but not yet imported.

    Args:
        id: the name that people type: `weather.rain`, `oslo`.
        summary: one line for `plexus list`.
        target: where it is, `"module:Name"`; imported when first used.
        extra: the optional dependencies it needs, as in `pip install 'plexus-suite[extra]'`.
    """

    id: str
    summary: str
    target: str
    extra: str | None = None

    def __post_init__(self) -> None:
        module, _, name = self.target.partition(":")
        if not module or not name:
            raise ValueError(f"entry {self.id!r}: the target {self.target!r} is not of the form 'module:Name'")

    def load(self) -> Any:
        """Import the target.

        Raises:
            InputError: an optional dependency that it needs is not installed.
        """
        module, _, name = self.target.partition(":")
        try:
            return getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            if self.extra is None:
                raise
            raise InputError(
                f"{self.id} needs {error.name}, which is not installed: pip install 'plexus-suite[{self.extra}]'"
            ) from error
