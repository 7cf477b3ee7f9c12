"""A prediction in a new process, and the options of the command."""

import json
import subprocess
import sys

import pytest

from plexus.cli import main

pytestmark = pytest.mark.slow

HEAVY = ("tensorflow", "keras", "sacrebleu", "tokenizers", "sklearn", "polars")
CODE = f"""
import sys
from plexus.cli import main
main(sys.argv[1:])
print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
"""


@pytest.fixture(scope="module")
def bundle(trial):
    return str(trial("language.translate") / "run/bundle")


def test_prediction_imports_nothing_heavy(bundle):
    command = [sys.executable, "-c", CODE, "predict", bundle, "seven", "--beam", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("seven  ")
    assert done.stderr.splitlines()[-1] == "[]"


def test_options_of_the_command(bundle, tmp_path, capsys):
    (tmp_path / "terms.csv").write_text("term,translation\nseven,VII\n")
    (tmp_path / "texts.csv").write_text("text,id\nseven,1\n,2\n")
    (tmp_path / "texts.txt").write_text("seven\n\neight\n")
    options = ["--glossary", str(tmp_path / "terms.csv"), "--alternatives", "1"]
    assert main(["predict", bundle, "seven", str(tmp_path / "texts.txt"), *options, "--json"]) == 0
    first, second, third = (result["answer"] for result in json.loads(capsys.readouterr().out))
    assert first == second
    assert first["translation"] == "VII"
    assert first["notes"] == ["glossary term used: VII"]
    assert len(third["alternatives"]) == 1
    out = tmp_path / "out.csv"
    assert main(["predict", bundle, str(tmp_path / "texts.csv"), "--out", str(out), *options]) == 0
    lines = out.read_text().splitlines()
    assert lines[0].startswith("text,id,translation,to,confidence")
    assert lines[1].startswith("seven,1,VII,")
    assert main(["predict", bundle, "seven", "--to", "klingon"]) == 2
    assert "target language 'klingon'" in capsys.readouterr().err
