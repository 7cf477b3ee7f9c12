"""The conformance kit finds what it looks for."""

import numpy as np
import pytest
from pydantic import Field

from plexus import Batches, InputError, Options
from plexus.testing import check_plugin
from plexus.testing.bad_data import check_bad_data
from plexus.testing.bundle import check_bundle
from plexus.testing.plugin import _option_faults
from plexus.testing.predictions import check_answers
from plexus.testing.task import trained
from plexus.testing.training import check_batches, check_fitting, check_network


@pytest.fixture
def learned(parity, tmp_path):
    """A bundle of the small task, and its source."""
    bundle = trained("logic.parity", tmp_path, data="4", epochs=2, units=4)
    return bundle, bundle.task.load_dataset(bundle.task.options.parse(bundle.manifest["options"]))


def test_what_a_bundle_and_its_answers_owe(learned):
    bundle, dataset = learned
    check_answers(bundle, dataset)
    check_network(bundle, dataset["test"].encode(bundle.codec))
    plain = bundle.codec.decode
    bundle.codec.decode = lambda outputs: plain({"logits": outputs["logits"] / np.abs(outputs["logits"]).max()})
    with pytest.raises(AssertionError, match="asked alone the answer is"):
        check_answers(bundle, dataset)
    bundle.codec.decode = lambda outputs: plain(outputs)[:1]
    with pytest.raises(AssertionError, match="1 answers for 3 inputs"):
        check_answers(bundle, dataset)
    bundle.network = lambda arrays: {"logits": np.zeros((len(arrays["bits"]), 2))}
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_network(bundle, dataset["test"].encode(bundle.codec))
    bundle.manifest["scores"]["accuracy"] += 0.01
    with pytest.raises(AssertionError, match="other scores than train"):
        check_bundle(bundle)


def test_what_batches_owe(learned, monkeypatch):
    bundle, dataset = learned
    task = bundle.task
    check_batches(task, bundle, dataset)

    def batches(seed, epoch_counts):
        def made(dataset, codec, learner, options, epoch):
            train = dataset["train"]
            y = np.zeros(len(train), np.int32)
            return Batches.shuffled(train.encode(codec), y, options.batch_size, seed(), epoch * epoch_counts)

        return made

    monkeypatch.setattr(task, "batches", batches(lambda: 0, 0))
    with pytest.raises(AssertionError, match="two epochs have the same batches"):
        check_batches(task, bundle, dataset)
    monkeypatch.setattr(task, "batches", batches(lambda: int(np.random.default_rng().integers(1e9)), 1))
    with pytest.raises(AssertionError, match="the same epoch has other batches"):
        check_batches(task, bundle, dataset)


def test_what_a_training_owes(learned, monkeypatch, tmp_path):
    bundle, _ = learned
    task = bundle.task
    check_fitting(task, bundle, tmp_path / "good")
    plain, calls = task.batches, []

    def by_the_call(dataset, codec, learner, options, epoch):
        calls.append(epoch)
        return plain(dataset, codec, learner, options, len(calls))

    monkeypatch.setattr(task, "batches", by_the_call)
    with pytest.raises(AssertionError, match="two trainings of one seed end differently"):
        check_fitting(task, bundle, tmp_path / "bad")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "is taken for data"),
        (ValueError("no"), "ends with ValueError: no, not with an InputError"),
        (InputError("two\nlines"), "is refused in several lines"),
    ],
)
def test_what_is_owed_to_those_whose_data_is_wrong(learned, monkeypatch, tmp_path, error, said):
    bundle, good = learned
    check_bad_data(bundle.task, tmp_path)

    def source(options):
        if error:
            raise error
        return good

    monkeypatch.setattr(bundle.task, "load_dataset", source)
    monkeypatch.setattr(bundle.task, "fit_codec", lambda dataset, options: None)
    with pytest.raises(AssertionError, match=said):
        check_bad_data(bundle.task, tmp_path)


def test_what_options_owe():
    class Loose(Options):
        data: str = Field("x", description="what to learn from")
        size: int = Field(3, description="of it")

    class Bare(Options):
        width: int = Field(3, ge=1)

    assert _option_faults(Loose) == ["option size is a number without bounds"]
    assert _option_faults(Bare) == ["option width has no description", "option data has no default"]
    with pytest.raises(InputError, match="no plugin 'nowhere' is installed"):
        check_plugin("nowhere")
