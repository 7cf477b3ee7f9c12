"""Faulty plugins: the error names the plugin and a remedy, and everything else works."""

import importlib.util
import json
import os
import subprocess
from pathlib import Path

import pytest

from plexus.plugins import loading, probe

FIXTURES = Path(__file__).parents[2] / "tests/fixtures"
SPEC = importlib.util.spec_from_file_location("misbehaving", FIXTURES / "misbehaving.py")
MISBEHAVING = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MISBEHAVING)
ERRORS = {name: error for name, (_, error) in MISBEHAVING.MODULES.items() if error}


TIME_LIMITS = """
from plexus.plugins import loading, probe

loading.IMPORT_SECONDS, probe.MAX_SECONDS = {}, {}
"""
"""Statements that set how long the import of a plugin and a process of doctor may take, in seconds."""


def install(folder, name, source, distribution=None):
    """Install a plugin in a folder of the path, with its metadata."""
    distribution = distribution or f"the-{name}".replace("_", "-")
    (folder / f"plexus_{name}.py").write_text(source)
    info = folder / f"{distribution.replace('-', '_')}-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text(f"[plexus]\n{name} = plexus_{name}\n")


@pytest.fixture
def path(parity_path, tmp_path):
    """Install all faulty plugins and a correct one."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name, (source, _) in MISBEHAVING.MODULES.items():
        install(folder, name, source)
    return {"PYTHONPATH": f"{folder}:{parity_path}"}


def test_each_faulty_plugin_is_named_with_its_distribution_and_a_remedy(plexus, path):
    done = plexus("plugins", "list", **path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    for name, error in ERRORS.items():
        distribution = f"the-{name}".replace("_", "-")
        (at,) = [number for number, line in enumerate(lines) if line.startswith(f"{name:12} {distribution} 0.1")]
        assert error in lines[at]
        assert lines[at + 1].strip() == f"update {distribution}, or disable it: plexus plugins disable {name}"


@pytest.mark.slow
def test_everything_else_works(plexus, path, refused):
    assert plexus("--help", **path).returncode == 0
    done = plexus("list", "tasks", "--json", **path)
    assert done.stderr == ""
    tasks = json.loads(done.stdout)["tasks"]
    assert "vision.classify" in tasks
    assert {"logic.parity", "mis.good"}.isdisjoint(tasks)
    line = refused("train", "logic.parity", **path)
    assert "registered twice, by plugin 'duplicate' of the-duplicate 0.1 and plugin 'parity' of plexus-parity" in line


@pytest.mark.slow
def test_a_missing_target_is_an_error_when_it_is_used(plexus, path, refused):
    line = refused("train", "mis.nowhere", **path)
    assert "plugin 'no_target' of the-no-target 0.1 is broken: plexus_no_target:No, the target of mis.nowhere" in line
    assert line.strip().endswith("plexus plugins disable no_target")
    done = plexus("plugins", "check", "no_target", **path)
    assert done.returncode == 1
    assert "plexus_no_target:No cannot be loaded" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["import_error", "exits", "exits_at_once", "duplicate"])
def test_a_plugin_that_cannot_be_imported_can_be_disabled(plexus, path, name):
    assert plexus("plugins", "disable", name, **path).returncode == 0
    (line,) = [line for line in plexus("plugins", "list", **path).stdout.splitlines() if line.startswith(f"{name:12}")]
    assert line.endswith("disabled")
    if name == "duplicate":
        assert "logic.parity" in plexus("list", "tasks", **path).stdout


def test_of_two_plugins_with_the_same_name_the_second_is_named(plexus, path):
    site = Path(path["PYTHONPATH"].split(":")[0])
    install(site, "raises", MISBEHAVING.MODULES["raises"][0], distribution="zz-another")
    assert "the-raises has a plugin of that name already" in plexus("plugins", "list", **path).stdout


def test_strict_raises_the_plugins_own_error(plexus, tmp_path):
    install(tmp_path, "raises", MISBEHAVING.MODULES["raises"][0])
    done = plexus("list", PLEXUS_STRICT="1", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "plexus_raises.py" in done.stderr
    assert "ZeroDivisionError: oops" in done.stderr


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "broken"
    folder.mkdir()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("metadata", "points", "name"),
    [
        (b"Metadata-Version: 2.1\n", b"[plexus]\nbad = plexus_nothing_at_all\n", "bad"),
        (b"\xff\xfe\x00", b"[plexus]\nbad = plexus_nothing_at_all\n", "bad"),
        (b"", b"[plexus]\nbad = \xff\xff\n", "the_bad"),
        (b"Name: the-bad\nVersion: 1\n", b"[plexus]\nno line of a point\n", "the-bad"),
        (b"Name: the-bad\nVersion: 1\n", b"[plexus]\nbad = not a module!\n", "bad"),
        (b"Name: the-bad\nVersion: 1\n", b"[plexus]\nbad = \n", "bad"),
    ],
)
def test_a_broken_distribution_is_named_and_can_be_disabled(plexus, site, metadata, points, name):
    info = site / "the_bad-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_bytes(metadata)
    (info / "entry_points.txt").write_bytes(points)
    path = {"PYTHONPATH": str(site), "PLEXUS_SETTINGS": str(site / "settings.json")}
    listed = plexus("list", "tasks", "--json", **path)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "vision.classify" in json.loads(listed.stdout)["tasks"]
    lines = plexus("plugins", "list", **path).stdout.splitlines()
    assert [line for line in lines if line.startswith(f"{name:12}") and not line.endswith("  ok")]
    assert plexus("plugins", "disable", name, **path).returncode == 0
    assert [line for line in plexus("plugins", "list", **path).stdout.splitlines() if line.endswith("disabled")]


@pytest.fixture
def plexus_with_limits(fork, plexus_program, tmp_path):
    """Run the command line with limits: seconds of an import, seconds of a process of doctor, arguments.

    It runs in a copy of a process that has imported TensorFlow, as doctor does.
    """

    def run(import_seconds, process_seconds, *arguments, **environment):
        program = plexus_program(TIME_LIMITS.format(import_seconds, process_seconds))
        command = [*fork, "", program, *arguments]
        environment = os.environ | environment
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280)

    return run


@pytest.mark.slow
def test_a_plugin_that_sleeps_when_it_is_imported_is_left_out(plexus_with_limits, plexus, site):
    install(site, "sleeps", "import time\nwhile True:\n    try: time.sleep(9)\n    except Exception: pass\n")
    path = {"PYTHONPATH": str(site), "PLEXUS_SETTINGS": str(site / "settings.json")}
    assert loading.IMPORT_SECONDS == 10
    listed = plexus_with_limits(2.5, 20.0, "list", "tasks", **path)
    assert listed.returncode == 0
    assert "plugin 'sleeps' of the-sleeps 0.1 is broken: it has not been loaded after 2.5 s" in listed.stdout
    assert plexus_with_limits(2.5, 20.0, "plugins", "disable", "sleeps", **path).returncode == 0
    assert "broken" not in plexus("list", "tasks", **path).stdout


@pytest.mark.slow
def test_doctor_names_a_plugin_that_crashes_its_process(plexus_with_limits, plexus, site):
    install(site, "crash", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    install(site, "raises", MISBEHAVING.MODULES["raises"][0])
    settings = site / "settings.json"
    settings.write_text("[")
    done = plexus_with_limits(10.0, 20.0, "doctor", "--json", PYTHONPATH=str(site), PLEXUS_SETTINGS=str(settings))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["plugins"]["crash"].startswith("it ends the process with status -9 when it is loaded")
    assert report["plugins"]["raises"] == "ZeroDivisionError: oops"
    assert report["plugins"]["vision"] == "ok"
    assert "settings.json is damaged" in report["settings"]
    assert plexus("plugins", "disable", "crash", PYTHONPATH=str(site), PLEXUS_SETTINGS=str(settings)).returncode == 0
    assert plexus("list", PYTHONPATH=str(site), PLEXUS_SETTINGS=str(settings)).returncode == 0


@pytest.mark.slow
def test_doctor_knows_a_plugin_from_a_copy_of_its_process(plexus_with_limits, site):
    install(site, "forks", "import os\nif os.fork() == 0:\n    raise SystemExit(0)\n")
    install(site, "forks_and_crashes", "import os, signal\nif os.fork():\n    os.kill(os.getpid(), signal.SIGKILL)\n")
    path = {"PYTHONPATH": str(site), "PLEXUS_SETTINGS": str(site / "settings.json")}
    done = plexus_with_limits(10.0, 20.0, "doctor", "--json", **path)
    assert done.returncode == 0, done.stderr
    plugins = json.loads(done.stdout)["plugins"]
    assert plugins["forks_and_crashes"].startswith("it ends the process with status -9 when it is loaded")
    assert (plugins["forks"], plugins["vision"]) == ("ok", "ok")


@pytest.mark.slow
def test_doctor_names_plugins_that_do_not_let_their_process_end(plexus_with_limits, site):
    blocked = "it does not let the process end"
    plugins = {
        "thread": ("import threading, time\nthreading.Thread(target=time.sleep, args=(3600,)).start()\n", blocked),
        "at_exit": ("import atexit, time\natexit.register(time.sleep, 3600)\n", blocked),
        "sleeps": ("import signal, time\nsignal.alarm(0)\ntime.sleep(3600)\n", "it has not been loaded after 9 s"),
        "status": (
            "import atexit, os\natexit.register(lambda: os._exit(3))\n",
            "it ends the process with status 3 when it is unloaded",
        ),
    }
    for name, (source, _) in plugins.items():
        install(site, name, source)
    path = {"PYTHONPATH": str(site), "PLEXUS_SETTINGS": str(site / "settings.json")}
    assert probe.MAX_SECONDS == 20
    done = plexus_with_limits(10.0, 9.0, "doctor", "--json", **path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)["plugins"]
    for name, (_, fault) in plugins.items():
        assert fault in report[name]
        assert report[name].endswith(f"; plexus plugins disable {name}")
    assert report["vision"] == "ok"


@pytest.mark.slow
@pytest.mark.parametrize("base", ["Exception", "BaseException", "ImportError"])
def test_an_exception_that_cannot_be_formatted_is_named_by_its_type(plexus, site, base):
    source = f"class Odd({base}):\n    def __str__(self): raise SystemExit(4)\nraise Odd\n"
    install(site, "odd", source)
    path = {"PYTHONPATH": str(site), "PLEXUS_SETTINGS": str(site / "settings.json")}
    listed = plexus("list", "tasks", **path)
    assert listed.returncode == 0, listed.stderr
    assert "plugin 'odd' of the-odd 0.1 is broken: Odd; update it, or disable it" in listed.stdout
    (site / "my_module.py").write_text(source)
    done = plexus("train", "games.play", "--data", "X-v0", "--import", "my_module", **path)
    assert done.returncode == 2, done.stderr
    assert "--import my_module: the module cannot be imported: Odd" in done.stderr


@pytest.mark.slow
def test_settings_that_are_no_regular_file_are_named_and_kept(plexus, site):
    pipe, device, large = site / "pipe", site / "zero", site / "large"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    large.write_bytes(b" " * (2 << 20))
    reasons = {pipe: "is not a regular file", device: "is not a regular file", large: "has 2,097,152 bytes"}
    for file, reason in reasons.items():
        listed = plexus("list", "tasks", PLEXUS_SETTINGS=str(file))
        assert listed.returncode == 0
        assert f"{file} {reason}" in listed.stderr
        assert "vision.classify" in listed.stdout
    for file in (pipe, device):
        assert plexus("plugins", "disable", "vision", PLEXUS_SETTINGS=str(file)).returncode == 2
    assert pipe.is_fifo()
    assert device.is_symlink()


def test_a_link_to_the_settings_is_followed(plexus, site):
    (site / "mine.json").write_text('{"disabled": ["vision"]}')
    (site / "settings.json").symlink_to("mine.json")
    assert "vision.classify" not in plexus("list", "tasks", PLEXUS_SETTINGS=str(site / "settings.json")).stdout
