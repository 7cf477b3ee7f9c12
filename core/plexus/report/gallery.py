"""One page of what the apps' demos made, in one file."""

import html
from pathlib import Path
from typing import Any

from plexus.files import data_url, write_whole

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Plexus: what the demos made</title>
<style>
body {{ font: 17px/1.55 system-ui, sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em }}
body {{ color: #1c2430; background: #fff }}
h2 {{ margin: 2.2em 0 .1em }} p {{ margin: .2em 0 1em }} small, figcaption {{ color: #5b6675 }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
td, th {{ padding: .25em 1em .25em 0; text-align: left; border-bottom: 1px solid #e2e6ee }}
.shown {{ display: flex; flex-wrap: wrap; gap: 1.2em; align-items: flex-start; margin-top: 1em }}
figure {{ margin: 0; flex: 1 1 20em; max-width: 100% }}
img, iframe {{ max-width: 100%; border: 1px solid #e2e6ee; border-radius: 6px }}
img {{ max-height: 30em }} iframe {{ width: 100%; height: 24em }}
</style>
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
            shown="".join(_figure(Path(file), caption) for file, caption in one["shown"]),
        )
        for one in results
    )
    write_whole(to, _PAGE.format(sections=sections, seconds=sum(one["seconds"] for one in results)))


def _figure(file: Path, caption: str) -> str:
    said = html.escape(caption)
    if file.suffix == ".html":
        content = f'<iframe title="{said}" srcdoc="{html.escape(file.read_text(encoding="utf-8"))}"></iframe>'
    else:
        content = f'<img alt="{said}" src="{data_url(file)}">'
    return f"<figure>{content}<figcaption>{said}</figcaption></figure>"
