"""What pages of pictures have in common: nothing in them is fetched from elsewhere."""

import html
from pathlib import Path

from plexus.utils.files import data_url

STYLE = """
body { font: 17px/1.55 system-ui, sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em }
body { color: #1c2430; background: #fff }
h2 { margin: 2.2em 0 .1em } p { margin: .2em 0 1em } small, figcaption { color: #5b6675 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { padding: .25em 1em .25em 0; text-align: left; border-bottom: 1px solid #e2e6ee }
.shown { display: flex; flex-wrap: wrap; gap: 1.2em; align-items: flex-start; margin-top: 1em }
figure { margin: 0; flex: 1 1 20em; max-width: 100% }
img, iframe { max-width: 100%; border: 1px solid #e2e6ee; border-radius: 6px }
img { max-height: 30em } iframe { width: 100%; height: 24em }
"""


def shown(file: Path, caption: str) -> str:
    """A picture or a page within the page, with what it shows."""
    said = html.escape(caption)
    if file.suffix == ".html":
        content = f'<iframe title="{said}" srcdoc="{html.escape(file.read_text(encoding="utf-8"))}"></iframe>'
    else:
        content = f'<img alt="{said}" src="{data_url(file)}">'
    return f"<figure>{content}<figcaption>{said}</figcaption></figure>"
