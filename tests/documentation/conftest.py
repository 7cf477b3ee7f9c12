"""Fixtures that run the snippets of the documentation."""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig

import pytest
from samples import write_samples
from snippets import COMMAND_LINE, SHORT_TRAINING, Page


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """A folder with the files that pages name: photos, reviews, transactions, recordings."""
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture
def environment(tmp_path, fork):
    """A function that makes a new environment in which Plexus is installed, and returns its variables.

    Commands that import TensorFlow run in copies of a process that has imported it.
    """

    def make(short=False):
        here = tmp_path / "environment"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", here], check=True)
        (site,) = here.glob("lib/python*/site-packages")
        (site / "plexus.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
        python, program = f"{here}/bin/python", shlex.quote(SHORT_TRAINING if short else COMMAND_LINE)
        forked = f'forked-python {program} "$@"'
        imports_tensorflow = "train|tune|evaluate|export|doctor"
        commands = {
            "forked-python": "exec " + shlex.join([python, *fork[1:], str(site)]) + ' "$@"',
            "pip": f'exec {python} -m pip "$@"',
            "plexus": f'case $1 in {imports_tensorflow}) exec {forked};; *) exec {python} -m plexus "$@";; esac',
            "pytest": """exec forked-python 'import pytest; raise SystemExit(pytest.console_main())' "$@" """,
        }
        for tool, command in commands.items():
            (here / "bin" / tool).write_text(f"#!/bin/sh\n{command}\n")
            (here / "bin" / tool).chmod(0o755)
        # The tools of the build are installed: no package index is contacted.
        return os.environ | {
            "PATH": f"{here}/bin:{os.environ['PATH']}",
            "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    return make


@pytest.fixture
def run_page(tmp_path, samples, environment):
    """A function that runs the snippets of a page in a folder with the samples, and returns what each printed.

    The samples are copies: the snippets of some pages write into their folders.
    """
    folder = tmp_path / "folder"

    def run(file, short=False):
        shutil.copytree(samples, folder)
        return Page(file).run(folder, environment(short))

    yield run
    for file in folder.glob("*.pid"):
        subprocess.run(["kill", file.read_text().strip()], capture_output=True, check=False)
