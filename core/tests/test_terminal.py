"""Output of a training in a terminal, in a file and with `--json`."""

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from io import StringIO

import pyte
import pytest
from rich.console import Console

from plexus import Metric, Options, Run
from plexus.training.callbacks.progress import Progress
from plexus.training.callbacks.progress_bar import ProgressBar
from plexus.training.callbacks.progress_display import progress_display
from plexus.training.state import TrainingState

ESCAPE = "\x1b"
ROWS = 40


class Terminal:
    """A terminal that a process writes to.

    Args:
        command: The command.
        columns: Width of the terminal.
        stdout: Where standard output goes, if not to the terminal.
        options: Arguments of `subprocess.Popen`; `env` adds to the environment.

    Attributes:
        frames: The lines of the screen after each output.
        content: All that was written, with escape codes.
    """

    def __init__(self, command, columns=80, stdout=None, env=None, **options):
        inherited = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
        own, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=other if stdout is None else stdout,
            stderr=other,
            env=inherited | {"TERM": "xterm-256color"} | (env or {}),
            **options,
        )
        os.close(other)
        self.screen, self.content, self.frames = pyte.Screen(columns, ROWS), b"", []
        self._read(own, pyte.ByteStream(self.screen))
        os.close(own)
        self.returncode = self.process.wait(60)

    def _read(self, descriptor, stream):
        limit = time.monotonic() + 280
        while time.monotonic() < limit:
            if not select.select([descriptor], [], [], 1)[0]:
                continue
            try:
                part = os.read(descriptor, 1 << 16)
            except OSError:  # the other end is closed
                return
            self.content += part
            stream.feed(part)
            self.frames.append(self.lines)

    @property
    def lines(self):
        """The lines of the screen that are not empty."""
        return [line.rstrip() for line in self.screen.display if line.strip()]


EPOCHS = ("--epochs", "8", "--evaluate-every", "4", "--patience", "0")
STYLE = re.compile(rb"\x1b\[([0-9;]*)m")


@pytest.fixture(scope="module")
def command(forked_plexus):
    """The command that trains the smallest task."""
    return [*forked_plexus, "train", "logic.parity", *EPOCHS]


@pytest.fixture(scope="module")
def trained(command, parity_path, tmp_path_factory):
    """The terminal after a training of 8 epochs, of which two were evaluated, and the log of the training."""
    folder = tmp_path_factory.mktemp("trained")
    terminal = Terminal(command, columns=100, cwd=folder, env={"PYTHONPATH": str(parity_path)})
    assert terminal.returncode == 0, terminal.lines
    log = next(folder.glob("runs/*/*/log.jsonl")).read_text()
    return terminal, [json.loads(line) for line in log.splitlines()]


def test_one_bar_is_updated_in_place_and_removed(trained):
    terminal, log = trained
    bars = [[line for line in frame if "━" in line] for frame in terminal.frames]
    assert max(map(len, bars)) == 1
    texts = [line for bar in bars for line in bar]
    epochs = {int(re.match(r"epoch (\d)/8 ", text)[1]) for text in texts}
    assert epochs <= set(range(1, 9))
    assert epochs & {1, 2, 3}, "epochs that are not evaluated are shown, too"
    assert any(re.search(r"loss \d\.\d{4}", text) for text in texts)
    assert all(text.count("left") == 1 for text in texts)
    assert not any("━" in line for line in terminal.lines)
    assert [line["epoch"] for line in log] == list(range(8))
    assert all(line["loss"] > 0 for line in log)
    printed = [line for line in terminal.lines if line.startswith("epoch ")]
    values = [line["accuracy"] for line in log if "accuracy" in line]
    assert len(printed) == 1 + (values[1] > values[0])
    assert re.fullmatch(r"epoch 4/8  loss \d\.\d{4}  accuracy \S+  [\d,]+ examples/s", printed[0])


def test_the_summary_is_a_table_in_words_with_colors(trained):
    lines = trained[0].lines
    title = next(line for line in lines if line.startswith("metrics on the test split, "))
    header, row = lines[lines.index(title) + 1 : lines.index(title) + 3]
    assert re.split("  +", header) == [
        *("metric (* ranks the models)", "value", "95 % interval", "baseline", "better"),
    ]
    assert re.fullmatch(r"Accuracy \*  +\S+  \S+ to \S+  +\S+  higher", row)
    assert row.index("higher") == header.index("better")
    assert row[: header.index("baseline") + len("baseline")].split()[-1] == row.split()[-2]
    assert styles_of(trained[0].content) - {0, 1, 2}


@pytest.mark.slow
def test_a_file_has_a_line_per_evaluated_epoch_and_no_escape_codes(command, parity, tmp_path):
    environment = os.environ | {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    assert ESCAPE not in done.stdout + done.stderr
    assert "\r" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("epoch ")]
    assert [line.split()[1] for line in lines] == ["4/8", "8/8"]
    assert all(re.search(r" examples/s  \d\d:\d\d:\d\d left$", line) for line in lines)
    assert re.search(r"^Accuracy \*  +\S+  \S+ to \S+  +\S+  higher$", done.stdout, re.MULTILINE)


