"""What the tests share."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
if "PYTEST_XDIST_WORKER" in os.environ:
    # As many processes as cores: more threads in each would only wait for each other.
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}
ROOT = Path(__file__).parent
PLEXUS = [sys.executable, "-m", "plexus"]
LONG = {"test_devices", "test_hosts"}
"""The core's files that take longest: they begin with those outside the core, so that no process waits at the end."""


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: distribution(item) == "core" and item.path.stem not in LONG)
    folder = os.environ.get("PLEXUS_DATA")
    if folder and (ROOT / folder).is_dir():
        os.environ["PLEXUS_DATA"] = str((ROOT / folder).resolve())
        return
    for item in items:
        if "data" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="PLEXUS_DATA does not name a folder with the real data sets"))


def group_of(item):
    """Tests that share a training run in one process: those of a file, and the conformance of a plugin with its own."""
    if "id" in getattr(item, "callspec", SimpleNamespace(params={})).params and item.path.parent.name == "conformance":
        return item.callspec.params["id"].split(".")[0]
    folder = distribution(item)
    return folder if item.path.name == "test_end_to_end.py" else f"{folder}/{item.path.stem}"


def distribution(item):
    """The folder of the distribution that a test belongs to: `vision` of `plugins/vision/tests/test_codec.py`."""
    return item.path.parent.parent.name


@pytest.fixture(scope="session")
def trial(tmp_path_factory):
    """The folder in which a task's trial was trained, once for all tests: `run`, with the bundle in it."""
    from plexus.testing.task import trained

    folders = {}

    def folder_of(id):
        if id not in folders:
            folders[id] = tmp_path_factory.mktemp(id)
            trained(id, folders[id])
        return folders[id]

    return folder_of


@pytest.fixture
def postgresql():
    """The address of a PostgreSQL server of our own, empty."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or os.getuid() != 0:
        pytest.skip("there is no PostgreSQL here that could be started")
    pytest.importorskip("psycopg", reason="the extra postgres is not installed")
    folder, port = Path(tempfile.mkdtemp(prefix="pg")), free_port()
    shutil.chown(folder, "postgres", "postgres")
    secret = folder.parent / f"{folder.name}.pw"
    secret.write_text("s3cret")

    def run(program, *arguments):
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", programs[-1] / program]
        subprocess.run([*command, *arguments], check=True, capture_output=True)

    run("initdb", "-D", folder / "data", "-A", "scram-sha-256", "-U", "me", f"--pwfile={secret}")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    run("pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://me:s3cret@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder)
        secret.unlink()


def free_port():
    """One that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def port():
    """Of this machine, free."""
    return free_port()


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


def install(package, site):
    """Build a package and install it, as anyone would, into a folder to put on the path."""
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--offline",
    ]
    subprocess.run([*command, "--python", sys.executable, "--target", str(site), str(package)], check=True, timeout=60)
    return site


@pytest.fixture(scope="session")
def parity_path(tmp_path_factory):
    """A folder to put on the path where a third party's small plugin is installed."""
    return install(ROOT / "tests/fixtures/plexus_parity", tmp_path_factory.mktemp("parity"))


@pytest.fixture(scope="session")
def turbines_path(tmp_path_factory):
    """The same of another third party's, of a domain unlike ours."""
    return install(ROOT / "tests/fixtures/plexus_turbines", tmp_path_factory.mktemp("turbines"))


@pytest.fixture
def on_path(monkeypatch):
    """Have what is installed in a folder found, in this process and in those that it starts."""
    from plexus.plugins.registry import registry

    def put(folder):
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setenv("PYTHONPATH", str(folder))
        registry.cache_clear()

    yield put
    registry.cache_clear()


@pytest.fixture
def parity(parity_path, on_path):
    """The small plugin is installed."""
    on_path(parity_path)
    return parity_path
