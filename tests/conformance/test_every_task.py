"""Every registered task keeps to the contract, ours and a third party's alike."""

import pytest

from plexus.plugins.registry import registry
from plexus.testing import check_plugin, check_task, parametrize_tasks


@parametrize_tasks()
def test_task(id, trial):
    check_task(id, trial(id))


@pytest.mark.parametrize("name", [plugin.name for plugin in registry().plugins])
def test_plugin(name):
    assert check_plugin(name) == []


def test_a_third_partys_domain(turbines_path, on_path, tmp_path):
    """Regression on sequences: a number is answered, machines are kept apart."""
    on_path(turbines_path)
    assert check_plugin("turbines") == []
    bundle = check_task("turbines.life", tmp_path)
    assert bundle.metrics["rmse"] < 0.6 * bundle.metrics["mean_rmse"]
    assert "on machines that training never saw" in (bundle.folder / "README.md").read_text()


def test_a_third_partys_task(parity, tmp_path):
    bundle = check_task("logic.parity", tmp_path)
    assert bundle.predict(["011010", "111111"])[0].label == "odd"
    assert bundle.metrics["accuracy"] > 0.95
