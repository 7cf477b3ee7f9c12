"""Conformance checks: each one passes for a correct plugin and fails with a clear message for a faulty one."""

import numpy as np
import pytest
from pydantic import Field

from plexus import Batches, Entry, InputError, Options
from plexus.errors import BundleError
from plexus.plugins.loading import Plugin
from plexus.testing import (
    Trial,
    bundle_checks,
    check_plugin,
    codec_checks,
    parametrize_with_checks,
    plugin_checks,
    prediction_checks,
    training_checks,
)
from plexus.testing.runner import PLUGIN_CHECKS, TASK_CHECKS

OPTIONS = {"data": "4", "epochs": 2, "units": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("trial")


@pytest.fixture
def trial(parity, folder):
    """The trial of the small task, trained once for all tests of this file."""
    trial = Trial("logic.parity", folder, **OPTIONS)
    assert trial.bundle.task.id == "logic.parity"
    return trial


def test_every_check_has_a_docstring_and_a_unique_name():
    checks = [*PLUGIN_CHECKS, *TASK_CHECKS]
    modules = (bundle_checks, codec_checks, plugin_checks, prediction_checks, training_checks)
    defined = {name for module in modules for name in vars(module) if name.startswith("check_")}
    assert {check.__name__ for check in checks} == defined
    assert len(checks) == len(defined)
    assert all(check.__doc__ for check in checks)


def test_each_check_is_an_item_with_a_name(parity):
    mark = parametrize_with_checks("parity", {"check_epochs_are_shuffled": "the rows are in one batch"}).mark
    items = {item.id: item for item in mark.args[1]}
    assert {"parity-check_plugin_loads", "logic.parity-check_codec_survives_json"} <= items.keys()
    assert len(items) == len(PLUGIN_CHECKS) + len(TASK_CHECKS)
    (xfail,) = items["logic.parity-check_epochs_are_shuffled"].marks
    assert xfail.kwargs["reason"] == "the rows are in one batch"
    assert not items["logic.parity-check_batches_are_reproducible"].marks


def test_a_codec_that_loses_state(trial, monkeypatch):
    codec_checks.check_codec_survives_json(trial)
    monkeypatch.setattr(type(trial.bundle.codec), "from_json", classmethod(lambda cls, state: cls(7)))
    with pytest.raises(AssertionError, match=r"expected \{'bits': 4,.*found \{'bits': 7"):
        codec_checks.check_codec_survives_json(trial)


def test_a_codec_that_is_fitted_at_random(trial, monkeypatch):
    codec_checks.check_fit_codec_is_pure(trial)
    codecs = [type(trial.bundle.codec)(bits) for bits in (3, 4)]
    monkeypatch.setattr(trial.task, "fit_codec", lambda dataset, options: codecs.pop())
    with pytest.raises(AssertionError, match="expected the same codec twice"):
        codec_checks.check_fit_codec_is_pure(trial)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (None, "expected an InputError, found that it is accepted"),
        (ValueError("no"), "expected an InputError, found ValueError: no"),
        (InputError("two\nlines"), "expected an error of one line"),
    ],
)
def test_invalid_data_that_is_accepted_or_refused_with_a_wrong_error(trial, monkeypatch, error, message):
    codec_checks.check_invalid_data_is_refused(trial)
    dataset = trial.dataset

    def load_dataset(options):
        if error:
            raise error
        return dataset

    monkeypatch.setattr(trial.task, "load_dataset", load_dataset)
    monkeypatch.setattr(trial.task, "fit_codec", lambda dataset, options: None)
    with pytest.raises(AssertionError, match=message):
        codec_checks.check_invalid_data_is_refused(trial)


def test_predictions_that_depend_on_each_other_or_are_too_few(trial, monkeypatch):
    prediction_checks.check_predictions_are_plain_data(trial)
    prediction_checks.check_predictions_are_independent(trial)
    codec = trial.bundle.codec
    decode = codec.decode
    monkeypatch.setattr(
        codec, "decode", lambda outputs, inputs: decode({"logits": outputs["logits"] * len(inputs)}, inputs)
    )
    with pytest.raises(AssertionError, match="predicted alone: expected"):
        prediction_checks.check_predictions_are_independent(trial)
    monkeypatch.setattr(codec, "decode", lambda outputs, inputs: decode(outputs, inputs)[:1])
    with pytest.raises(BundleError, match="expected one prediction per input, got 1 for 3 inputs"):
        prediction_checks.check_predictions_are_plain_data(trial)
    monkeypatch.setattr(codec, "decode", lambda outputs, inputs: ["even"] * len(inputs))
    with pytest.raises(AssertionError, match=r"expected a plexus\.Prediction, found 'even'"):
        prediction_checks.check_predictions_are_plain_data(trial)


def test_a_prediction_that_changes_the_codec(trial, monkeypatch):
    prediction_checks.check_predict_changes_nothing(trial)
    codec = trial.bundle.codec
    decode = codec.decode

    def count(outputs, inputs):
        codec.temperature += 1
        return decode(outputs, inputs)

    monkeypatch.setattr(codec, "decode", count)
    with pytest.raises(AssertionError, match="predict: expected an unchanged codec"):
        prediction_checks.check_predict_changes_nothing(trial)


