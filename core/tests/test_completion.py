"""Completion of the command line in a shell."""

import os
import shutil
import subprocess
import sys
import time

import pytest

from plexus.cli import main
from plexus.cli.completion import install_completion
from plexus.errors import InputError

HEAVY = "cv2 jax keras matplotlib onnxruntime sklearn tensorflow torch"


def complete(line, folder, program=("-m", "plexus"), **variables):
    """Return the completions of a line, by the protocol of argcomplete, and the finished process."""
    file = folder / "completions"
    environment = (
        os.environ
        | variables
        | {
            "_ARGCOMPLETE": "1",
            "_ARGCOMPLETE_IFS": "\n",
            "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
            "_ARGCOMPLETE_STDOUT_FILENAME": str(file),
            "COMP_LINE": line,
            "COMP_POINT": str(len(line)),
        }
    )
    done = subprocess.run([sys.executable, *program], cwd=folder, env=environment, capture_output=True, text=True)
    return file.read_text().split("\n"), done


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("plexus tr", ["train"]),
        ("plexus --i", ["--install-completion"]),
        ("plexus train vision.", ["vision.classify", "vision.detect", "vision.pretrain"]),
        ("plexus train vision.classify --aug", ["--augment"]),
        ("plexus train vision.classify --augment ", ["auto", "none", "drawing", "object", "photo"]),
        ("plexus train vision.classify --data digi", ["digits", "digits_of_mine.csv"]),
        ("plexus train vision.classify --epochs 3 --optimizer ada", ["adamw", "adam"]),
        ("plexus predict vision.classify/d", ["vision.classify/digits"]),
        ("plexus predict vision.classify/digits digi", ["digits_of_mine.csv"]),
        ("plexus open image", ["image-recognition"]),
        ("plexus demo image", ["image-recognition"]),
        ("plexus evaluate vision.classify/digits --data fashion", ["fashion_mnist"]),
        ("plexus export vision.classify/mnist --format li", ["litert"]),
        ("plexus runs re", ["remove", "restore"]),
        ("plexus no-such-command ", [""]),
        ("plexus train no.such.task --ep", [""]),
    ],
)
def test_completions(line, expected, tmp_path):
    (tmp_path / "digits_of_mine.csv").touch()
    completions, done = complete(line, tmp_path)
    assert completions == expected
    assert done.stdout + done.stderr == ""


@pytest.mark.slow
def test_options_of_a_plugin_are_completed(parity, tmp_path):
    assert complete("plexus train logic.parity --uni", tmp_path)[0] == ["--units"]


@pytest.mark.alone
@pytest.mark.parametrize(
    ("line", "budget"),
    [("plexus tr", 0.5), ("plexus train vision.", 0.5), ("plexus train vision.classify --aug", 1.0)],
)
def test_completion_is_quick_and_light(line, budget, slowdown, tmp_path):
    """The options of a task are those of its class, which imports NumPy and pydantic.

    With compiled byte code, as after an installation; the first run compiles it."""
    byte_code = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(tmp_path / "byte code")}
    program = (
        "import os, sys, plexus.cli\n"
        "end, heavy = os._exit, sys.argv.pop().split()\n"
        "def check(code):\n"
        "    print([name for name in heavy if name in sys.modules], flush=True)\n"
        "    end(code)\n"
        "os._exit = check\n"
        "plexus.cli.main([])"
    )
    seconds = []
    for _ in range(4):
        started = time.perf_counter()
        completions, done = complete(line, tmp_path, ("-c", program, HEAVY), **byte_code)
        seconds.append(time.perf_counter() - started)
    assert completions != [""]
    assert done.stdout == "[]\n"
    assert min(seconds) <= budget * slowdown


@pytest.mark.slow
def test_the_script_completes_in_bash(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / ".bashrc").write_text("true")
    assert main(["--install-completion", "bash"]) == 0
    first = (tmp_path / ".bashrc").read_text()
    assert main(["--install-completion=bash"]) == 0
    assert (tmp_path / ".bashrc").read_text() == first
    assert first.startswith("true\n")
    assert first.count("\n") == 2
    program = tmp_path / "plexus"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m plexus "$@"\n')
    program.chmod(0o755)
    line = "plexus train vision.classify --schedule lin"
    script = (
        "source ~/.bashrc; complete -p plexus; COMP_WORDBREAKS=$' \\t\\n'\n"
        f"COMP_LINE='{line}' COMP_POINT={len(line)} _python_argcomplete plexus; echo \"${{COMPREPLY[@]}}\""
    )
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == [
        "complete -o bashdefault -o default -o nospace -F _python_argcomplete plexus",
        "linear ",
    ]


@pytest.mark.parametrize(
    ("shell", "script", "start"),
    [("zsh", ".config/plexus/completion.zsh", ".zshrc"), ("fish", ".config/fish/completions/plexus.fish", None)],
)
def test_other_shells(shell, script, start, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    for name in ("XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    lines = install_completion("")
    assert lines[0] == f"completion of {shell}: {tmp_path / script}"
    assert "plexus" in (tmp_path / script).read_text()
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ([start] if start else [])
    if shutil.which(shell):
        done = subprocess.run([shell, "-n", tmp_path / script], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_shell_is_refused(monkeypatch):
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    with pytest.raises(InputError, match="expected bash, zsh or fish, got 'tcsh'; name the shell"):
        install_completion("")
