"""Hook of mkdocs: add files outside of this folder that a page links to, such as READMEs and source code.

The README of each plugin becomes `domains/NAME.md`; other files become `source/PATH.md`.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"(\]\()([^)#\s]+)")
README = re.compile(r"plugins/(\w+)/README\.md")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the READMEs of the plugins, and all files that pages link to.

    Args:
        files: The files of the site.
        config: The configuration.

    Returns:
        The files.
    """
    waiting = [f"plugins/{folder.name}/README.md" for folder in sorted(ROOT.glob("plugins/*/"))]
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
        waiting += _links(path, text) if path.endswith(".md") else []
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
    return _rewrite(f"docs/{site}", site, markdown) if site.split("/")[0] not in {"domains", "source"} else markdown


def _content(path: str, text: str) -> str:
    if path.endswith(".md"):
        return _rewrite(path, _site_path(path), text)
    return f"# {path}\n\n```{Path(path).suffix.lstrip('.')}\n{text}\n```\n"


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
    readme = README.fullmatch(path)
    return f"domains/{readme[1]}.md" if readme else f"source/{path}.md"
