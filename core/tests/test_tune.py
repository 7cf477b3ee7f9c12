"""Options found by trying."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from plexus.tuning.search import tune
from plexus.tuning.study import Study

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
    """Ranked on the validation split; the test split is looked at once, of the best alone."""
    result, _ = tuned("--trials", 4, "--learning-rate", 0.02)
    trials = trials_of(tmp_path)
    assert result["trials"] == {"complete": 4, "pruned": 0, "failed": 0}
    assert result["best"]["value"] == max(trial.value for trial in trials)
    assert len({json.dumps(trial.params) for trial in trials}) == 4
    assert all("learning_rate" not in trial.params for trial in trials)  # given, so not tuned
    bundles = sorted(tmp_path.glob("study/trials/*/bundle"))
    assert [bundle.parent.name for bundle in bundles] == [f"{result['best']['trial']:04}"]
    options = json.loads((bundles[0] / "bundle.json").read_text())["options"]
    assert {name: options[name] for name in result["best"]["options"]} == result["best"]["options"]
    assert options["learning_rate"] == 0.02


def test_a_study_is_gone_on_with(parity, tmp_path):
    first, again = (tune(Study.open(tmp_path / "study", "logic.parity", FIXED), trials) for trials in (2, 3))
    assert again["trials"]["complete"] == 3
    assert again["best"]["value"] >= first["best"]["value"]
    assert len({json.dumps(trial.params) for trial in trials_of(tmp_path)}) == 3


def test_a_trial_that_fails_and_a_kill_lose_nothing(tuned, parity, tmp_path):
    """Options that the network cannot have, and a killed process: both are failed trials, and the rest goes on."""
    command = [sys.executable, "-m", "plexus", *TUNE, "--trials", "3"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ)
    while "trial 1:" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    states = [trial.state.name for trial in trials_of(tmp_path)]
    assert states == ["COMPLETE", "RUNNING"]
    kept = trials_of(tmp_path)[0]
    result, _ = tuned("--trials", 3)
    assert result["trials"] == {"complete": 2, "pruned": 0, "failed": 1}
    assert trials_of(tmp_path)[0].value == kept.value


def test_trials_side_by_side(tuned, tmp_path):
    """On Ray's own engine, a process a trial: two at once where there are two cores, and none is tried twice."""
    pytest.importorskip("ray", reason="the extra ray is not installed")
    result, _ = tuned("--trials", 2, "--on", "ray")
    assert result["trials"] == {"complete": 2, "pruned": 0, "failed": 0}
    first, second = trials_of(tmp_path)
    assert first.params != second.params
    assert result["best"]["value"] == max(first.value, second.value)
    if (os.cpu_count() or 1) > 1:
        assert second.datetime_start < first.datetime_complete
        assert first.datetime_start < second.datetime_complete


def test_gradients_that_explode_are_a_failed_trial(tuned, tmp_path):
    """Of three trials at hopeless rates some may fail; what each ended of is written down."""
    wild = ("--optimizer", "sgd", "--l2", 10, "--warmup", 0.9, "--weight-decay", 0, "--learning-rate", 0.3)
    result = failing(tuned, tmp_path, *wild)
    assert "no longer" in result


def failing(tuned, tmp_path, *wild):
    """The line of a study of which no trial comes to its end."""
    with pytest.raises(AssertionError, match="no trial came to its end") as told:
        tuned("--trials", 2, *wild)
    assert [trial.state.name for trial in trials_of(tmp_path)] == ["FAIL", "FAIL"]
    assert all("InputError" in trial.user_attrs["ended"] for trial in trials_of(tmp_path))
    return str(told.value)


def test_laggards_are_given_up(parity, tmp_path):
    """By Optuna's median rule, on figures of the validation split: the worst of seven is not trained to its end."""
    from optuna import TrialPruned

    from plexus.plugins.registry import registry
    from plexus.tuning.pruning import Pruning

    study = Study.open(tmp_path / "study", "logic.parity", FIXED)
    of_optuna = study.trials()
    score = registry().task("logic.parity").score

    def trained(trial, accuracy):
        watcher = Pruning(trial, score)
        for epoch in range(8):
            watcher.on_epoch_evaluated({"epoch": epoch, "accuracy": accuracy})
        of_optuna.tell(trial, accuracy)

    for number in range(6):
        trained(of_optuna.ask(), 0.9 + number / 100)
    with pytest.raises(TrialPruned, match=r"accuracy 0.5000 after 3 epochs"):
        trained(of_optuna.ask(), 0.5)
    trained(of_optuna.ask(), 0.99)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--trials", 0), "--trials must be greater than or equal to 1"),
        (("--data", "no bits"), "expected the number of bits of a row"),
        (("--dropout", 2), "--dropout must be less than 1"),
    ],
)
def test_what_is_wrong_is_said_once(refused, parity, flags, said):
    assert said in refused("tune", "logic.parity", *flags)


def test_another_study_is_not_gone_on_with(refused, parity, tmp_path):
    Study.open(tmp_path / "study", "logic.parity", FIXED)
    line = refused("tune", "logic.parity", "--data", "7", "--study", "study", "--trials", 2)
    assert "has another study" in line
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("precious")
    assert "is not a study" in refused("tune", "logic.parity", "--study", "mine")
