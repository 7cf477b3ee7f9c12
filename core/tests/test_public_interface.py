"""The public interface is documented, and plugins and apps use nothing else."""

import ast
import importlib.util
from importlib import import_module
from pathlib import Path

import pytest

import plexus

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)
PAGES = generate.pages()
SOURCES = [*ROOT.glob("plugins/*/src"), ROOT / "apps/src", ROOT / "core/src/plexus/plugins/template/src"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_generated_pages_are_up_to_date(page):
    assert page.read_text() == PAGES[page], "run: python docs/generate.py"


def test_the_changelog_names_the_interface():
    line = f"Plugin interface {generate.hookspecs.API}, fingerprint `{generate.fingerprint()}`"
    assert line in (ROOT / "CHANGELOG.md").read_text(), f"describe the change in CHANGELOG.md, with: {line}"


def imports(folder):
    """Yield file, module and name of each import from the core."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "plexus":
                yield from ((file, node.module, alias.name) for alias in node.names)


@pytest.mark.slow
@pytest.mark.parametrize("folder", SOURCES, ids=lambda folder: folder.parent.name)
def test_plugins_and_apps_use_only_what_is_public(folder):
    public = {line.split("(")[0] for line in PAGES[ROOT / "docs/api.txt"].splitlines()}
    exported = {id(getattr(plexus, name)) for name in plexus.__all__}
    private = {
        f"{file.relative_to(ROOT)}: from {module} import {name}"
        for file, module, name in imports(folder)
        if f"{module}.{name}" not in public and id(getattr(import_module(module), name, None)) not in exported
    }
    assert private == set()
