"""The numbers of the README are those of the bundles."""

import json
import re

import pytest
from snippets import ROOT

ROWS = re.findall(
    r"^\| `(\w+\.\w+/\w+)` \| [^|]+ \| ([\d.-]+)[^|]*\| ([\d.-]+)", (ROOT / "README.md").read_text(), re.MULTILINE
)


def test_there_is_a_row_for_each_model():
    named = {name for name, _, _ in ROWS}
    models = {str(file.parent.relative_to(ROOT / "models")) for file in ROOT.glob("models/*/*/bundle.json")}
    assert named <= models
    built_in = {"fraud.detect/simulated", "language.translate/number_words", "speech.commands/spoken"}
    assert models - named == built_in, "those of built-in data"


@pytest.mark.parametrize(("name", "result", "baseline"), ROWS, ids=lambda value: value)
def test_results_and_baselines_are_those_of_the_bundle(name, result, baseline):
    metrics = json.loads((ROOT / "models" / name / "bundle.json").read_text())["scores"].values()
    for number in (result, baseline):
        digits = len(number.partition(".")[2])
        assert float(number) in {round(value, digits) for value in metrics}
