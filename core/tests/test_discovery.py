"""Discovery: the core does not depend on any plugin."""

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from plexus.plugins.registry import registry

ROOT = Path(__file__).parents[2]
PLUGINS = registry().plugins


def path_without(distribution, folder):
    """Return a path without the metadata of one distribution; its package can still be imported."""
    hidden = f"{distribution.replace('-', '_')}-"
    for item in Path(sysconfig.get_path("purelib")).iterdir():
        if not (item.name.startswith(hidden) and item.suffix == ".dist-info"):
            (folder / item.name).symlink_to(item)
    return os.pathsep.join(map(str, [folder, *(path for path in sys.path if path.endswith("/src"))]))


@pytest.mark.slow
@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_a_plugin_without_metadata_is_not_discovered_and_the_others_are(plugin, tmp_path):
    expected = {
        kind: {id for id in registry().entries(kind) if registry().owner(kind, id).name != plugin.name}
        for kind in ("tasks", "data", "apps")
    }
    process = subprocess.run(
        [sys.executable, "-S", "-m", "plexus", "list", "--json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path_without(plugin.distribution, tmp_path)},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    document = json.loads(process.stdout)
    assert {kind: set(document[kind]) for kind in expected} == expected


def without_docstrings(source):
    """Return code without docstrings and comments, since their examples may name plugins."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [item for item in body if not _is_text(item)] or [ast.Pass()]
    return ast.unparse(tree)


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@pytest.mark.slow
def test_core_names_no_plugin_no_task_and_no_data_set():
    # The names of two plugins are ordinary words.
    sets = {id for id in registry().entries("data") if "_" in id} | {"imdb", "fsdd", "usps"}
    words = [*({plugin.name for plugin in PLUGINS} - {"apps", "tables"}), *registry().entries("tasks"), *sets]
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    files = sorted((ROOT / "core/src").rglob("*.py"))
    assert files
    names = {
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in files
        for line in without_docstrings(file.read_text()).splitlines()
        if pattern.search(line)
    }
    assert names == set()
