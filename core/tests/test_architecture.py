"""Dependencies between modules: no cycle, not even of type hints and in functions, and no domain in the core."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import plexus

PACKAGE = Path(plexus.__file__).parent
REPOSITORY = PACKAGE.parents[2]
TEMPLATE = PACKAGE / "plugins/template"
FILES = [file for file in sorted(PACKAGE.rglob("*.py")) if TEMPLATE not in file.parents]
DOMAINS = {
    folder.name: tuple(package.name for package in (folder / "src").iterdir() if package.is_dir())
    for folder in sorted((REPOSITORY / "plugins").iterdir())
    if (folder / "src").is_dir()
}


def module_name(file):
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for file in FILES}


def imports_of(file):
    """Return the modules of plexus that a file imports, also in functions and under `if TYPE_CHECKING`."""
    for statement in ast.walk(ast.parse(file.read_text())):
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            # `from plexus.a import b` imports the module plexus.a.b if there is one, else a name of plexus.a.
            names = [f"{statement.module}.{alias.name}" for alias in statement.names]
            names = [name if name in MODULES else statement.module for name in names]
        else:
            continue
        yield from (name for name in names if name in MODULES)


def graph():
    # The public names of `plexus/__init__.py` are imported when they are used.
    modules = {name: file for name, file in MODULES.items() if name != "plexus"}
    return {name: set(imports_of(file)) - {"plexus", name} for name, file in modules.items()}


@pytest.mark.slow
def test_no_import_cycle():
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail("import cycle: " + " <- ".join(error.args[1]))


@pytest.mark.slow
def test_core_modules_do_not_import_the_public_names():
    """`from plexus import …` within the core would hide a cycle."""
    offenders = [
        name
        for name, file in MODULES.items()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "plexus" and not node.level
        if any(f"plexus.{alias.name}" not in MODULES and alias.name != "__version__" for alias in node.names)
    ]
    assert not offenders


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_core_imports_no_plugin_and_names_no_task_id(file):
    """Examples in docstrings may name tasks; code and messages do not."""
    tree = ast.parse(file.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    packages = {package for packages in DOMAINS.values() for package in packages}
    domain = re.compile(rf"\b({'|'.join(DOMAINS)})\.[a-z]+\b|\b({'|'.join(packages)})\b")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            assert not packages & {name.partition(".")[0] for name in names}, node.lineno
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            assert not domain.search(node.value), (node.lineno, node.value)


def test_the_root_of_the_core_is_small():
    assert len(list(PACKAGE.glob("*.py"))) <= 14
