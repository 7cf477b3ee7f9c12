"""Hook of mkdocs: add files outside of this folder that a page links to, such as READMEs and source code.

The README of each plugin becomes `domains/NAME.md`, the README and the notebooks of the examples `examples/NAME.md`;
other files become `source/PATH.md`.
"""

import base64
import json
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(\]\()([^)#\s]+)")
README = re.compile(r"plugins/(\w+)/README\.md")
NOTEBOOK = re.compile(r"examples/(\w+)\.ipynb")
EXAMPLES = "examples/README.md"
GENERATED = {"domains", "examples", "source"}
"""Folders of the site whose pages are added here, with links that are rewritten already."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the READMEs of the plugins, and all files that pages link to.

    Args:
        files: The files of the site.
        config: The configuration.

    Returns:
        The files.
    """
    waiting = [EXAMPLES, *(f"plugins/{folder.name}/README.md" for folder in sorted(ROOT.glob("plugins/*/")))]
    for page in files.documentation_pages():
        waiting += _links(f"docs/{page.src_uri}", page.content_string)
    added: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path.startswith("docs/") or path in added or not (ROOT / path).is_file():
            continue
        added.add(path)
        text = (ROOT / path).read_text()
        files.append(File.generated(config, _site_path(path), content=_content(path, text)))
        if NOTEBOOK.fullmatch(path):
            text, pictures = _read_notebook(path)
            for name, picture in pictures.items():
                files.append(File.generated(config, f"examples/{name}", content=picture))
        waiting += _links(path, text) if path.endswith((".md", ".ipynb")) else []
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite the links of a page from paths of the repository to paths of the site.

    Args:
        markdown: The text of the page.
        page: The page.
        config: The configuration.
        files: The files of the site.

    Returns:
        The text.
    """
    site = page.file.src_uri
    return markdown if site.split("/")[0] in GENERATED else _rewrite(f"docs/{site}", site, markdown)


def _content(path: str, text: str) -> str:
    if path.endswith(".md"):
        return _rewrite(path, _site_path(path), text)
    if NOTEBOOK.fullmatch(path):
        return _rewrite(path, _site_path(path), _read_notebook(path)[0])
    return f"# {path}\n\n```{Path(path).suffix.lstrip('.')}\n{text}\n```\n"


def _read_notebook(path: str) -> tuple[str, dict[str, bytes]]:
    """Return a notebook as Markdown, and its pictures by file name."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in json.loads((ROOT / path).read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "image/png" in data:
                name = f"{Path(path).stem}-{len(pictures)}.png"
                pictures[name] = base64.b64decode(data["image/png"])
                parts.append(f"![Output of the cell above]({name})")
            elif markup := data.get("image/svg+xml") or data.get("text/html"):
                parts.append(f'<div class="output">\n{"".join(markup)}\n</div>')
            else:
                text = "".join(output.get("text", data.get("text/plain", "")))
                parts.append(f"```text\n{text.rstrip()}\n```")
    return "\n\n".join(parts) + "\n", pictures


def _rewrite(path: str, site: str, text: str) -> str:
    def link(match: re.Match[str]) -> str:
        if ":" in match[2]:
            return match[0]
        target = posixpath.relpath(_site_path(_resolve(path, match[2])), posixpath.dirname(site))
        return f"{match[1]}{target}"

    return LINK.sub(link, text)


def _links(path: str, text: str) -> list[str]:
    return [_resolve(path, target) for _, target in LINK.findall(text) if ":" not in target]


def _resolve(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _site_path(path: str) -> str:
    """Return where a file of the repository is on the site."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if readme := README.fullmatch(path):
        return f"domains/{readme[1]}.md"
    if notebook := NOTEBOOK.fullmatch(path):
        return f"examples/{notebook[1]}.md"
    if path == EXAMPLES:
        return "examples/index.md"
    return path if path.startswith("examples/") and path.endswith(".png") else f"source/{path}.md"
