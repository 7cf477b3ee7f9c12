"""Clustering on the command line: tables, images, texts, and errors of unusable data."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import adjusted_rand_score

import plexus
from plexus import load

CLUSTERS = 3


def write_table(file, rows=300, seed=0):
    """Write three clusters of rows with two numbers and a category; return the labels."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, CLUSTERS, rows)
    x = generator.normal(size=(rows, 2)) + np.array([[0, 0], [9, 0], [0, 9]])[labels]
    lines = [f"{a:.5f},{b:.5f},{'abc'[label]},{label}" for (a, b), label in zip(x, labels, strict=True)]
    file.write_text("\n".join(["height,width,kind,group", *lines]) + "\n")
    return labels


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a table and a run that was trained on it."""
    folder = tmp_path_factory.mktemp("table")
    write_table(folder / "train.csv")
    plexus.train("clustering.deep", run=folder / "run", data=str(folder / "train.csv"), label="group")
    return folder


def test_a_table(trained):
    bundle = plexus.load(trained / "run/bundle")
    assert bundle.metrics["clusters"] == CLUSTERS
    assert bundle.metrics["ari"] > 0.98
    assert bundle.metrics["stability"] > 0.98
    assert bundle.metrics["count_stability"] == 1
    assert bundle.metrics["second_count"] == CLUSTERS
    assert {file.name for file in (trained / "run/report").iterdir()} == {"map.svg", "sizes.svg", "profiles.svg"}
    card = (trained / "run/bundle/README.md").read_text()
    assert "on all of the data that was clustered" in card
    assert "The weights were computed or pretrained; this training did not change them." in card
    prediction = bundle.predict([{"height": "9.1", "width": "0.2", "kind": "b"}])[0]
    assert prediction.membership > 0.99
    assert not prediction.outlier
    assert len(prediction.exemplars) == 3
    assert bundle.predict([{"height": 900, "width": 0, "kind": "b"}])[0].outlier


def test_the_recorded_options_fit_the_same_codec(trained):
    """A resumed training estimates the number of clusters and its stability again."""
    bundle = plexus.load(trained / "run/bundle")
    options = bundle.task.options.parse(bundle.manifest["options"])
    codec = bundle.task.fit_codec(bundle.task.load_dataset(options), options)
    assert (codec.clusters, codec.count_stability) == (bundle.codec.clusters, bundle.codec.count_stability)
    assert codec.references.to_json() == bundle.codec.references.to_json()


@pytest.mark.slow
def test_a_table_with_the_cluster_of_each_row(trained, plexus, tmp_path):
    labels = write_table(tmp_path / "new.csv", rows=120_000, seed=1)  # more than one chunk
    done = plexus("predict", trained / "run/bundle", "new.csv", "--out", "clusters.csv", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["rows"] == 120_000
    with (tmp_path / "clusters.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == [
        "height", "width", "kind", "group", "cluster", "membership", "distance", "outlier", "exemplars",
    ]  # fmt: skip
    assert [int(row["group"]) for row in rows] == labels.tolist()
    assert adjusted_rand_score(labels, [row["cluster"] for row in rows]) > 0.98
    again = plexus("predict", trained / "run/bundle", "new.csv", "--out", "clusters.csv")
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_predict_and_explain_rows(trained, plexus, tmp_path):
    row = '{"height": 0, "width": 9, "kind": "c"}'
    done = plexus("predict", trained / "run/bundle", row, "--explain", "--out", tmp_path / "why", "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)
    assert result["answer"]["membership"] > 0.99
    assert Image.open(tmp_path / result["explanation"]).width > 300


def test_a_damaged_table_writes_no_output(trained, refused, tmp_path):
    (tmp_path / "bad.csv").write_text("height,width,kind\n1,2,a\n1,2,a,4\n")
    line = refused("predict", trained / "run/bundle", "bad.csv", "--out", "clusters.csv")
    assert "bad.csv, line 3: 4 fields; the first line has 3" in line
    assert [file.name for file in tmp_path.iterdir()] == ["bad.csv"]


def test_evaluate_on_other_data(trained, plexus, tmp_path):
    write_table(tmp_path / "other.csv", seed=5)
    done = plexus("evaluate", trained / "run/bundle", "--data", tmp_path / "other.csv", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["examples"] == 300
    assert result["scores"]["ari"] > 0.98


@pytest.mark.parametrize(
    ("content", "options", "line"),
    [
        ("a,b\n1,2\n3,4\n", [], "expected 4 or more inputs, got 2"),
        ("a,b\n1,2\n3,4\n5,7\n6,1\n", ["--clusters", "9"], "--clusters 9: there are only 4 inputs"),
        ("a,b\n1,2\n1,2\n1,2\n1,2\n", [], "no column distinguishes the rows"),
        ("a,b\n", [], "t.csv has no rows"),
        ("a,b\n1.5,2\n3,4,5\n", [], "t.csv, line 3: 3 fields; the first line has 2"),
        ("a,b\n1.5,2\n3,4\n6,1\n1,1\n", ["--label", "c"], "--label c: there is no such column; there are a, b"),
        ("a,b\n1.5,2\n3,4\n6,1\n1,1\n", ["--clusters", "many"], "--clusters must be"),
    ],
)
def test_data_that_cannot_be_clustered(refused, tmp_path, content, options, line):
    (tmp_path / "t.csv").write_text(content)
    assert line in refused("train", "clustering.deep", "--data", "t.csv", *options)


def test_other_data_that_cannot_be_used(refused, tmp_path):
    (tmp_path / "t.arff").write_text("@relation t\n@attribute a real\n@attribute day date\n@data\n1,foo\n")
    assert "attribute 'day' is a date" in refused("train", "clustering.deep", "--data", "t.arff")
    assert "clustering_benchmark: name one of its 54 tables" in refused(
        "train", "clustering.deep", "--data", "clustering_benchmark"
    )
    assert "did you mean" in refused("train", "clustering.deep", "--data", "clustering_benchmark/real-world/irish")
    (tmp_path / "empty").mkdir()
    assert "empty has no images" in refused("train", "clustering.deep", "--data", "empty")


def test_texts(plexus, tmp_path):
    generator = np.random.default_rng(0)
    topics = [["rain", "sun", "wind", "cloud", "storm"], ["goal", "ball", "team", "match", "score"]]
    lines = [" ".join(generator.choice(topics[i % 2], 6)) for i in range(200)]
    (tmp_path / "docs.txt").write_text("\n".join(lines) + "\n\n")
    done = plexus("train", "clustering.deep", "--data", "docs.txt", "--clusters", "2", "--out", "texts")
    assert done.returncode == 0, done.stderr
    assert "1 empty line was dropped: line 201" in done.stderr
    bundle = load(tmp_path / "texts")
    weather, sport = bundle.predict(["sun and wind and rain", "the team had the ball"])
    assert weather.cluster != sport.cluster
    assert weather.membership > 0.9
    assert bundle.metrics["stability"] > 0.9


@pytest.mark.slow
def test_a_folder_of_images(plexus, tmp_path):
    generator = np.random.default_rng(0)
    for shape in ("bar", "box"):
        (tmp_path / "shapes" / shape).mkdir(parents=True)
        for i in range(40):
            image = generator.integers(0, 40, (24, 24), np.uint8)
            top, left = generator.integers(2, 8, 2)
            image[top : top + 12, left : left + (3 if shape == "bar" else 12)] = 230
            Image.fromarray(image).save(tmp_path / f"shapes/{shape}/{i}.png")
    (tmp_path / "shapes/box/0.png").write_bytes(b"not an image")
    done = plexus(
        "train", "clustering.deep", "--data", "shapes", "--clusters", "2", "--method", "deep", "--out", "b",
        "--batch-size", "16", "--epochs", "20", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 image could not be read and was dropped" in done.stderr
    result = json.loads(done.stdout)
    assert result["scores"]["acc"] > 0.9
    assert {"map.svg", "sizes.svg", "exemplars.svg", "training.svg"} == {
        file.name for file in (tmp_path / result["run"] / "report").iterdir()
    }
    (tmp_path / "few").mkdir()
    for i in range(5):  # each explanation is drawn in a quarter of a second
        (tmp_path / f"shapes/bar/{i}.png").rename(tmp_path / f"few/{i}.png")
    done = plexus("predict", "b", "few", "--explain", "--out", "why", "--json")
    assert len(json.loads(done.stdout)) == 5
    assert len(list((tmp_path / "why").glob("*.png"))) == 5


@pytest.mark.slow
@pytest.mark.data
def test_the_shipped_bundle_has_the_metrics_of_its_manifest():
    bundle = plexus.load("clustering.deep/mnist")
    metrics = bundle.evaluate()["scores"]
    for name, value in bundle.metrics.items():
        # The sums of k-means, the baseline, depend on the number of threads.
        assert metrics[name] == pytest.approx(value, rel=1e-2 if name.startswith("kmeans") else 1e-6), name


def test_shipped_exemplars_are_images():
    bundle = plexus.load("clustering.deep/mnist")
    assert {exemplar.image().shape for exemplar in bundle.codec.exemplars} == {(28, 28)}
    image = np.zeros((28, 28, 1), np.uint8)
    image[4:24, 13:15] = 255
    assert bundle.predict([image])[0].membership > 0.9
