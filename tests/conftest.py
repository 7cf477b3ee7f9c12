"""What the tests share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
ROOT = Path(__file__).parents[1]
PLEXUS = [sys.executable, "-m", "plexus"]


def pytest_collection_modifyitems(items):
    folder = os.environ.get("PLEXUS_DATA")
    if folder and (ROOT / folder).is_dir():
        os.environ["PLEXUS_DATA"] = str((ROOT / folder).resolve())
        return
    for item in items:
        if "data" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="PLEXUS_DATA does not name a folder with the real data sets"))


@pytest.fixture(autouse=True)
def _alone(tmp_path_factory, monkeypatch):
    """No test sees the user's own settings."""
    monkeypatch.setenv("PLEXUS_SETTINGS", str(tmp_path_factory.getbasetemp() / "settings.json"))


@pytest.fixture
def plexus(tmp_path):
    """Run the command line in an empty folder; gives the finished process."""

    def run(*arguments, **environment):
        return subprocess.run(
            [*PLEXUS, *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=280,
        )

    return run


@pytest.fixture
def refused(plexus):
    """Run what must be refused: status 2, one line on standard error, no traceback; gives the line."""

    def run(*arguments, **environment):
        done = plexus(*arguments, **environment)
        assert done.returncode == 2, done.stderr
        assert done.stdout == ""
        assert done.stderr.startswith("plexus: ")
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    return run


@pytest.fixture(scope="session")
def parity_path(tmp_path_factory):
    """A folder to put on the path where the third party's plugin is installed, metadata and all."""
    folder = tmp_path_factory.mktemp("site")
    source = ROOT / "tests/fixtures/plexus_parity"
    (folder / "plexus_parity").symlink_to(source / "src/plexus_parity")
    info = folder / "plexus_parity-1.2.3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plexus-parity\nVersion: 1.2.3\n")
    (info / "entry_points.txt").write_text("[plexus]\nparity = plexus_parity.plugin\n")
    return folder


@pytest.fixture
def parity(parity_path, monkeypatch):
    """The third party's plugin is installed, in this process too."""
    from plexus.registry import registry

    monkeypatch.syspath_prepend(parity_path)
    monkeypatch.setenv("PYTHONPATH", str(parity_path))
    registry.cache_clear()
    yield parity_path
    registry.cache_clear()