@pytest.mark.slow
def test_json_on_standard_output_is_the_document_alone_and_no_color_is_respected(command, parity, tmp_path):
    with (tmp_path / "out.json").open("w") as stdout:
        terminal = Terminal([*command, "--json"], cwd=tmp_path, stdout=stdout, env={"NO_COLOR": "1"})
    document = json.loads((tmp_path / "out.json").read_text())
    assert list(document) == ["task", "run", "bundle", "score", "scores", "seconds", "examples_per_second"]
    assert any("━" in line for frame in terminal.frames for line in frame)
    assert styles_of(terminal.content) <= {0, 1, 2}  # bold and dim are no colors


def styles_of(content):
    return {int(code or 0) for styles in STYLE.findall(content) for code in styles.split(b";")}


class TerminalStream(StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("kind", "expected"), [("dumb", Progress), ("xterm", ProgressBar)])
def test_a_terminal_that_cannot_move_the_cursor_gets_lines(kind, expected, run, monkeypatch):
    monkeypatch.setenv("TERM", kind)
    monkeypatch.setattr(sys, "stderr", TerminalStream())
    assert type(progress_display(run, TrainingState(), Metric("accuracy"), 4, 100)) is expected
    monkeypatch.setattr(sys, "stderr", StringIO())
    assert type(progress_display(run, TrainingState(), Metric("accuracy"), 4, 100)) is Progress


@pytest.fixture
def run(tmp_path):
    """A run of ten epochs."""
    return Run(tmp_path, "a.b", Options.parse({"data": "none", "epochs": 10}), tmp_path / "bundle")


def test_the_remaining_time_counts_the_steps_that_remain(run, monkeypatch):
    state = TrainingState(history=[{"epoch": 0, "loss": 1.0}], step=50)
    progress = Progress(run, state, "accuracy", steps=100, examples=6400)
    clock = iter([1000.0, 1010.0, 1010.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    progress.on_train_begin()
    assert progress.remaining_time() == "-:--:--"
    progress.on_epoch_begin(1)
    progress.on_train_batch_end(24)
    assert (progress.position, progress.total) == (175, 1000)
    assert progress.remaining_time() == "00:05:30"  # 825 steps at 2.5 steps/s
    assert progress.speed() == "160 examples/s"


def test_an_epoch_with_more_steps_leaves_no_negative_time(run):
    state = TrainingState(history=[{"epoch": epoch, "loss": 1.0} for epoch in range(run.epochs - 1)])
    progress = Progress(run, state, "accuracy", steps=10, examples=640)
    progress.on_train_begin()
    progress.on_epoch_begin(0)
    progress.on_train_batch_end(14)
    assert progress.remaining_time() == "00:00:00"


@pytest.mark.slow
def test_a_notebook_shows_bar_and_curves_without_widgets(run, monkeypatch):
    """IPython's own publisher of displays, which a kernel sends to the page."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    monkeypatch.setattr(shell, "kernel", object(), raising=False)
    state = TrainingState()
    progress = progress_display(run, state, Metric("accuracy"), steps=4, examples=100)
    with capture_output() as captured:
        progress.on_train_begin()
        progress.on_epoch_begin(0)
        progress.on_train_batch_end(3, {"loss": 0.75})
        state.history.append({"epoch": 0, "loss": 0.75, "accuracy": 0.625})
        progress.on_epoch_evaluated(state.history[-1])
        progress.on_train_end()
    pages = [output.data["text/html"] for output in captured.outputs]
    assert "value='0'" in pages[0]
    assert "<svg" not in pages[0]
    assert "max='40' value='4'" in pages[-1]
    assert "epoch 2 of 10, loss 0.7500, best accuracy 0.6250 (epoch 1), " in pages[-1]
    assert "<svg" in pages[-1]
    assert "0.6250 in epoch 1" in pages[-1]
    assert len({output.transient["display_id"] for output in captured.outputs}) == 1
    assert [output.update for output in captured.outputs] == [False] + [True] * (len(pages) - 1)


@pytest.mark.parametrize("width", [50, 80, 200])
def test_a_line_is_printed_when_the_metric_is_better_and_the_bar_is_one_line(run, width):
    state, console = TrainingState(), Console(file=StringIO(), width=width, force_terminal=True, legacy_windows=False)
    name = "normalized_mutual_information"
    bar = ProgressBar(run, state, Metric(name, higher_is_better=False), 4, 100, console)
    screen = pyte.Screen(width, ROWS)
    bar.on_train_begin()
    for epoch, error in enumerate((0.5, 0.25, 0.25, 0.125)):
        bar.on_epoch_begin(epoch)
        bar.on_train_batch_end(3, {"loss": 1.0})
        state.history.append({"epoch": epoch, "loss": 1.0, name: error})
        bar.on_epoch_evaluated(state.history[-1])
    pyte.Stream(screen).feed(console.file.getvalue().replace("\n", "\r\n"))
    drawn = [line for line in screen.display if "━" in line]
    assert len(drawn) == 1
    assert drawn[0].startswith("epoch 5/10 ")
    assert drawn[0].rstrip().endswith(" left")
    bar.on_train_end()
    printed = re.findall(rf"epoch (\d)/10  loss 1\.0000  {name} (\S+)", console.file.getvalue())
    assert printed == [("1", "0.5000"), ("2", "0.2500"), ("4", "0.1250")]
