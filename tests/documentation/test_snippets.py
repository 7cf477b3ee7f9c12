"""The snippets of the documentation run, and commands that cannot be run here are commands that exist."""

import itertools
import re

import pytest
from snippets import ROOT, Page

from plexus.cli import find_command
from plexus.cli.parser import parse_command
from plexus.plugins.registry import registry
from plexus.run import Run

LINE_LENGTH = 120
OWN_TEST = {"first-plugin.md"}
"""Pages whose outputs are tested, too."""
FILES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("plugins/*/README.md")),
    *sorted(ROOT.glob("examples/README.md")),
]
PAGES = {str(file.relative_to(ROOT)): Page(file) for file in FILES}
RUN = [
    name for name, page in PAGES.items() if any(block.runs for block in page.blocks) and page.file.name not in OWN_TEST
]
MODELS = {
    "vision": "vision.classify/mnist",
    "clustering": "clustering.deep/mnist",
    "board": "games.board/tic_tac_toe",
    "games": "games.play/cartpole",
    "sentiment": "sentiment.classify/reviews",
    "fraud": "fraud.detect/simulated",
    "speech": "speech.commands/spoken",
    "faces": "faces.recognize/orl",
    "medical": "medical.classify/pneumoniamnist",
}
BUNDLES = {
    "fraud-model": "fraud",
    "lander": "games",
    "agent": "games",
    "player": "board",
    "kinds": "clustering",
    "reviews-model": "sentiment",
}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", RUN)
def test_the_snippets_of_a_page_run(name, run_page):
    run_page(PAGES[name].file, short="tutorials" not in name)


@pytest.mark.parametrize("name", PAGES)
def test_other_commands_exist(name, tmp_path):
    task = registry().task("vision.classify")
    run = Run.start(task.id, task.options.parse({"data": "digits"}), folder=tmp_path / "run")
    domain = PAGES[name].file.parent.name
    default = MODELS.get(domain, MODELS["vision"])
    replacements = {word: MODELS[key] for word, key in BUNDLES.items()}
    replacements |= {"BUNDLE": default, "my-model": default, "TASK": default.split("/")[0], "RUN": str(run.folder)}
    for words in PAGES[name].parsed_commands():
        words = itertools.takewhile(lambda word: not re.fullmatch(r"[|>&].*", word), words)
        command, *argv = [replacements.get(word, word) for word in words]
        argv = [str(run.folder) if word.startswith("runs/") else word for word in argv]
        parse_command(command, *find_command(command), argv)


@pytest.mark.parametrize("name", PAGES)
def test_lines_are_wrapped(name):
    lines = PAGES[name].file.read_text(encoding="utf-8").splitlines()
    assert [(number, len(line)) for number, line in enumerate(lines, 1) if len(line) > LINE_LENGTH] == []
