"""The page of the apps' demos."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus.report.page_figure import PageFigure
from plexus.utils.files import write_whole
from plexus.utils.html import render

if TYPE_CHECKING:
    from plexus.codec import JsonObject


def write_gallery(results: "Sequence[JsonObject]", file: Path) -> None:
    """Write the page of the demos. It fetches nothing.

    Args:
        results: Of each app `app`, `title`, `summary`, `seconds`, `figures` (metrics by title), `intervals` (95 %
            intervals by title, of the metrics that have one), and `shown` (pairs of a file and its caption).
        file: File to write.
    """
    apps = [
        {
            "id": result["app"],
            "title": result["title"],
            "summary": result["summary"],
            "seconds": result["seconds"],
            "metrics": [(name, value, result["intervals"].get(name)) for name, value in result["figures"].items()],
            "has_intervals": bool(result["intervals"]),
            "figures": [PageFigure.read(Path(path), caption) for path, caption in result["shown"]],
        }
        for result in results
    ]
    write_whole(file, render("gallery.html", apps=apps, seconds=sum(result["seconds"] for result in results)))
