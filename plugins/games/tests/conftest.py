"""Small environments, and a function that trains in them for seconds."""

import shutil
from pathlib import Path

import pytest

from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer


@pytest.fixture
def toy_environments(monkeypatch, tmp_path):
    """Make `toy_environments` importable here, and by processes that run in the test's folder."""
    folder = Path(__file__).parent
    monkeypatch.syspath_prepend(folder)
    shutil.copy(folder / "toy_environments.py", tmp_path)


@pytest.fixture
def fit(toy_environments, tmp_path):
    """Train without saving a bundle; returns the session."""

    def fit_session(data, **options):
        task = registry().task("games.play")
        values = {"data": data, "evaluate_every": 1000, "schedule": "constant", **options}
        run = Run.start(task.id, task.options.parse(values), folder=tmp_path / "r")
        session = Trainer(task).begin(run, task.load_dataset(run.options))
        session.fit()
        return session

    return fit_session
