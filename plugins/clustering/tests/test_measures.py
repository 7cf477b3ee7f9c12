"""Figures with known values, and that no label but the truth's figures depends on labels."""

import numpy as np
import pytest

import plexus
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import train
from plexus_clustering.validity import neighbour_agreement, shape_scores, truth_scores


def test_truth_scores_do_not_depend_on_names():
    truth = np.array(list("aaabbbccc"))
    found = np.array([2, 2, 2, 0, 0, 0, 1, 1, 0])
    scores = truth_scores(found, truth, "x_")
    assert scores["x_acc"] == pytest.approx(8 / 9)
    assert scores == pytest.approx(truth_scores((found + 1) % 3, truth, "x_"), rel=1e-12)


def test_agreement_is_1_for_far_groups_and_0_for_chance_and_for_one_cluster():
    generator = np.random.default_rng(0)
    truth = np.repeat([0, 1], 200)
    x = generator.normal(size=(400, 2)) + 20 * truth[:, None]
    assert neighbour_agreement(x, truth) == 1
    assert abs(neighbour_agreement(x, generator.permutation(truth))) < 0.05
    assert neighbour_agreement(x, np.zeros(400, int)) == 0
    assert shape_scores(x, np.zeros(400, int)) == {}
    assert shape_scores(x, truth)["silhouette"] > 0.9


@pytest.fixture
def labelled(tmp_path):
    """A table of three groups, and the same with its labels permuted."""
    generator = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 60)
    x = generator.normal(size=(180, 3)) + 6 * np.eye(3)[truth]
    files = []
    for name, labels in (("true", truth), ("permuted", generator.permutation(truth))):
        files.append(tmp_path / f"{name}.csv")
        rows = "\n".join(
            ",".join(f"{value:.6f}" for value in row) + f",{label}" for row, label in zip(x, labels, strict=True)
        )
        files[-1].write_text(f"a,b,c,group\n{rows}\n")
    return files


@pytest.mark.parametrize(("method", "options"), [("peaks", {}), ("deep", {"clusters": 3, "epochs": 4})])
def test_permuted_labels_change_nothing_but_the_measured_figures(labelled, tmp_path, method, options):
    task, results, histories = registry().task("clustering.deep"), [], []
    for file in labelled:
        given = task.options.parse({"data": str(file), "label": "group", "method": method, **options})
        run = Run.start(task.id, given, folder=tmp_path / file.stem)
        results.append(train(task, run)["scores"])
        histories.append([{k: v for k, v in line.items() if k != "seconds"} for line in run.history])
    true, permuted = results
    by_truth = {"acc", "nmi", "ari", "kmeans_acc", "kmeans_nmi", "kmeans_ari"}
    assert {name for name in true if true[name] != permuted[name]} == by_truth
    assert histories[0] == histories[1]
    assert not any(by_truth & line.keys() for line in histories[0])
    assert true["ari"] > 0.9
    assert permuted["ari"] < 0.1
    bundles = [plexus.load(tmp_path / file.stem / "bundle") for file in labelled]
    assert bundles[0].codec.to_json() == bundles[1].codec.to_json()
    rows = bundles[0].codec.encode([{"a": 6, "b": 0, "c": 0}, {"a": 0, "b": 2, "c": 3}])
    for name, values in bundles[0].run(rows).items():
        np.testing.assert_array_equal(values, bundles[1].run(rows)[name])
