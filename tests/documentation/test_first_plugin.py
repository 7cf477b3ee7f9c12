"""The commands of the tutorial about plugins, one after another, in an empty folder."""

import re

import pytest
from snippets import ROOT, Page

from plexus.testing.runner import PLUGIN_CHECKS, TASK_CHECKS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FILE = ROOT / "docs/tutorials/first-plugin.md"
PAGE = " ".join(FILE.read_text(encoding="utf-8").split())
BLOCKS = Page(FILE).blocks


def test_the_commands_of_the_page(run_page, tmp_path):
    clusters, cultivar, wider, wine_checks, weather, more = run_page(FILE)
    assert "wine         plexus-wine 0.1.0  ok" in clusters
    assert "Accuracy (Hungarian method)" in clusters
    assert "  Barolo  " in cultivar
    assert "baseline" in wider
    assert f"{len(PLUGIN_CHECKS) + len(TASK_CHECKS)} passed" in wine_checks
    assert "weather      plexus-weather 0.1.0  ok" in weather
    assert '{"column_0": 0.5, "column_1": -0.2}  lower' in weather
    rows = (tmp_path / "folder/predictions.csv").read_text().splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [["0.5", "-0.2", "lower"], ["0.0", "1.0", "upper"]]
    assert f"{len(PLUGIN_CHECKS) + len(TASK_CHECKS)} passed" in more


def test_the_plugin_begins_with_eight_lines():
    first = next(block for block in BLOCKS if block.title)
    assert len([line for line in first.text.splitlines() if line.strip()]) == 8


def test_the_counts_of_the_page(plexus, tmp_path):
    plexus("plugins", "new", "weather")
    files = [file for file in (tmp_path / "plexus-weather").rglob("*") if file.is_file()]
    text = "\n".join(file.read_text() for file in files if file.suffix == ".py")
    lines = [line for line in text.splitlines() if line.strip()]
    pattern = r"(\w+) commands lead .* write (\w+) files with (\d+) lines of Python"
    commands, count, total = re.search(pattern, PAGE).groups()
    (block,) = [block for block in BLOCKS if block.text.startswith("plexus plugins new")]
    assert (commands, len(block.text.splitlines())) == ("Five", 5)
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
