"""The snippets of a page: files to write, shell commands and Python programs to run.

- A block with `title="FILE"` is written to the file.
- A block `console` is run by the shell.
- The blocks `python` are run as one program, in the place of the last of them.
- Other blocks are not run. Their commands are parsed.
"""

import os
import re
import shlex
import signal
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAX_SECONDS = 600
"""Time limit of the commands of a block."""
BLOCK = re.compile(r"^```(\w*)[ \t]*([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TITLE = re.compile(r'title="([^"]+)"')
COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*(?:srun .*?)?plexus (\w.*)$", re.MULTILINE)
COMMAND_LINE = "import plexus.cli; raise SystemExit(plexus.cli.main())"
SHORT_TRAINING = """
import sys
from plexus.cli import main
from plexus.plugins.registry import registry

argv = sys.argv[1:]
if argv[0] == "train" and "clustering" not in argv[1] and not {"--epochs", "--steps", "--resume"} & set(argv):
    argv += ["--epochs", "1"]
if argv[0] == "train" and not {"--config", "--resume"} & set(argv):
    for name, value in registry().task(argv[1]).trial_options.items():
        if name in {"bags", "channels", "nets", "network", "passes", "width"} and f"--{name}" not in argv:
            argv += [f"--{name}", str(value)]
for flag, divisor in (("--trials", 30), ("--epochs", 5)):
    if argv[0] == "tune" and flag in argv:
        place = argv.index(flag) + 1
        argv[place] = str(int(argv[place]) // divisor)
sys.exit(main(argv))
"""
"""A command line whose trainings have one epoch of a network of the size of the task's trial, and whose searches have a
thirtieth of the trials."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it is written to, and its text."""

    language: str
    title: str | None
    text: str

    @property
    def runs(self):
        return self.title is not None or self.language in {"console", "python"}


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    file: Path

    @cached_property
    def blocks(self):
        blocks = BLOCK.findall(self.file.read_text(encoding="utf-8"))
        return [Block(language, (TITLE.search(info) or [None, None])[1], text) for language, info, text in blocks]

    def parsed_commands(self):
        """Return the arguments of the `plexus` commands that are not run."""
        text = "\n".join(block.text for block in self.blocks if block.language == "" and not block.title)
        text = text.replace("\\\n", " ")
        return [shlex.split(line, comments=True) for line in COMMAND.findall(text)]

    def run(self, folder, environment):
        """Run all snippets in their order, and return what each printed."""
        outputs, programs = [], [block for block in self.blocks if block.language == "python" and not block.title]
        for block in self.blocks:
            if block.title:
                path = folder / block.title
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            elif block.language == "console":
                outputs.append(_run(["bash", "-e", "-c", block.text], folder, environment))
            elif programs[-1:] == [block]:
                program = "".join(block.text for block in programs)
                outputs.append(_run(["forked-python", program], folder, environment))
        return outputs


def _run(command, folder, environment):
    """Run a command, and return what it printed; at the time limit, its processes are killed, too."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **options) as process:
        try:
            stdout, stderr = process.communicate(timeout=MAX_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, f"{command[-1]}\n{stdout}{stderr}"
    return stdout
