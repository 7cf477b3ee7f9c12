"""A hook of mkdocs: files of the project that a page links to, beyond this folder, are pages of the site too."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
OUTSIDE = re.compile(r"\]\(\.\./([^)#]+)")
FOLDER = "source"


def on_files(files: Files, config: Any) -> Files:
    """Add a page for each file that is linked to."""
    pages = [page.content_string for page in files.documentation_pages()]
    for name in sorted({name for page in pages for name in OUTSIDE.findall(page)}):
        files.append(File.generated(config, f"{FOLDER}/{name}.md", content=_page(name)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Lead the links there."""
    if page.file.src_uri.startswith(FOLDER):
        return markdown
    return OUTSIDE.sub(rf"]({FOLDER}/\1.md", markdown)


def _page(name: str) -> str:
    content = (ROOT / name).read_text()
    if not name.endswith(".md"):
        return f"# {name}\n\n```{Path(name).suffix.lstrip('.')}\n{content}\n```\n"
    # The root's own pages link to what is in docs/, and to files that the site does not have.
    return re.sub(r"\[([^]]*)\]\((?!docs/|https?:)[^)]*\)", r"\1", content).replace("](docs/", "](../")
