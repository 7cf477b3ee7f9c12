"""What is public is listed, and a change to it is told."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)


@pytest.mark.parametrize("page", generate.pages(), ids=lambda page: page.name)
def test_what_is_generated_is_of_todays_code(page):
    assert page.read_text() == generate.pages()[page], "run: python docs/generate.py"


def test_the_changelog_knows_the_interface():
    said = f"Plugin interface {generate.hookspecs.API}, fingerprint `{generate.fingerprint()}`"
    assert said in (ROOT / "CHANGELOG.md").read_text(), f"say in CHANGELOG.md what changed, and: {said}"
