"""What is documented is there, and what is there is documented."""

import inspect
import re
from pathlib import Path

import pytest

from plexus import hookspecs
from plexus.cli import COMMANDS

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
