"""Metrics on data with known values, and their independence of labels."""

import json

import numpy as np
import pytest

import plexus
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer
from plexus_clustering.metrics import external_metrics, internal_metrics, neighbour_agreement


def test_external_metrics_do_not_depend_on_numbering():
    labels = np.array(list("aaabbbccc"))
    clusters = np.array([2, 2, 2, 0, 0, 0, 1, 1, 0])
    metrics = external_metrics(clusters, labels, "x_")
    assert metrics["x_acc"] == pytest.approx(8 / 9)
    assert metrics == pytest.approx(external_metrics((clusters + 1) % 3, labels, "x_"), rel=1e-12)


def test_neighbour_agreement_of_separate_random_and_single_clusters():
    generator = np.random.default_rng(0)
    clusters = np.repeat([0, 1], 200)
    x = generator.normal(size=(400, 2)) + 20 * clusters[:, None]
    assert neighbour_agreement(x, clusters) == 1
    assert abs(neighbour_agreement(x, generator.permutation(clusters))) < 0.05
    assert neighbour_agreement(x, np.zeros(400, int)) == 0
    assert internal_metrics(x, np.zeros(400, int)) == {}
    assert internal_metrics(x, clusters)["silhouette"] > 0.9


@pytest.fixture
def labelled(tmp_path):
    """A table of three clusters, and the same table with permuted labels."""
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 60)
    x = generator.normal(size=(180, 3)) + 6 * np.eye(3)[labels]
    files = []
    for name, column in (("true", labels), ("permuted", generator.permutation(labels))):
        files.append(tmp_path / f"{name}.csv")
        rows = "\n".join(
            ",".join(f"{value:.6f}" for value in row) + f",{label}" for row, label in zip(x, column, strict=True)
        )
        files[-1].write_text(f"a,b,c,group\n{rows}\n")
    return files


@pytest.mark.slow
@pytest.mark.parametrize(("method", "options"), [("tomato", {}), ("deep", {"clusters": 3, "epochs": 4})])
def test_permuted_labels_change_only_the_metrics_with_labels(labelled, tmp_path, method, options):
    task, results = registry().task("clustering.deep"), []
    for file in labelled:
        parsed = task.options.parse({"data": str(file), "label": "group", "method": method, **options})
        results.append(Trainer(task).train(Run.start(task.id, parsed, folder=tmp_path / file.stem))["scores"])
    true, permuted = results
    external = {"acc", "nmi", "ari", "kmeans_acc", "kmeans_nmi", "kmeans_ari"}
    assert {name for name in true if true[name] != permuted[name]} == external
    logs = [read_log(tmp_path / file.stem) for file in labelled]
    assert logs[0] == logs[1]
    assert not any(external & line.keys() for line in logs[0])
    assert true["ari"] > 0.9
    assert permuted["ari"] < 0.1
    bundles = [plexus.load(tmp_path / file.stem / "bundle") for file in labelled]
    assert bundles[0].codec.to_json() == bundles[1].codec.to_json()
    rows = bundles[0].codec.encode([{"a": 6, "b": 0, "c": 0}, {"a": 0, "b": 2, "c": 3}])
    for name, values in bundles[0].predictor(rows).items():
        np.testing.assert_array_equal(values, bundles[1].predictor(rows)[name])


def read_log(run):
    """Return the history of a run without times; empty if no network was trained."""
    file = run / "log.jsonl"
    lines = map(json.loads, file.read_text().splitlines()) if file.exists() else []
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]
