"""Our plugins are found as anyone's are."""

import json
import os
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import pytest

from plexus.plugins.registry import registry

ROOT = Path(__file__).parents[2]
OURS = [plugin.name for plugin in registry().plugins]


def site_without(name, folder):
    """All that is installed, but for one entry point of ours."""
    ours = Path(str(distribution("plexus-suite")._path))
    for item in Path(sysconfig.get_path("purelib")).iterdir():
        if item.name != ours.name:
            (folder / item.name).symlink_to(item)
    for package in [*(ROOT / "plugins").iterdir(), *(ROOT / "apps").iterdir(), ROOT / "core/plexus"]:
        if package.is_dir() and package.name.startswith("plexus"):
            (folder / package.name).symlink_to(package)
    info = folder / ours.name
    info.mkdir()
    for file in ("METADATA", "entry_points.txt"):
        lines = (ours / file).read_text().splitlines(keepends=True)
        (info / file).write_text("".join(line for line in lines if not line.startswith(f"{name} = plexus_")))
    return folder


@pytest.mark.parametrize("name", OURS)
def test_without_its_entry_point_a_plugin_is_gone_and_nothing_else_breaks(name, tmp_path):
    owners = {kind: registry().entries(kind) for kind in ("tasks", "data", "apps")}
    rest = {kind: {id for id in entries if registry().owner(kind, id).name != name} for kind, entries in owners.items()}
    done = subprocess.run(
        [sys.executable, "-S", "-m", "plexus", "list", "--json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site_without(name, tmp_path))},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert {kind: set(found[kind]) for kind in rest} == rest


def test_core_names_no_plugin_no_task_and_no_data_set():
    sets = {id for id in registry().entries("data") if "_" in id} | {"imdb", "fsdd", "usps"}
    words = [*(set(OURS) - {"apps"}), *registry().entries("tasks"), *sets]
    found = subprocess.run(
        ["git", "grep", "-nwiE", "|".join(word.replace(".", r"\.") for word in words), "--", "core"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert found.stdout == ""
