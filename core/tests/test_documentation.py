"""The documentation is complete, and its links and names are valid."""

import inspect
import re
from pathlib import Path

import pytest

from plexus.plugins import hookspecs
from plexus.plugins.core_commands import CORE_COMMANDS
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.task import Task
from plexus.tasks import abilities
from plexus.training.trainer import Trainer

ROOT = Path(__file__).parents[2]
FILES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("*/**/README.md"))]
DOCS = {
    file: file.read_text()
    for file in FILES
    if not {"models", ".venv", "runs", "build"} & set(file.relative_to(ROOT).parts)
}
HOOKS = [function for function in vars(hookspecs).values() if hasattr(function, "plexus_spec")]
CONTRACTS = DOCS[ROOT / "docs/reference/contracts.md"]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_every_hook_and_its_signature_is_documented(hook):
    signature = str(inspect.signature(hook)).replace("'", "").replace('"', "")
    assert f"`{hook.__name__}{signature}`" in DOCS[ROOT / "docs/reference/plugins.md"]


def test_every_command_is_documented():
    text = "\n".join(DOCS.values())
    missing = [name for name in CORE_COMMANDS if f"plexus {name}" not in text]
    assert not missing


@pytest.mark.parametrize("file", DOCS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_to_files(file):
    targets = re.findall(r"\]\(([^)#\s]+)", DOCS[file])
    missing = [target for target in targets if ":" not in target and not (file.parent / target).exists()]
    assert not missing


def test_every_method_of_a_task_is_documented():
    documented = set(re.findall(r"`(\w+)\(", CONTRACTS))
    methods = {name for name, member in vars(Task).items() if inspect.isfunction(member) and not name.startswith("_")}
    assert methods - documented == set()


def test_every_ability_is_documented():
    assert len(abilities.__all__) >= 20
    for name in abilities.__all__:
        protocol = getattr(abilities, name)
        methods = [key for key, value in vars(protocol).items() if inspect.isfunction(value) and key[0] != "_"]
        (row,) = re.findall(rf"^\| `{name}` \|.*$", CONTRACTS, re.MULTILINE)
        assert [method for method in methods if f"`{method}`" not in row] == []


@pytest.mark.slow
def test_the_documented_order_of_methods_is_that_of_a_training(parity, tmp_path):
    names = re.findall(r"^\| \d+ \| `(\w+)\(", CONTRACTS, re.MULTILINE)
    task, calls = registry().task("logic.parity"), []

    def recorded(name, method):
        def call(*arguments, **keywords):
            calls.append(name)
            return method(*arguments, **keywords)

        return call

    for name in names:
        setattr(task, name, recorded(name, getattr(task, name)))
    Trainer(task, quiet=True).train(Run.start(task.id, task.options.parse({"epochs": 1}), folder=tmp_path / "run"))
    assert list(dict.fromkeys(calls)) == names


def test_the_folders_of_the_architecture_exist():
    page = DOCS[ROOT / "docs/explanation/architecture.md"]
    named = re.findall(r"`((?:core|plugins|apps|tests|docs|examples|benchmarks)/[\w/.]+)`", page)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
