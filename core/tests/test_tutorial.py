"""The commands of docs/plugins.md, one after another, from an empty folder."""

import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/plugins.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def shell(tmp_path):
    """Run a block of the page in an environment of its own, in which Plexus is installed; gives what it said."""
    here = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", here], check=True)
    (site,) = here.glob("lib/python*/site-packages")
    (site / "plexus.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for tool in ("plexus", "pip", "pytest"):
        (here / "bin" / tool).write_text(f'#!/bin/sh\nexec "{here}/bin/python" -m {tool} "$@"\n')
        (here / "bin" / tool).chmod(0o755)
    # The build's tools are there already: no index is asked.
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


def test_the_page_leads_from_nothing_to_answers(shell, tmp_path):
    first, served, more = map(shell, BLOCKS)
    assert "weather      plexus-weather 0.1.0  ok" in first
    assert '{"x": 0.5, "y": -0.2}  lower' in first
    (answer,) = json.loads(served.splitlines()[0].partition("stopped;")[0])
    assert answer["answer"]["label"] == "lower"
    rows = (tmp_path / "answers.csv").read_text().splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [["0.5", "-0.2", "lower"], ["0.0", "1.0", "upper"]]
    assert "2 passed" in more


def test_what_its_first_paragraph_counts_is_so(plexus, tmp_path):
    plexus("plugins", "new", "weather")
    files = [file for file in (tmp_path / "plexus-weather").rglob("*") if file.is_file()]
    lines = {file.name: len(file.read_text().splitlines()) for file in files}
    commands, count, total, task = re.search(
        r"(\w+) commands .*? they write (\w+) files of some (\d+) lines, of which the task itself is (\d+)", PAGE
    ).groups()
    assert commands == "Five"
    assert len(BLOCKS[0].splitlines()) == 5
    assert count == "seven"
    assert len(files) == 7
    assert sum(lines.values()) == pytest.approx(int(total), abs=5)
    assert lines["task.py"] == int(task)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Weather", "of small letters, digits and underscores, like weather, not 'Weather'"),
        ("class", "not 'class'"),
        ("vision", "plugin 'vision' of plexus-suite"),
    ],
)
def test_a_name_that_cannot_be_used(refused, tmp_path, name, said):
    assert said in refused("plugins", "new", name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(plexus, refused, tmp_path):
    assert plexus("plugins", "new", "weather").returncode == 0
    (tmp_path / "plexus-weather/README.md").write_text("mine")
    assert "exists already" in refused("plugins", "new", "weather")
    assert (tmp_path / "plexus-weather/README.md").read_text() == "mine"
