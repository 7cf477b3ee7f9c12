"""Start-up time with many plugins."""

import json
import os
import subprocess
import sys
import time

import pytest

MANY, SECONDS, MODULES = 50, 0.6, 700
PLUGIN = """
from plexus import Entry, hookimpl

@hookimpl
def register_tasks():
    return [Entry("dummy{n}.task", "One line", "plexus_dummy{n}:Nothing")]
"""


@pytest.fixture(scope="module")
def plugin_path(tmp_path_factory):
    """A folder with 50 installed plugins."""
    folder = tmp_path_factory.mktemp("many")
    for n in range(MANY):
        (folder / f"plexus_dummy{n}.py").write_text(PLUGIN.format(n=n))
        info = folder / f"plexus_dummy{n}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plexus-dummy{n}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[plexus]\ndummy{n} = plexus_dummy{n}\n")
    return folder


@pytest.mark.alone
@pytest.mark.parametrize("command", [["--help"], ["list"]], ids=" ".join)
def test_start_with_fifty_plugins_is_fast(plugin_path, command, slowdown, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(plugin_path)}
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "plexus", *command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        seconds.append(time.perf_counter() - started)
    assert done.returncode == 0
    assert ("dummy49.task" in done.stdout) == (command == ["list"])
    assert min(seconds) <= SECONDS * slowdown


def test_few_modules_are_imported(plugin_path, tmp_path):
    code = "import json, sys; from plexus.cli import main; main(['list']); print(json.dumps(sorted(sys.modules)))"
    environment = os.environ | {"PYTHONPATH": str(plugin_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    modules = json.loads(done.stdout.splitlines()[-1])
    assert sum(name.startswith("plexus_dummy") for name in modules) == MANY
    assert len(modules) - MANY <= MODULES
