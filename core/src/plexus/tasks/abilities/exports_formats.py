"""The ability `ExportsFormats` of a task."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable


@runtime_checkable
class ExportsFormats(Protocol):
    """A task whose models can be exported to formats of its domain: `plexus export --format`.

    Such a format holds the model as a whole, all of its networks.

    Attributes:
        export_formats: Names of the formats.

    Example:
        ```python
        export_formats = ("ctranslate2",)

        def export_model(self, folder, format, path):
            export_ctranslate2(plexus.load(folder), path)
        ```
    """

    export_formats: Sequence[str]

    def export_model(self, folder: Path, format: str, path: Path) -> None:
        """Write a model in a format.

        Args:
            folder: Folder of the bundle.
            format: One of `export_formats`.
            path: File or folder to write; it does not exist.

        Raises:
            InputError: If the model cannot be converted, or a library is not installed.
        """
        ...
