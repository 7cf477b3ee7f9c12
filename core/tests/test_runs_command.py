"""`plexus runs`: list, show, compare, remove and restore trainings."""

import fcntl
import json
import threading
from types import SimpleNamespace

import pytest

import plexus
from plexus import InputError
from plexus.catalogue.comparison import compare_metrics, differing_options
from plexus.catalogue.folders import find_runs
from plexus.catalogue.notes import RunNotes
from plexus.catalogue.record import RunRecord
from plexus.cli import main
from plexus.run import Run
from plexus.utils.formatting import number, short
from plexus.utils.locks import is_locked, locked

TASK = "logic.parity"


@pytest.fixture
def runs(parity, tmp_path, monkeypatch):
    """Two finished trainings and one that was interrupted before its first epoch."""
    monkeypatch.chdir(tmp_path)
    folders = [tmp_path / f"runs/{TASK}" / name for name in ("short", "long", "open")]
    for folder, epochs in zip(folders, (1, 3), strict=False):
        plexus.train(TASK, run=folder, data="6", epochs=epochs)
    task = plexus.plugins.registry.registry().task(TASK)
    Run.start(TASK, task.options.parse({"data": "6"}), folder=folders[2])
    return SimpleNamespace(short=folders[0], long=folders[1], open=folders[2], root=tmp_path / "runs")


def listed(capsys, *arguments):
    assert main(["runs", "list", *arguments, "--json"]) == 0
    return {each["run"].rsplit("/", 1)[1]: each for each in json.loads(capsys.readouterr().out)["runs"]}


@pytest.mark.slow
def test_runs_are_listed_with_status_and_metric(runs, capsys):
    capsys.readouterr()
    records = listed(capsys)
    assert list(records) == ["open", "long", "short"]
    assert {name: (each["status"], each["epochs"]) for name, each in records.items()} == {
        "short": ("finished", 1), "long": ("finished", 3), "open": ("interrupted", 0),
    }  # fmt: skip
    assert records["short"]["metric"] == "accuracy"
    assert records["open"]["value"] is None
    with locked(runs.open / "run.lock", "trained"):
        assert listed(capsys)["open"]["status"] == "training"
        assert main(["runs", "remove", str(runs.open)]) == 2
        assert "is being trained: stop it first" in capsys.readouterr().err
    assert not is_locked(runs.open / "run.lock")
    assert listed(capsys, "--task", "other.task") == listed(capsys, "--data", "7") == {}
    assert list(listed(capsys, "--data", "6")) == list(listed(capsys, "--data", "6/")) == list(records)
    assert main(["runs", "list", "--sort", "metric"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"runs/{TASK}/open")
    assert main(["runs", "list", "--folder", "nowhere"]) == 2
    assert "nowhere is no folder" in capsys.readouterr().err


@pytest.mark.slow
def test_the_interval_of_the_metric_its_parameters_and_tags_are_listed_and_shown(runs, capsys):
    assert main(["runs", "note", str(runs.short), "--tag", "paper", "--tag", "first"]) == 0
    record = RunRecord.read(runs.short)
    low, high = record.interval("accuracy")
    metric = f"{number(record.value)} ({number(low)} to {number(high)})"
    capsys.readouterr()
    assert main(["runs", "list"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    (line,) = [" ".join(line.split()) for line in lines if "/short " in line]
    assert line.endswith(f" {short(record.manifest['parameters'])}".rstrip() + f" accuracy {metric} paper first")
    assert " ".join(header.split()).endswith("time parameters metric (95 % interval) tags")
    assert main(["runs", "show", str(runs.short)]) == 0
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert f"accuracy {metric} <- ranks the models" in shown


@pytest.mark.slow
def test_a_run_that_cannot_be_read_is_named_and_left_out(runs, capsys):
    (runs.short / "run.json").write_text("{}")
    capsys.readouterr()
    assert [record.folder.name for record in find_runs(runs.root)] == ["open", "long"]
    assert "left out: " in capsys.readouterr().err


@pytest.mark.slow
def test_options_and_metrics_are_compared(runs, capsys):
    short, long, interrupted = map(RunRecord.read, (runs.short, runs.long, runs.open))
    assert differing_options([short, long])["epochs"] == [1, 3]
    assert "seed" not in differing_options([short, long])
    accuracy = next(each for each in compare_metrics([short, long]) if each.name == "accuracy")
    assert accuracy.values == (short.value, long.value)
    (low, high), (other_low, other_high) = accuracy.intervals
    error = (((high - low) / 3.92) ** 2 + ((other_high - other_low) / 3.92) ** 2) ** 0.5
    assert accuracy.differs == (False, abs(short.value - long.value) > 1.96 * error)
    with pytest.raises(InputError, match="open is not finished"):
        compare_metrics([short, interrupted])
    capsys.readouterr()
    assert main(["runs", "compare", str(runs.short), str(runs.long)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["--epochs", "1", "3"] for line in lines)
    assert main(["runs", "compare", str(runs.short)]) == 2
    assert main(["runs", "show", str(runs.short), str(runs.open)]) == 0
    assert f"resume: plexus train --resume {runs.open}" in capsys.readouterr().out


@pytest.mark.slow
def test_a_removed_run_is_restored(runs, capsys):
    before = sorted(file.relative_to(runs.short) for file in runs.short.rglob("*"))
    assert main(["runs", "remove", str(runs.short)]) == 0
    assert not runs.short.exists()
    capsys.readouterr()
    assert set(listed(capsys)) == {"long", "open"}
    assert set(listed(capsys, "--removed")) == {"short"}
    assert main(["runs", "remove", str(runs.short)]) == 2
    assert main(["runs", "restore", str(runs.short)]) == 0
    assert sorted(file.relative_to(runs.short) for file in runs.short.rglob("*")) == before
    assert not (runs.short.parent / ".removed").exists()
    assert main(["runs", "restore", str(runs.short)]) == 2


def test_a_check_of_a_lock_does_not_keep_a_training_from_it(tmp_path):
    file = tmp_path / "run.lock"
    file.touch()
    with file.open() as checked:
        fcntl.flock(checked, fcntl.LOCK_SH)
        threading.Timer(0.03, fcntl.flock, (checked, fcntl.LOCK_UN)).start()
        with locked(file, "trained"):
            assert is_locked(file)


def test_notes_and_tags_are_saved_in_the_folder_of_the_run(parity, tmp_path, capsys):
    folder, task = tmp_path / "run", plexus.plugins.registry.registry().task(TASK)
    Run.start(TASK, task.options.parse({"data": "6"}), folder=folder)
    assert main(["runs", "note", str(folder)]) == 2
    assert main(["runs", "note", str(folder), "--text", " a  note\n", "--tag", "paper", "--tag", "paper"]) == 0
    capsys.readouterr()
    assert main(["runs", "note", str(folder), "--tag", "v 2", "--json"]) == 0
    assert RunRecord.read(folder).notes == RunNotes("a  note", ("v 2",))
    assert json.loads(capsys.readouterr().out)["runs"][0]["tags"] == ["v 2"]
    assert main(["runs", "note", str(folder), "--text", "x" * 20_001]) == 2
    assert "expected at most 20,000 characters, got 20,001" in capsys.readouterr().err
    (folder / "notes.json").write_text("{}")
    assert main(["runs", "show", str(folder)]) == 2
    assert main(["runs", "note", str(tmp_path), "--text", "x"]) == 2
