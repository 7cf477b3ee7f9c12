"""Fixtures of all tests."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from plexus.data.number_format import reset_decimal_comma

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
if "PYTEST_XDIST_WORKER" in os.environ:
    # There is one process per core: more threads would only compete for the cores.
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1"}
ROOT = Path(__file__).parent
PLEXUS = [sys.executable, "-m", "plexus"]
FORKING = ROOT / "tests/fixtures/forking.py"
SCRIPT = "import runpy, sys; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
"""A program that runs the file of its first argument."""
FORKED = {"train", "pretrain", "tune", "evaluate", "export", "doctor"}
"""Commands that import TensorFlow: they run in copies of a process that has imported it."""
LONG = {"test_devices", "test_hosts"}
"""The slowest test files of the core: they start first, so that no process is idle at the end."""
LONG_CHECK = "check_resumed_training_is_identical"
"""The conformance check that trains most: `make test-all` runs it, `make test` the tests of resuming in the core."""
TRAINING = {"test_end_to_end", "test_conformance"}
"""Files of a plugin that share trained trials: they run in one process."""
TRIALS_OF = {
    "test_board_room": "games",
    "test_report": "vision",
    "test_detection_command": "vision",
    "test_cold_prediction": "language",
    "test_ctranslate2_export": "language",
    "test_risk_desk": "tables",
    "test_translator": "language",
    "test_xray_reader": "medical",
    "test_xray_reader_page": "medical",
}
"""Other files with tests of the fixture `trial`, by the plugin that the trials are of: they run in its process."""

REFERENCE_SECONDS = 0.05
"""Time of a million squares in Python on the reference machine of the time limits, in seconds."""


def pytest_make_parametrize_id(val, argname):
    """Name a parameter of bytes after its argument: `gzip.compress` writes the time, and ids must be the same in all
    processes.
    """
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    for item in items:
        if LONG_CHECK in item.name:
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: domain_of(item) == "core" and item.path.stem not in LONG)
    folder = os.environ.get("PLEXUS_DATA")
    if folder and (ROOT / folder).is_dir():
        os.environ["PLEXUS_DATA"] = str((ROOT / folder).resolve())
        return
    for item in items:
        if "data" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="PLEXUS_DATA does not name a folder with the real data sets"))


def domain_of(item):
    """Return the folder of the distribution that a test belongs to: `core`, `vision`, `apps`."""
    return item.path.parent.parent.name


def group_of(item):
    """Return the group of tests that run in one process: those of a file, or those that share trained trials."""
    if "trial" in item.fixturenames and item.path.stem in TRIALS_OF:
        return f"{TRIALS_OF[item.path.stem]}/training"
    name = "training" if item.path.stem in TRAINING else item.path.stem
    return f"{domain_of(item)}/{name}"


@pytest.fixture(scope="session")
def trial():
    """A function that trains a task's trial, once for all tests of the process, and returns its folder."""

    from plexus.testing.trial import shared_trial

    def train(id):
        shared_trial(id).bundle  # noqa: B018 - trains
        return shared_trial(id).folder

    return train


@pytest.fixture(scope="session")
def slowdown():
    """Ratio of the time of fixed work on this machine to that on the reference machine, at least 1."""
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        sum(number * number for number in range(1_000_000))
        seconds.append(time.perf_counter() - started)
    return max(1.0, min(seconds) / REFERENCE_SECONDS)


@pytest.fixture(scope="session")
def edit_manifest():
    """A function that changes the manifest of a bundle as its author could: with right checksums.

    `edit_manifest(folder, change)` calls `change(manifest)`; the checksums of the files are those that they have then.
    """
    from plexus.utils.checked_json import dump_checked_json
    from plexus.utils.files import sha256

    def edit(folder, change):
        file = folder / "bundle.json"
        manifest = json.loads(file.read_text())
        del manifest["sha256"]
        manifest["files"] = {name: sha256(folder / name) for name in manifest["files"]}
        change(manifest)
        file.write_bytes(dump_checked_json(manifest))

    return edit


@pytest.fixture
def postgresql():
    """The address of an empty PostgreSQL server that runs for one test."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or os.getuid() != 0:
        pytest.skip("PostgreSQL is not installed, or the tests do not run as root")
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
    """Return a port of this machine that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def port():
    """A port of this machine that is not in use."""
    return free_port()


