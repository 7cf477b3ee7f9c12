"""Tiny worlds, and a training of seconds in them."""

import shutil
from pathlib import Path

import pytest

from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import begin


@pytest.fixture
def worlds(monkeypatch, tmp_path):
    """`toy_worlds` can be imported here, and by what is run in the test's folder."""
    folder = Path(__file__).parent
    monkeypatch.syspath_prepend(folder)
    shutil.copy(folder / "toy_worlds.py", tmp_path)


@pytest.fixture
def fitted(worlds, tmp_path):
    """Train without saving a bundle; gives the session."""

    def fit(data, **given):
        task = registry().task("games.play")
        settings = {"evaluate_every": 1000, "schedule": "constant", **given}
        session = begin(task, Run.start(task.id, task.options.parse({"data": data, **settings}), folder=tmp_path / "r"))
        session.fit()
        return session

    return fit
