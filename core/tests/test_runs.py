"""The files of a run: damage, locks, moved folders and data, and folders of trainings that never began."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from plexus import InputError, TrainingCallback
from plexus.cli import main
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer
from plexus.training.variables import dump_arrays, read_arrays
from plexus.utils.checked_json import dump_checked_json
from plexus.utils.locks import locked

FILES = ("run.json", "checkpoint.npz", "best.npz")


class Stopping(TrainingCallback):
    """Stops a training after some epochs, as Ctrl-C does."""

    def __init__(self, after):
        super().__init__()
        self.after, self.session = after, None

    def on_epoch_evaluated(self, line):
        if line["epoch"] == self.after:
            self.session.request_stop()


@pytest.fixture(scope="module")
def interrupted(parity_path, tmp_path_factory):
    """The folder of a run that was interrupted after its third epoch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(parity_path)
        registry.cache_clear()
        task = registry().task("logic.parity")
        options = task.options.parse({"data": "6", "epochs": 5, "units": 16})
        run = Run.start(task.id, options, folder=tmp_path_factory.mktemp("interrupted") / "run")
        stopping, trainer = Stopping(after=2), Trainer(task, quiet=True)
        stopping.session = trainer.begin(run, task.load_dataset(options), callbacks=[stopping])
        with pytest.raises(KeyboardInterrupt):
            stopping.session.fit()
    registry.cache_clear()
    assert run.previous_checkpoint.exists()
    return run.folder


@pytest.fixture
def folder(interrupted, parity, tmp_path):
    return Path(shutil.copytree(interrupted, tmp_path / "run"))


def resume(folder):
    task = registry().task("logic.parity")
    return Trainer(task, quiet=True).train(Run.read(folder, task))


def change(folder, **options):
    """Change options as a program would that knows the format."""
    content = json.loads((folder / "run.json").read_text())
    del content["sha256"]
    content["options"] |= options
    (folder / "run.json").write_bytes(dump_checked_json(content))


def damage(file, place=0.5):
    content = bytearray(file.read_bytes())
    content[int(len(content) * place)] ^= 1
    file.write_bytes(content)


@pytest.mark.slow
def test_a_damaged_checkpoint_is_replaced_by_the_one_before(folder, interrupted, capsys, tmp_path):
    expected = resume(shutil.copytree(interrupted, tmp_path / "undamaged"))
    damage(folder / "checkpoint.npz")
    result = resume(folder)
    assert result["scores"] == expected["scores"]
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "checkpoint.npz" in line]
    assert line.endswith("the training goes on from the checkpoint before it")
    assert not (folder / "checkpoint.previous.npz").exists()


@pytest.mark.parametrize("place", [0.0, 0.01, 0.5, 0.99])
def test_without_a_whole_checkpoint_a_run_is_not_resumed(folder, place):
    for name in ("checkpoint.npz", "checkpoint.previous.npz"):
        damage(folder / name, place)
    with pytest.raises(InputError, match=r"checkpoint\.npz was changed or cut off .* no other checkpoint: train again"):
        resume(folder)


def test_damaged_best_weights_are_refused_before_the_training(folder):
    damage(folder / "best.npz")
    with pytest.raises(InputError, match=r"best\.npz was changed or cut off"):
        resume(folder)


@pytest.mark.slow
def test_a_copy_of_another_file_of_the_run_is_refused(folder, interrupted, capsys, tmp_path):
    expected = resume(shutil.copytree(interrupted, tmp_path / "undamaged"))
    shutil.copy(folder / "best.npz", folder / "checkpoint.npz")
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    assert resume(copy)["scores"] == expected["scores"]
    assert "checkpoint.npz lacks 'progress'" in capsys.readouterr().err
    (folder / "checkpoint.previous.npz").unlink()
    with pytest.raises(InputError, match=r"checkpoint\.npz lacks 'progress': .* no other checkpoint: train again"):
        resume(folder)
    shutil.copy(interrupted / "checkpoint.npz", folder / "best.npz")
    with pytest.raises(InputError, match=r"best\.npz lacks 'network\.0'"):
        resume(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_pipe_in_place_of_a_file_is_refused(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    (folder / "checkpoint.previous.npz").unlink()
    with pytest.raises(InputError, match=rf"{name} is .*not a regular file"):
        resume(folder)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"x", b"{}", b"[" * 100_000, b"PK\x03\x04"])
def test_any_other_content_is_one_line(folder, name, content):
    (folder / name).write_bytes(content)
    (folder / "checkpoint.previous.npz").unlink()
    with pytest.raises(InputError) as error:
        resume(folder)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_an_edited_seed_is_refused(folder):
    text = (folder / "run.json").read_text()
    assert '"seed": 0' in text
    (folder / "run.json").write_text(text.replace('"seed": 0', '"seed": 1'))
    with pytest.raises(InputError, match=r"run\.json was changed after it was written"):
        resume(folder)


