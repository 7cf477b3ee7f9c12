"""The ability `ExportsFormats` of a task."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from plexus.bundle import Bundle


@runtime_checkable
class ExportsFormats(Protocol):
    """A task whose models can be exported to formats of its domain: `plexus export --format`.

    Such a format holds the model as a whole, all of its networks.

    Attributes:
        export_formats: Names of the formats.

    Example:
        ```python
        export_formats = ("ctranslate2",)

        def export_model(self, bundle, format, path):
            export_ctranslate2(bundle, path)
        ```
    """

    export_formats: Sequence[str]

    def export_model(self, bundle: "Bundle", format: str, path: Path) -> None:
        """Write a model in a format.

        Args:
            bundle: The model.
            format: One of `export_formats`.
            path: File or folder to write; it does not exist.

        Raises:
            InputError: If the model cannot be converted, or a library is not installed.
        """
        ...
