"""Classification tasks whose networks with and without unlabelled images are compared."""

import keras
import numpy as np
import pytest

from plexus import Examples, Findings, InputError, Metric, Options, SupervisedDataset
from plexus.nets.network_pair import pair_networks, split_pair
from plexus.tasks.compared_codec import ComparedCodec
from plexus.tasks.compared_networks import ComparesNetworks, compared_metrics

CLASSES = np.arange(60) % 2
GENERATOR = np.random.default_rng(0)
POOR = 2.0 * np.eye(2)[CLASSES] + GENERATOR.normal(0, 2, (60, 2))
GOOD = POOR + 2.0 * np.eye(2)[CLASSES]
NETWORKS = {"network": "first", "comparison": "second"}


class RowCodec(ComparedCodec):
    def encode(self, inputs):
        return {"row": np.asarray(inputs)}


class Rows(ComparesNetworks[RowCodec, Options]):
    options, codec = Options, RowCodec

    def load_dataset(self, options):
        pytest.fail("no data is read, and no network is built")

    def fit_codec(self, dataset, options):
        pytest.fail("no data is read, and no network is built")

    def build_network(self, codec, options):
        pytest.fail("no data is read, and no network is built")


def predictor(network, comparison):
    """Predict prepared logits of both networks, by the number of the row."""
    logits = {"network": network, "comparison": comparison}
    return lambda inputs, network="network": {"logits": logits[network][inputs["row"]]}


@pytest.fixture
def task():
    return Rows("test.rows")


@pytest.fixture
def codec():
    return RowCodec(["a", "b"], comparison="without_unlabelled")


@pytest.fixture
def dataset():
    examples = Examples(np.arange(60), [("a", "b")[label] for label in CLASSES])
    parts = {"train": examples, "val": examples, "test": examples.take(np.arange(20))}
    dataset = SupervisedDataset(parts, 0, Findings())
    dataset.unlabelled = Examples(np.arange(60, 1260), [""] * 1200)
    return dataset


@pytest.mark.parametrize(
    ("network", "comparison", "same_source", "selected"),
    [
        (GOOD, POOR, False, "first"),
        (POOR, GOOD, False, "second"),
        (POOR, GOOD, True, "second"),
        (GOOD, GOOD, False, "second"),
        (GOOD, GOOD, True, "first"),
    ],
)
def test_the_validation_split_selects(task, codec, dataset, network, comparison, same_source, selected):
    dataset.same_source = same_source
    networks, chosen = task.select_networks(NETWORKS, predictor(network, comparison), dataset, codec)
    assert networks["network"] == selected
    assert set(networks.values()) == {"first", "second"}
    assert chosen.comparison == ("without_unlabelled" if selected == "first" else "with_unlabelled")
    assert codec.comparison == "without_unlabelled"


def test_images_of_a_patient_count_once(task, codec, dataset, monkeypatch):
    predict = predictor(GOOD, POOR)
    monkeypatch.setattr(task, "validation_groups", lambda dataset: np.zeros(60, int))
    assert task.select_networks(NETWORKS, predict, dataset, codec)[0]["network"] == "second"
    monkeypatch.setattr(task, "validation_groups", lambda dataset: np.arange(60) // 2)
    assert task.select_networks(NETWORKS, predict, dataset, codec)[0]["network"] == "first"


@pytest.mark.parametrize("comparison", ["with_unlabelled", "without_unlabelled"])
def test_both_metrics_and_the_card(task, codec, dataset, comparison):
    codec = codec.with_comparison(comparison)
    metrics = task.evaluate(predictor(GOOD, POOR), dataset, codec, "test")
    good, poor = (np.mean(logits[:20].argmax(axis=1) == CLASSES[:20]) for logits in (GOOD, POOR))
    other = {"with_unlabelled": "without_unlabelled", "without_unlabelled": "with_unlabelled"}[comparison]
    assert good > poor
    assert metrics["accuracy"] == metrics[f"accuracy_{other}"] == good
    assert metrics[f"accuracy_{comparison}"] == poor
    card = task.comparison_section(predictor(GOOD, POOR), dataset, codec, metrics)
    assert "one of them with 1,200 unlabelled images" in card[2]
    values = (good, poor) if comparison == "without_unlabelled" else (poor, good)
    assert card[-1] == f"| on the test split | {values[0]:.4f} | {values[1]:.4f} |"
    assert card[-2].startswith("| out of fold |")
    choice = "without them: they were no help" if comparison == "with_unlabelled" else "with them, by the comparison"
    assert card[3] == f"the one {choice} out of fold."


def test_a_model_of_labelled_data_alone(task, dataset):
    codec, predict = RowCodec(["a", "b"]), predictor(GOOD, POOR)
    assert "comparison" not in codec.to_json()
    assert not any("unlabelled" in name for name in task.evaluate(predict, dataset, codec, "test"))
    assert task.comparison_section(predict, dataset, codec, {}) == []
    networks, same = task.select_networks({"network": "first"}, predict, dataset, codec)
    assert (networks, same) == ({"network": "first"}, codec)
    assert task.export_networks("first", codec, Options(data="rows")) == {"network": "first"}


def test_the_names_of_the_metrics():
    with_unlabelled, without = compared_metrics(Metric("roc_auc", "Area under the ROC curve"))
    assert (with_unlabelled.name, without.name) == ("roc_auc_with_unlabelled", "roc_auc_without_unlabelled")
    assert without.label == "Area under the ROC curve without unlabelled images"
    assert without.direction == "higher"


def test_places_of_unlabelled_images(task, tmp_path):
    assert task.locate_unlabelled(None) is None
    assert task.locate_unlabelled(str(tmp_path)) == tmp_path
    with pytest.raises(InputError, match=r"^--unlabelled: no/such/folder: there is no such file or folder"):
        task.locate_unlabelled("no/such/folder")


def test_a_pair_of_networks():
    def build(scale):
        image = keras.Input((2, 2, 1), name="image", dtype="uint8")
        dense = keras.layers.Dense(3, use_bias=False, kernel_initializer=keras.initializers.Constant(scale))
        return keras.Model({"image": image}, {"logits": dense(keras.layers.Flatten()(image))})

    pair = pair_networks(build(1.0), build(2.0))
    outputs = pair({"image": np.ones((5, 2, 2, 1), np.uint8)})
    np.testing.assert_allclose(outputs["logits"], np.full((5, 3), 4.0))
    np.testing.assert_allclose(outputs["comparison"], np.full((5, 3), 8.0))
    networks = split_pair(pair)
    assert list(networks) == ["network", "comparison"]
    np.testing.assert_allclose(networks["comparison"]({"image": np.ones((1, 2, 2, 1))})["logits"], [[8.0] * 3])
    assert len(pair.variables) == 2
