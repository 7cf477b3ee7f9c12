"""The commands of docs/plugins.md, one after another, in an empty folder."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from plexus.testing.runner import PLUGIN_CHECKS, TASK_CHECKS

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs/plugins.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def shell(tmp_path):
    """A function that runs a block of the page in a new environment, in which Plexus is installed."""
    here = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", here], check=True)
    (site,) = here.glob("lib/python*/site-packages")
    (site / "plexus.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for tool in ("plexus", "pip", "pytest"):
        (here / "bin" / tool).write_text(f'#!/bin/sh\nexec "{here}/bin/python" -m {tool} "$@"\n')
        (here / "bin" / tool).chmod(0o755)
    # The tools of the build are installed: no package index is contacted.
    environment = os.environ | {
        "PATH": f"{here}/bin:{os.environ['PATH']}",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }

    def run(block):
        done = subprocess.run(
            ["sh", "-e", "-c", block], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
        return done.stdout

    return run


def test_the_commands_of_the_page(shell, tmp_path):
    first, served, more = map(shell, BLOCKS)
    assert "weather      plexus-weather 0.1.0  ok" in first
    assert '{"column_0": 0.5, "column_1": -0.2}  lower' in first
    (result,) = json.loads(served.splitlines()[0].partition("stopped;")[0])
    assert result["answer"]["label"] == "lower"
    rows = (tmp_path / "predictions.csv").read_text().splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [["0.5", "-0.2", "lower"], ["0.0", "1.0", "upper"]]
    assert f"{len(PLUGIN_CHECKS) + len(TASK_CHECKS)} passed" in more


def test_the_counts_of_the_page(plexus, tmp_path):
    plexus("plugins", "new", "weather")
    files = [file for file in (tmp_path / "plexus-weather").rglob("*") if file.is_file()]
    text = "\n".join(file.read_text() for file in files if file.suffix == ".py")
    lines = [line for line in text.splitlines() if line.strip()]
    commands, count, total = re.search(r"(\w+) commands .* write (\w+) files with (\d+) lines of Python", PAGE).groups()
    assert (commands, len(BLOCKS[0].splitlines())) == ("Five", 5)
    assert (count, len(files)) == ("seven", 7)
    assert len(lines) == int(total) <= 60


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Weather", "of lower-case letters, digits and underscores, like weather, got 'Weather'"),
        ("class", "got 'class'"),
        ("vision", "plugin 'vision' of plexus-vision"),
    ],
)
def test_a_name_that_cannot_be_used(refused, tmp_path, name, error):
    assert error in refused("plugins", "new", name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(plexus, refused, tmp_path):
    assert plexus("plugins", "new", "weather").returncode == 0
    (tmp_path / "plexus-weather/README.md").write_text("mine")
    assert "exists already" in refused("plugins", "new", "weather")
    assert (tmp_path / "plexus-weather/README.md").read_text() == "mine"
