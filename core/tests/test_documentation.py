"""What is documented is there, and what is there is documented."""

import inspect
import re
from pathlib import Path

import pytest

from plexus.cli import COMMANDS
from plexus.plugins import hookspecs

ROOT = Path(__file__).parents[2]
DOCS = {file: file.read_text() for file in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
HOOKS = [function for function in vars(hookspecs).values() if hasattr(function, "plexus_spec")]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_every_hook_and_its_signature_is_documented(hook):
    signature = str(inspect.signature(hook)).replace("'", "").replace('"', "")
    assert f"`{hook.__name__}{signature}`" in DOCS[ROOT / "docs/plugins.md"]


def test_every_command_is_in_the_readme():
    missing = [name for name in COMMANDS if f"plexus {name}" not in DOCS[ROOT / "README.md"]]
    assert not missing


@pytest.mark.parametrize("file", DOCS, ids=lambda file: file.name)
def test_links_lead_somewhere(file):
    targets = re.findall(r"\]\(([^)#\s]+)", DOCS[file])
    missing = [target for target in targets if "://" not in target and not (file.parent / target).exists()]
    assert not missing


def test_the_order_of_a_tasks_methods_is_the_one_of_training(parity, tmp_path):
    """The table of architecture.md, beside the calls of a real training."""
    from plexus.plugins.registry import registry
    from plexus.run import Run
    from plexus.training.trainer import train

    page = DOCS[ROOT / "docs/architecture.md"]
    told = re.findall(r"^\| \d+ \| `(\w+)\(", page, re.MULTILINE)
    task, called = registry().task("logic.parity"), []

    def noting(name, method):
        def call(*arguments, **named):
            called.append(name)
            return method(*arguments, **named)

        return call

    for name in (*told, "report"):
        setattr(task, name, noting(name, getattr(task, name)))
    train(task, Run.start(task.id, task.options.parse({"epochs": 1}), folder=tmp_path / "run"))
    assert list(dict.fromkeys(called)) == [*told, "report"]


def test_the_folders_of_the_picture_are_there():
    page = DOCS[ROOT / "docs/architecture.md"]
    named = re.findall(r"`((?:core|plugins|apps|tests|docs|benchmarks)/[\w/.]+)`", page)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