@pytest.fixture(autouse=True)
def _no_user_settings(tmp_path_factory, monkeypatch):
    """Hide the user's settings from all tests."""
    monkeypatch.setenv("PLEXUS_SETTINGS", str(tmp_path_factory.getbasetemp() / "settings.json"))


@pytest.fixture(autouse=True)
def _without_decimal_comma():
    """Forget the number format of the tables that earlier tests read, as every training does."""
    reset_decimal_comma()


@contextmanager
def forking(backend, **variables):
    """Yield the command that runs a program in a copy of a process that has imported a backend: see `forking.py`.

    The environment variables are those of the import.
    """
    if sys.platform != "linux":
        yield [sys.executable, str(FORKING), ""]
        return
    folder = tempfile.mkdtemp(prefix="plexus-")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{folder}/socket")
        listener.listen()
        command, files = [sys.executable, FORKING, str(listener.fileno()), backend], [listener.fileno()]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, pass_fds=files)
    yield [sys.executable, "-S", str(FORKING), f"{folder}/socket"]
    process.kill()
    process.communicate()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def fork():
    """The command that runs a program in a copy of a process that has imported TensorFlow.

    The folder of packages, the program and its arguments follow.
    """
    with forking("tensorflow") as command:
        yield command


@pytest.fixture(scope="session")
def fork_jax():
    """The command that runs a program in a copy of a process that has imported JAX.

    JAX uses the CPU alone: the variable that `--devices cpu` sets is read when it is imported.
    """
    with forking("jax", JAX_PLATFORMS="cpu") as command:
        yield command


@pytest.fixture(scope="session")
def plexus_program():
    """The function that returns the command line as a program, which first executes statements such as new limits."""
    return lambda statements="": f"{statements}\nimport plexus.cli\nraise SystemExit(plexus.cli.main())"


@pytest.fixture(scope="session")
def forked_plexus(fork, plexus_program):
    """The command line in a copy of a process that has imported TensorFlow; the arguments follow."""
    return [*fork, "", plexus_program()]


@pytest.fixture
def forked_script(request):
    """The function that returns the command that runs a file in a copy of a process that has imported a backend.

    The file and its arguments follow. After killing the command, read its output to the end: the copy may still write.
    """

    def command(backend="tensorflow"):
        if find_spec(backend) is None:
            pytest.skip(f"the extra {backend} is not installed")
        fixtures = {"tensorflow": "fork", "jax": "fork_jax"}
        if backend not in fixtures:
            return [sys.executable]
        return [*request.getfixturevalue(fixtures[backend]), "", SCRIPT]

    return command


@pytest.fixture
def plexus(request, tmp_path):
    """Run the command line in an empty folder and return the finished process."""

    def run(*arguments, **environment):
        command = PLEXUS
        if arguments[0] in FORKED and "--backend" not in arguments and not environment:
            command = request.getfixturevalue("forked_plexus")
        return subprocess.run(
            [*command, *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=280,
        )

    return run


@pytest.fixture
def refused(plexus):
    """Run a command that must fail with status 2 and one line on standard error; return the line."""

    def run(*arguments, **environment):
        done = plexus(*arguments, **environment)
        assert done.returncode == 2, done.stderr
        assert done.stdout == ""
        assert done.stderr.startswith("plexus: ")
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    return run


def install(package, site):
    """Build a package and install it into a folder for the path."""
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
    """A folder for the path in which a small third-party plugin is installed."""
    return install(ROOT / "tests/fixtures/plexus_parity", tmp_path_factory.mktemp("parity"))


@pytest.fixture(scope="session")
def turbines_path(tmp_path_factory):
    """A folder for the path in which a third-party plugin of another domain is installed."""
    return install(ROOT / "tests/fixtures/plexus_turbines", tmp_path_factory.mktemp("turbines"))


@pytest.fixture
def on_path(monkeypatch):
    """Put a folder on the path of this process and of those that it starts."""
    from plexus.plugins.registry import registry

    def put(folder):
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setenv("PYTHONPATH", str(folder))
        registry.cache_clear()

    yield put
    registry.cache_clear()


@pytest.fixture
def parity(parity_path, on_path):
    """Install the small plugin."""
    on_path(parity_path)
    return parity_path
