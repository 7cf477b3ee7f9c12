"""Hyperparameter search."""

import json
import os
import signal
import subprocess
import time

import pytest

from plexus.plugins.registry import registry
from plexus.tuning.search import tune
from plexus.tuning.study import Study

pytestmark = pytest.mark.slow

TUNE = ("tune", "logic.parity", "--data", "6", "--epochs", "8", "--study", "study")
FIXED = {"data": "6", "epochs": 8}


@pytest.fixture
def tuned(plexus, parity):
    def run(*arguments):
        done = plexus(*TUNE, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), done.stderr

    return run


def trials_of(tmp_path):
    import optuna

    (name,) = optuna.get_all_study_names(f"sqlite:///{tmp_path / 'study/study.db'}")
    return optuna.load_study(study_name=name, storage=f"sqlite:///{tmp_path / 'study/study.db'}").get_trials()


def test_the_best_trial_has_the_bundle(tuned, tmp_path):
    """Trials are ranked on the validation split; the test split is used once, for the best one."""
    result, _ = tuned("--trials", 4, "--learning-rate", 0.02)
    trials = trials_of(tmp_path)
    assert result["trials"] == {"complete": 4, "pruned": 0, "failed": 0}
    assert result["best"]["value"] == max(trial.value for trial in trials)
    assert len({json.dumps(trial.params) for trial in trials}) == 4
    assert all("learning_rate" not in trial.params for trial in trials)  # a fixed option is not searched
    bundles = sorted(tmp_path.glob("study/trials/*/bundle"))
    assert [bundle.parent.name for bundle in bundles] == [f"{result['best']['trial']:04}"]
    options = json.loads((bundles[0] / "bundle.json").read_text())["options"]
    assert {name: options[name] for name in result["best"]["options"]} == result["best"]["options"]
    assert options["learning_rate"] == 0.02


def test_a_study_is_continued(parity, tmp_path):
    task = registry().task("logic.parity")
    first, again = (tune(Study.open(tmp_path / "study", task, FIXED), trials) for trials in (2, 3))
    assert again["trials"]["complete"] == 3
    assert again["best"]["value"] >= first["best"]["value"]
    assert len({json.dumps(trial.params) for trial in trials_of(tmp_path)}) == 3


def test_failed_and_killed_trials_do_not_end_a_study(tuned, forked_plexus, parity, tmp_path):
    """A trial whose process is killed counts as failed; the other trials run."""
    command = [*forked_plexus, *TUNE, "--trials", "3"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ)
    while "trial 1:" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    states = [trial.state.name for trial in trials_of(tmp_path)]
    assert states == ["COMPLETE", "RUNNING"]
    first = trials_of(tmp_path)[0]
    result, _ = tuned("--trials", 3)
    assert result["trials"] == {"complete": 2, "pruned": 0, "failed": 1}
    assert trials_of(tmp_path)[0].value == first.value


def test_trials_at_the_same_time(tuned, tmp_path):
    """On Ray with one process per trial: two trials run at the same time on two cores."""
    pytest.importorskip("ray", reason="the extra ray is not installed")
    result, _ = tuned("--trials", 2, "--on", "ray")
    assert result["trials"] == {"complete": 2, "pruned": 0, "failed": 0}
    first, second = trials_of(tmp_path)
    assert first.params != second.params
    assert result["best"]["value"] == max(first.value, second.value)
    if (os.cpu_count() or 1) > 1:
        assert second.datetime_start < first.datetime_complete
        assert first.datetime_start < second.datetime_complete


def test_divergent_trials_fail(tuned, tmp_path):
    """The reason of each failure is recorded."""
    divergent = ("--optimizer", "sgd", "--l2", 10, "--warmup", 0.9, "--weight-decay", 0, "--learning-rate", 0.3)
    with pytest.raises(AssertionError, match="no trial is complete") as error:
        tuned("--trials", 2, *divergent)
    assert "no longer" in str(error.value)
    assert [trial.state.name for trial in trials_of(tmp_path)] == ["FAIL", "FAIL"]
    assert all("InputError" in trial.user_attrs["ended"] for trial in trials_of(tmp_path))


def test_the_worst_trial_is_pruned(parity, tmp_path):
    """By Optuna's median rule on the validation metric."""
    from optuna import TrialPruned

    from plexus.tuning.pruning import Pruning

    task = registry().task("logic.parity")
    study = Study.open(tmp_path / "study", task, FIXED).optuna_study()

    def report_epochs(trial, accuracy):
        pruning = Pruning(trial, task.metric)
        for epoch in range(8):
            pruning.on_epoch_evaluated({"epoch": epoch, "accuracy": accuracy})
        study.tell(trial, accuracy)

    for number in range(6):
        report_epochs(study.ask(), 0.9 + number / 100)
    with pytest.raises(TrialPruned, match=r"accuracy 0.5000 after 3 epochs"):
        report_epochs(study.ask(), 0.5)
    report_epochs(study.ask(), 0.99)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--trials", 0), "--trials must be greater than or equal to 1"),
        (("--data", "no bits"), "expected the number of bits of a row"),
        (("--dropout", 2), "--dropout must be less than 1"),
    ],
)
def test_wrong_options_are_refused_once(refused, parity, flags, message):
    assert message in refused("tune", "logic.parity", *flags)


def test_another_study_is_not_continued(refused, parity, tmp_path):
    Study.open(tmp_path / "study", registry().task("logic.parity"), FIXED)
    line = refused("tune", "logic.parity", "--data", "7", "--study", "study", "--trials", 2)
    assert "has another study" in line
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("precious")
    (tmp_path / "study/study.json").write_text("{")
    assert "study.json is damaged" in refused("tune", "logic.parity", "--study", "study")
    assert "is not a study" in refused("tune", "logic.parity", "--study", "mine")