@pytest.mark.slow
def test_a_network_that_computes_differently(trial, monkeypatch):
    bundle_checks.check_onnx_equals_keras(trial)
    monkeypatch.setattr(
        trial.bundle, "predictor", lambda arrays, network: {"logits": np.zeros((len(arrays["bits"]), 2))}
    )
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        bundle_checks.check_onnx_equals_keras(trial)


@pytest.mark.slow
def test_metrics_that_differ_or_do_not_beat_the_baseline(trial, monkeypatch):
    scores = trial.bundle.manifest["scores"]
    monkeypatch.setitem(scores, "accuracy", scores["majority_accuracy"])
    with pytest.raises(AssertionError, match="accuracy: expected better than majority_accuracy"):
        bundle_checks.check_metric_beats_baseline(trial)
    with pytest.raises(AssertionError, match="evaluate in a new process: expected the metrics"):
        bundle_checks.check_evaluation_is_reproducible(trial)
    monkeypatch.delitem(scores, "accuracy")
    with pytest.raises(AssertionError, match="expected the metric 'accuracy', found macro_f1"):
        bundle_checks.check_metric_beats_baseline(trial)


def test_batches_that_are_not_a_function_of_the_epoch(trial, monkeypatch):
    training_checks.check_batches_are_reproducible(trial)
    training_checks.check_epochs_are_shuffled(trial)

    def make(seed, factor):
        def batches(dataset, codec, learner, options, epoch):
            train = dataset["train"]
            y = np.zeros(len(train), np.int32)
            return Batches.shuffled(train.encode(codec), y, options.batch_size, seed(), epoch * factor)

        return batches

    monkeypatch.setattr(trial.task, "batches", make(lambda: 0, 0))
    with pytest.raises(AssertionError, match="expected another order in another epoch"):
        training_checks.check_epochs_are_shuffled(trial)
    monkeypatch.setattr(trial.task, "batches", make(lambda: int(np.random.default_rng().integers(1e9)), 1))
    with pytest.raises(AssertionError, match="expected the same inputs for the same epoch"):
        training_checks.check_batches_are_reproducible(trial)


@pytest.mark.slow
def test_a_training_that_depends_on_the_number_of_calls(parity, monkeypatch, tmp_path):
    trial = Trial("logic.parity", tmp_path, **OPTIONS)
    training_checks.check_losses_are_finite(trial)
    batches, calls = trial.task.batches, []

    def depend_on_calls(dataset, codec, learner, options, epoch):
        calls.append(epoch)
        return batches(dataset, codec, learner, options, len(calls))

    monkeypatch.setattr(trial.task, "batches", depend_on_calls)
    with pytest.raises(AssertionError, match="two trainings with the same seed: expected the same weights"):
        training_checks.check_resumed_training_is_identical(trial)
    log = trial.bundle.folder.parent / "log.jsonl"
    log.write_text(log.read_text() + '{"loss": NaN}\n')
    with pytest.raises(AssertionError, match=r"expected finite losses, found \[.*nan\]"):
        training_checks.check_losses_are_finite(trial)


class Unbounded(Options):
    """Options with a number that has no bounds."""

    defaults = {"data": "x"}

    size: int = Field(3, description="Size.")


class Undescribed(Options):
    """Options without a description and without a default."""

    width: int = Field(3, ge=1)


@pytest.fixture
def plugin(monkeypatch):
    """A function that returns a plugin with a single task that has the passed options."""

    def make(options):
        monkeypatch.setattr(plugin_checks, "_options", lambda plugin: [("a.b", options)])
        return Plugin("a", "a-dist", "1")

    return make


def test_options_without_bounds_description_or_default(plugin):
    with pytest.raises(AssertionError, match=r"a\.b: option size is a number without bounds"):
        plugin_checks.check_options_are_bounded(plugin(Unbounded))
    plugin_checks.check_options_survive_json(plugin(Unbounded))
    plugin_checks.check_options_are_described(plugin(Unbounded))
    with pytest.raises(AssertionError, match=r"a\.b: option data has no default"):
        plugin_checks.check_options_are_described(plugin(Undescribed))


@pytest.mark.parametrize(
    ("entry", "check", "message"),
    [
        (
            Entry("ab", "One line", "json:loads"),
            "check_entries_are_described",
            "expected an id of the form domain.task",
        ),
        (Entry("a.b", "", "json:loads"), "check_entries_are_described", "expected a summary of one line"),
        (Entry("a.b", "One line", "json:nothing"), "check_targets_have_their_type", "json:nothing cannot be loaded"),
        (Entry("a.b", "One line", "json:loads"), "check_targets_have_their_type", "expected a Task at json:loads"),
    ],
)
def test_invalid_entries(monkeypatch, entry, check, message):
    monkeypatch.setattr(plugin_checks, "_entries", lambda plugin: [("tasks", entry)])
    with pytest.raises(AssertionError, match=message):
        getattr(plugin_checks, check)(Plugin("a", "a-dist", "1"))


def test_a_broken_plugin_and_a_name_that_is_not_installed():
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        plugin_checks.check_plugin_loads(Plugin("a", "a-dist", "1", error="ZeroDivisionError: oops"))
    with pytest.raises(InputError, match=r"there is no plugin 'visions': did you mean 'vision'\?"):
        check_plugin("visions")
