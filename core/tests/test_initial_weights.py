"""Initial weights from a bundle: names of the option, layers that are copied, and the loss of pretraining."""

import keras
import numpy as np
import pytest
from keras import layers

from plexus import Findings, InputError, Options
from plexus.cli.options import read_config
from plexus.metrics.effective_rank import effective_rank, embedding_spread
from plexus.nets.self_supervised import build_projector, redundancy_loss
from plexus.report.model_card import training_command
from plexus.tasks.pretraining import describe_collapse, unlabelled_dataset
from plexus.training.initial_weights import CopiedLayers, output_layers, weighted_layers
from plexus.utils.option_names import field_of, flag_of


def network(units=8):
    row = keras.Input((4,), name="row")
    x = layers.BatchNormalization(name="normalization")(layers.Dense(units, name="hidden")(row))
    first, second = (layers.Dense(2, name=name)(layers.Dropout(0.1)(x)) for name in ("left", "right"))
    return keras.Model({"row": row}, {"logits": layers.Concatenate()([first, second])})


def test_a_keyword_of_python_is_an_option():
    assert (flag_of("from_"), flag_of("learning_rate")) == ("--from", "--learning-rate")
    assert (field_of("from"), field_of("learning-rate"), field_of("from_")) == ("from_", "learning_rate", "from_")
    values = [Options.parse({"data": "x", key: "bundle"}).from_ for key in ("from", "from_")]
    assert values == ["bundle", "bundle"]
    with pytest.raises(InputError, match="--from must be"):
        Options.parse({"data": "x", "from": ""})


def test_a_file_of_options_names_the_bundle(tmp_path):
    (tmp_path / "options.yaml").write_text("from: old\nlearning-rate: 0.1\n")
    assert read_config(tmp_path / "options.yaml") == {"from_": "old", "learning_rate": 0.1}


def test_the_command_that_reproduces_a_training_has_the_flag():
    options = Options.parse({"data": "x", "from": "old bundle"}).model_dump()
    class_with_defaults = type("WithDefaults", (Options,), {"defaults": {"data": "y"}})
    command = training_command({"task": "vision.classify", "options": options}, class_with_defaults)
    assert command == "plexus train vision.classify --data x --from 'old bundle'"


def test_layers_before_the_outputs():
    model = network()
    assert [layer.name for layer in output_layers(model)] == ["left", "right"]
    assert sorted(layer.name for layer in weighted_layers(model)) == ["hidden", "left", "normalization", "right"]
    nested = keras.Model(model.input, {"logits": model(model.input)["logits"]})
    assert output_layers(nested) == [model]
    assert len(weighted_layers(nested)) == 4


def test_calls_of_layers_by_other_networks_change_nothing():
    model = network()
    left, right = (model.get_layer(name) for name in ("left", "right"))
    keras.Model(model.input, right(keras.layers.Dense(left.input.shape[-1])(left(left.input))))
    assert [layer.name for layer in output_layers(model)] == ["left", "right"]


def test_the_output_layer_of_a_sequential_network():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(2)])
    assert output_layers(model) == model.layers[-1:]


def test_the_line_about_copied_layers():
    assert CopiedLayers(4, 4, "").describe("old") == "initial weights of old: 4 of 4 layers"
    line = CopiedLayers(3, 4, "other labels").describe("old")
    assert line == "initial weights of old: 3 of 4 layers; the output layer is new: other labels"


def test_the_loss_is_zero_for_the_same_uncorrelated_outputs():
    values = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], np.float32)
    assert float(redundancy_loss(values, values)) == pytest.approx(0, abs=1e-6)
    assert float(redundancy_loss(values, -values)) == pytest.approx(4, rel=1e-3)
    # Both outputs are the same: each of the two correlations off the diagonal is 1.
    same = values[:, :1].repeat(2, axis=1)
    assert float(redundancy_loss(same, same)) == pytest.approx(0.005, rel=1e-2)
    # A constant has no correlation with anything.
    assert float(redundancy_loss(np.ones_like(values), np.ones_like(values))) == pytest.approx(1, rel=1e-3)


def test_the_projection_has_the_units():
    assert build_projector(6, 16).output.shape == (None, 16)


def test_effective_rank_and_spread():
    generator = np.random.default_rng(0)
    isotropic = generator.normal(size=(2000, 8))
    assert effective_rank(np.eye(5)) == pytest.approx(5, rel=1e-4)
    assert effective_rank(isotropic) == pytest.approx(8, rel=0.01)
    assert effective_rank(np.ones((50, 8))) == pytest.approx(1, abs=1e-3)
    assert embedding_spread(isotropic) == pytest.approx(1, rel=0.02)
    assert embedding_spread(np.ones((50, 8)) * generator.uniform(1, 2, (50, 1))) == pytest.approx(0, abs=1e-6)
    assert effective_rank(np.zeros((50, 8))) == pytest.approx(1, abs=1e-3)


def test_a_collapse_is_one_line():
    assert describe_collapse({"effective_rank": 9.5, "embedding_spread": 0.3}) == ""
    for rank, spread in ((1.2, 0.3), (9.5, 0.01)):
        line = describe_collapse({"effective_rank": rank, "embedding_spread": spread})
        assert line.startswith("the representation has collapsed")
        assert f"effective rank {rank}" in line
        assert "\n" not in line


def test_inputs_without_labels_are_split_by_the_seed():
    images = np.arange(100, dtype=np.uint8).reshape(-1, 1, 1, 1)
    dataset = unlabelled_dataset(images, 0, Findings())
    assert [dataset.count(split) for split in ("train", "val", "test", "unseen")] == [80, 10, 10, 100]
    parts = np.concatenate([np.asarray(dataset[split].inputs).ravel() for split in ("train", "val", "test")])
    assert sorted(parts.tolist()) == list(range(100))
    again, other = (unlabelled_dataset(images, seed, Findings()) for seed in (0, 1))
    np.testing.assert_array_equal(dataset["test"].inputs, again["test"].inputs)
    assert not np.array_equal(dataset["test"].inputs, other["test"].inputs)
    assert unlabelled_dataset(np.zeros((50_000, 1, 1, 1), np.uint8), 0, Findings()).count("test") == 1000
