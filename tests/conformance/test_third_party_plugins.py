"""Third-party plugins pass the conformance checks, and each plugin of Plexus runs them."""

from pathlib import Path

import pytest

from plexus.plugins.registry import registry
from plexus.testing import check_plugin, check_task

ROOT = Path(__file__).parents[2]
TEST = '@parametrize_with_checks("{name}")\ndef test_conformance(check):\n    check()\n'


@pytest.mark.parametrize("plugin", registry().plugins, ids=lambda plugin: plugin.name)
def test_each_plugin_runs_the_checks(plugin):
    folder = ROOT / "apps" if plugin.name == "apps" else ROOT / "plugins" / plugin.name
    assert TEST.format(name=plugin.name) in (folder / "tests/test_conformance.py").read_text()


@pytest.mark.slow
def test_regression_on_sequences(turbines_path, on_path, tmp_path):
    on_path(turbines_path)
    assert check_plugin("turbines") == []
    bundle = check_task("turbines.life", tmp_path)
    assert bundle.metrics["rmse"] < 0.6 * bundle.metrics["mean_rmse"]
    assert "on machines that training never saw" in (bundle.folder / "README.md").read_text()


@pytest.mark.slow
def test_classification(parity, tmp_path):
    assert check_plugin("parity") == []
    bundle = check_task("logic.parity", tmp_path)
    assert bundle.predict(["011010", "111111"])[0].label == "odd"
    assert bundle.metrics["accuracy"] > 0.95
