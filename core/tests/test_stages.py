"""Training in several stages: teacher and student."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from plexus import InputError

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[2] / "tests/fixtures"


@pytest.fixture
def taught_parity(parity, monkeypatch):
    monkeypatch.syspath_prepend(FIXTURES)
    import taught_parity

    return taught_parity


@pytest.fixture
def start(forked_script):
    """The function that starts a process that trains the run in a folder, or resumes it."""

    def start_in(folder):
        command = [*forked_script(), FIXTURES / "taught_parity.py", folder]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start_in


def kill_at(process, *texts):
    """Kill a process once it has printed lines with these texts, in this order."""
    for text in texts:
        while text not in (line := process.stderr.readline()):
            assert line, f"the process ended before {text!r}"
    process.kill()
    process.communicate()


def weights_of(folder):
    with np.load(folder / "checkpoint.npz") as arrays:
        return {name: arrays[name] for name in arrays if name.startswith(("now", "average"))}


def test_a_killed_stage_and_a_killed_student_resume_to_the_same_bits(taught_parity, start, tmp_path):
    """The run is killed in the stage of the teacher, then in the last training."""
    reference = taught_parity.train(tmp_path / "reference")
    run = tmp_path / "run"
    kill_at(start(run), "stage teacher", "epoch 3/12")
    assert not (run / "stages/teacher/bundle").exists()
    resumed = start(run)
    kill_at(resumed, "stage teacher", "epoch 12/12", "epoch 3/12")
    assert (run / "stages/teacher/bundle").is_dir()
    assert not (run / "bundle").exists()
    _, stderr = (last := start(run)).communicate()
    assert last.returncode == 0, stderr
    assert "stage teacher" not in stderr
    for folder in (Path(), Path("stages/teacher")):
        weights, expected = weights_of(run / folder), weights_of(reference.folder / folder)
        assert weights.keys() == expected.keys()
        for name, array in weights.items():
            np.testing.assert_array_equal(array, expected[name], err_msg=f"{folder} {name}")


def test_the_student_learns_from_the_dataset_of_its_teacher(taught_parity, tmp_path):
    from plexus.bundle import Bundle
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    task = taught_parity.TaughtParity("logic.taught")
    options = task.options.parse({"data": "6", "epochs": 1, "batch_size": 64})
    run, calls = Run.start(task.id, options, folder=tmp_path / "run"), []
    stage_dataset = task.stage_dataset
    task.stage_dataset = lambda dataset, models, options: (
        calls.append((sorted(models), options.units)) or stage_dataset(dataset, models, options)
    )
    Trainer(task).train(run)
    assert calls == [([], taught_parity.TEACHER_UNITS), (["teacher"], options.units)]
    teacher, student = (Bundle.open(folder / "bundle", task) for folder in (run.folder / "stages/teacher", run.folder))
    assert teacher.manifest["parameters"] == 6 * 48 + 48 + 48 * 2 + 2
    assert student.manifest["parameters"] == 6 * 64 + 64 + 64 * 2 + 2
    # Both are evaluated on the data that was read.
    assert teacher.manifest["data"]["fingerprint"] == student.manifest["data"]["fingerprint"]


def test_trials_of_a_study_learn_from_the_dataset_of_their_teacher(taught_parity, tmp_path):
    from plexus.tuning.search import tune
    from plexus.tuning.study import Study

    task, learned_from = taught_parity.TaughtParity("logic.taught"), []
    fit_codec = task.fit_codec
    task.fit_codec = lambda dataset, options: learned_from.append(dataset) or fit_codec(dataset, options)
    tune(Study.open(tmp_path / "study", task, {"data": "6", "epochs": 1, "batch_size": 64}), 1)
    assert (tmp_path / "study/trials/0000/stages/teacher/bundle").is_dir()
    teacher, student = learned_from[:2]
    assert student["train"] is not teacher["train"]
    assert student.fingerprint == teacher.fingerprint


def test_stages_need_one_process(taught_parity, tmp_path):
    from plexus.run import Run
    from plexus.training.trainer import Trainer

    task = taught_parity.TaughtParity("logic.taught")
    run = Run.start(task.id, task.options.parse({"hosts": 2}), folder=tmp_path / "run")
    with pytest.raises(InputError, match=r"--hosts 2: logic\.taught is trained in stages, by one process"):
        Trainer(task).train(run)