def test_weights_that_are_no_numbers_are_refused(folder):
    arrays = read_arrays(folder / "checkpoint.npz")
    arrays["now.0"] = np.full_like(arrays["now.0"], np.nan)
    (folder / "checkpoint.npz").write_bytes(dump_arrays(**arrays))
    with pytest.raises(InputError, match=r"checkpoint\.npz holds weights that are not numbers"):
        resume(folder)


def test_a_checkpoint_of_another_network_or_of_other_data_is_refused(folder):
    change(folder, units=17)
    with pytest.raises(InputError, match=r"checkpoint\.npz holds the weights of another network"):
        resume(folder)
    change(folder, units=16, data="8")
    with pytest.raises(InputError, match="was trained on other data until now"):
        resume(folder)


@pytest.mark.slow
def test_a_second_training_of_a_run_names_the_first(folder, capsys):
    task = registry().task("logic.parity")
    with locked(Run.read(folder, task).lock_file, "trained"):
        assert main(["train", "--resume", str(folder)]) == 2
        line = capsys.readouterr().err.splitlines()[0]
        assert f"{folder} is being trained by process {os.getpid()} on " in line
    assert not (folder / "run.lock").exists()
    code = (
        f"import time; from plexus.utils.locks import locked\nwith locked(__import__('pathlib').Path({str(folder)!r})"
    )
    code += " / 'run.lock', 'trained'):\n    print('held', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    with pytest.raises(InputError, match=f"is being trained by process {process.pid} on"):
        resume(folder)
    process.kill()  # the system releases the lock
    process.communicate()
    assert resume(folder)["scores"]


@pytest.mark.slow
def test_a_moved_run_has_its_bundle_in_it(folder, tmp_path, monkeypatch):
    moved = tmp_path / "elsewhere/moved"
    moved.parent.mkdir()
    folder.rename(moved)
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--resume", "elsewhere/moved"]) == 0
    assert (moved / "bundle/bundle.json").is_file()
    assert not folder.exists()


@pytest.mark.slow
def test_a_bundle_whose_place_is_gone_is_written_in_the_run(folder, tmp_path, capsys):
    content = json.loads((folder / "run.json").read_text())
    del content["sha256"]
    (folder / "run.json").write_bytes(dump_checked_json(content | {"out": str(tmp_path / "gone/b")}))
    resume(folder)
    assert (folder / "bundle").is_dir()
    assert f"{tmp_path / 'gone'} does not exist any more" in capsys.readouterr().err


@pytest.mark.slow
def test_data_that_has_moved_is_named_and_passed_again(plexus, refused, tmp_path):
    rows = [f"a {word} film number {n},{label}" for n in range(40) for word, label in (("good", "p"), ("bad", "n"))]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "plexus", "train", "sentiment.classify", "--data", "a.csv", "--epochs", "40"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    while "epoch 3/" not in process.stderr.readline():
        assert process.poll() is None
    process.terminate()
    process.communicate()
    (run,) = (tmp_path / "runs/sentiment.classify").iterdir()
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    line = refused("train", "--resume", run).splitlines()[-1]
    assert "is trained on 'a.csv', which cannot be used here" in line
    assert "pass it with --data" in line
    (tmp_path / "c.csv").write_text("\n".join(["text,label", *rows[:70]]) + "\n")
    assert "was trained on other data until now" in plexus("train", "--resume", run, "--data", "c.csv").stderr
    done = plexus("train", "--resume", run, "--data", "b.csv", "--json")
    assert done.returncode == 0, done.stderr
    bundle = json.loads(done.stdout)["bundle"]
    assert json.loads((tmp_path / bundle / "bundle.json").read_text())["options"]["data"] == "b.csv"
    evaluated = plexus("evaluate", bundle, "--json")
    assert json.loads(evaluated.stdout)["scores"] == json.loads(done.stdout)["scores"]
    (tmp_path / "b.csv").unlink()
    line = refused("evaluate", bundle)
    assert "was trained on 'b.csv', which cannot be used here" in line
    assert line.endswith("pass data with --data\n")


def test_a_training_that_never_began_leaves_no_folder(parity, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["train", "logic.parity", "--data", "6", "--backend", "torch"]) == 2
    assert main(["train", "logic.parity", "--data", "no number"]) == 2
    assert not list(tmp_path.glob("runs*"))
    assert capsys.readouterr().err.count("\n") == 2


def test_runs_of_the_same_second_have_folders_of_their_own(parity, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    task = registry().task("logic.parity")
    options = task.options.parse({"data": "6"})
    folders = [Run.start(task.id, options).folder for _ in range(5)]
    assert len(set(folders)) == 5
