"""The explanation of a prediction in Python."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.utils.files import write_whole

if TYPE_CHECKING:
    from plexus.codec import JsonObject


@dataclass(frozen=True)
class Explanation:
    """Explanation of a prediction: a figure or a page, which a notebook shows, and its numbers.

    Args:
        content: Content of the file: an image or an HTML document.
        suffix: Suffix of the file: `.png`, `.html`.
        values: The numbers that it draws, as of `plexus.tasks.abilities.ExplainsInNumbers`; None if the task has none.

    Example:
        ```python
        bundle.explain("clouds over Oslo").save("why.html")
        ```
    """

    content: bytes
    suffix: str
    values: "JsonObject | None" = None

    def save(self, path: str | Path) -> Path:
        """Write the file.

        Args:
            path: File to write, with the suffix.

        Returns:
            The file.
        """
        file = Path(path)
        write_whole(file, self.content)
        return file

    def __repr__(self) -> str:
        return f"Explanation({len(self.content):,} bytes of {self.suffix})"

    def _repr_png_(self) -> bytes | None:
        return self.content if self.suffix == ".png" else None

    def _repr_html_(self) -> str | None:
        from markupsafe import escape

        if self.suffix != ".html":
            return None
        page = escape(self.content.decode())
        return f'<iframe srcdoc="{page}" sandbox style="width:100%;height:30em;border:0" title="Explanation"></iframe>'
