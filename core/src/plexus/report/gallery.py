"""One page of what the apps' demos made, in one file."""

import html
from pathlib import Path
from typing import Any

from plexus.report.html import STYLE, shown
from plexus.utils.files import write_whole

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Plexus: what the demos made</title>
<style>{style}</style>
<main>
<h1>What the demos made</h1>
<p>Each app trained from nothing on data that comes with Plexus, measured on a test split beside a baseline, and asked
once. <small>{seconds:.0f} s in all, on this machine.</small></p>
{sections}
</main>
</html>
"""
_SECTION = """<section><h2>{app}</h2><p>{summary}. <small>{seconds:.0f} s</small></p>
<table><tr><th>figure<th>value</tr>{figures}</table>
<div class="shown">{shown}</div></section>
"""


def write_gallery(results: list[dict[str, Any]], to: Path) -> None:
    """Write the page: nothing in it is fetched from elsewhere.

    Args:
        results: of each app `app`, `summary`, `seconds`, `figures`, and `shown`: files, each with what it shows.
        to: the file.
    """
    sections = "".join(
        _SECTION.format(
            app=html.escape(one["app"]),
            summary=html.escape(one["summary"]),
            seconds=one["seconds"],
            figures="".join(
                f"<tr><td>{name.replace('_', ' ')}<td>{value:.4g}</tr>" for name, value in one["figures"].items()
            ),
            shown="".join(shown(Path(file), caption) for file, caption in one["shown"]),
        )
        for one in results
    )
    write_whole(to, _PAGE.format(style=STYLE, sections=sections, seconds=sum(one["seconds"] for one in results)))
