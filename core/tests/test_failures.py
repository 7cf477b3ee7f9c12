"""The boundary of the command line: the true reason in one line, whatever raises."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import plexus as package
from plexus import InputError
from plexus.cli import list as list_command
from plexus.cli import main
from plexus.cli.output import write_json
from plexus.utils.messages import printable

MODELS = Path(__file__).parents[2] / "models"
REVIEWS = str(MODELS / "sentiment.classify/reviews")
NOT_ROOT = [
    "setpriv",
    "--bounding-set",
    "-dac_override,-dac_read_search",
    "--inh-caps",
    "-dac_override,-dac_read_search",
]


def shell(line, **environment):
    command = f'plexus() {{ "{sys.executable}" -m plexus "$@"; }}; {line}'
    done = subprocess.run(["bash", "-c", command], env=os.environ | environment, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def test_a_full_disk_behind_standard_output():
    assert shell("plexus list > /dev/full") == (
        1,
        "",
        "plexus: cannot write to standard output: No space left on device\n",
    )


def test_a_closed_standard_output():
    assert shell("plexus list >&-") == (1, "", "plexus: cannot write to standard output: it is closed\n")


@pytest.mark.slow
def test_a_closed_standard_error_and_input():
    status, output, _ = shell(f"plexus predict {REVIEWS} good --json <&- 2>&-")
    assert status == 0
    assert json.loads(output)[0]["input"] == "good"


def test_a_reader_that_ends_early():
    assert shell("plexus list | head -n 1; echo ${PIPESTATUS[0]}")[2] == ""


@pytest.mark.slow
@pytest.mark.parametrize("flags", ["", "--json"])
def test_an_encoding_that_lacks_the_letters(flags):
    text = "ein schöner Film 😀"
    status, output, errors = shell(f'plexus predict {REVIEWS} "{text}" {flags}', PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (status, errors) == (0, "")
    assert output.isascii()
    if flags:
        assert json.loads(output)[0]["input"] == text
    else:
        assert output.startswith("ein sch\\xf6ner Film \\U0001f600")


@pytest.mark.slow
def test_a_locale_that_cannot_decode_the_arguments():
    command = f'plexus predict {REVIEWS} "ein schöner Film" --json'
    settings = {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    status, output, _ = shell(command, **settings)
    assert status == 0
    assert json.loads(output)[0]["answer"] == json.loads(shell(command)[1])[0]["answer"]


@pytest.mark.slow
def test_arguments_that_are_not_utf8():
    status, _, errors = shell(f"plexus predict {REVIEWS} $'good \\xff\\xfe'")
    assert (status, errors.count("\n")) == (2, 1)
    assert "is no file and not a text in UTF-8" in errors


@pytest.mark.slow
def test_standard_input_that_is_closed_or_no_text():
    assert shell(f"plexus predict {REVIEWS} - <&-")[::2] == (
        2,
        "plexus: -: standard input is closed: pass a file or a text\n",
    )
    status, _, errors = shell(f"printf 'good \\0' | plexus predict {REVIEWS} -")
    assert (status, errors.count("\n")) == (2, 1)
    assert "standard input is not text: byte 5 is 0" in errors
    status, out, errors = shell(f"printf 'sch\\366n' | plexus predict {REVIEWS} -")
    assert (status, out[:6]) == (0, "line 1")
    assert errors == "standard input is not UTF-8: read as Windows-1252\n"
    settings = {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    assert shell(f"echo schön | plexus predict {REVIEWS} -", **settings)[0] == 0


def raising(monkeypatch, error):
    def run(arguments):
        raise error

    monkeypatch.setattr(list_command, "run", run)


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (InputError("a\nb"), 2, "plexus: a b"),
        (KeyError("logits"), 1, "plexus: KeyError: 'logits' ("),
        (ValueError("x\x1b[2J"), 1, "plexus: ValueError: x\\x1b[2J ("),
        (MemoryError(), 1, "plexus: not enough memory: MemoryError"),
        (PermissionError(13, "Permission denied", "/x/y"), 2, "plexus: cannot use /x/y: Permission denied; allow it"),
        (
            OSError(28, "No space left on device", "/x/y"),
            2,
            "plexus: cannot use /x/y: No space left on device; make room",
        ),
        (
            OSError(24, "Too many open files", "/x/y"),
            2,
            "plexus: cannot use /x/y: Too many open files; allow more open",
        ),
        (RecursionError("deep"), 1, "plexus: RecursionError: deep ("),
        (KeyboardInterrupt(), 1, "plexus: stopped"),
        (SystemExit(5), 1, "plexus: SystemExit: 5"),
        (GeneratorExit(), 1, "plexus: GeneratorExit ("),
    ],
)
def test_every_exception_is_one_line(monkeypatch, capsys, error, status, line):
    raising(monkeypatch, error)
    assert main(["list"]) == status
    output = capsys.readouterr()
    assert output.err.startswith(line)
    assert output.err.count("\n") == 1
    assert output.out == ""


def test_debug_prints_the_traceback(monkeypatch, capsys):
    raising(monkeypatch, KeyError("logits"))
    main(["list", "--debug"])
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert any("test_failures.py" in line for line in lines)
    assert lines[-1].startswith("plexus: KeyError: 'logits' (")


@pytest.mark.slow
def test_the_code_of_a_plugin_is_named(plexus, parity_path, tmp_path):
    """Its file and line; the defect is not called damage of the data."""
    site = tmp_path / "site"
    site.mkdir()
    for file in parity_path.rglob("*"):
        if file.is_file():
            (site / file.relative_to(parity_path)).parent.mkdir(parents=True, exist_ok=True)
            (site / file.relative_to(parity_path)).write_bytes(file.read_bytes())
    source = site / "plexus_parity/parity.py"
    text = source.read_text()
    assert "    def load_dataset(" in text
    text = text.replace("class Parity(", "def oops():\n    return {}['missing']\n\n\nclass Parity(")
    head, tail = text.split("    def load_dataset(", 1)
    signature, body = tail.split(":\n", 1)
    source.write_text(f"{head}    def load_dataset({signature}:\n        oops()\n{body}")
    done = plexus("train", "logic.parity", PYTHONPATH=str(site))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "KeyError: 'missing' (plexus_parity/parity.py, line " in done.stderr
    debug = plexus("train", "logic.parity", "--debug", PYTHONPATH=str(site))
    assert "Traceback" in debug.stderr
    assert "return {}['missing']" in debug.stderr
    assert not list(tmp_path.glob("runs*"))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root, which gives up its rights")
def test_files_without_permission_are_named(tmp_path):
    (tmp_path / "t.csv").write_text("text,label\na good film,x\n")
    (tmp_path / "t.csv").chmod(0)
    (tmp_path / "closed").mkdir(mode=0o555)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "bundle.json").write_text("{}")
    (bundle / "bundle.json").chmod(0)
    commands = {
        ("predict", REVIEWS, "t.csv", "--out", "o.csv"): "t.csv",
        ("predict", REVIEWS, "good", "--explain", "--out", "closed/x"): "closed/x",
        ("data", "check", "sentiment.classify", "--data", "t.csv"): "t.csv",
        ("export", REVIEWS, "--format", "onnx", "--out", "closed/x.onnx"): "closed/x.onnx",
        ("evaluate", "bundle"): "bundle/bundle.json",
        ("train", "vision.classify", "--out", "closed/b"): "closed",
    }
    for command, place in commands.items():
        done = subprocess.run(
            [*NOT_ROOT, sys.executable, "-m", "plexus", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, (command, done.stderr)
        assert done.stderr.count("\n") == 1, (command, done.stderr)
        assert f"{place}: Permission denied; allow it" in done.stderr
        assert "damaged" not in done.stderr
    with pytest.raises(InputError):
        package.load(tmp_path / "nothing")


def test_json_has_no_numbers_that_json_lacks(capsys):
    write_json({"a": [float("nan"), 1.5], "b": float("inf"), "c": "\x9b\x7f\ud800"})
    text = capsys.readouterr().out
    assert json.loads(text) == {"a": [None, 1.5], "b": None, "c": "\x9b\x7f\ud800"}
    assert text.isascii()


def test_printable_keeps_the_letters_of_all_languages():
    text = "é 世界 שלום مرحبا 😀\tx"
    assert printable(text) == text
    letters = random.Random(0)
    for _ in range(1000):
        line = printable("".join(chr(letters.randrange(0x3000)) for _ in range(20)))
        assert not any(ord(letter) < 32 and letter != "\t" for letter in line)
        assert len(line.splitlines()) == 1


def test_sigterm_ends_a_command_without_a_traceback(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "plexus", "predict", REVIEWS, "-"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.send_signal(signal.SIGINT if os.name == "nt" else signal.SIGTERM)
    assert "Traceback" not in process.communicate(timeout=60)[1]
