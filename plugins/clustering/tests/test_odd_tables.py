"""Tables of odd columns: whatever is accepted ends in clusters."""

import contextlib

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plexus import InputError
from plexus.plugins.registry import registry
from plexus_clustering.calibration import fit_profiles
from plexus_clustering.codec import squared_distances
from plexus_clustering.evaluation import evaluate_all, evaluate_sample
from plexus_clustering.prediction import NOISE


class ReferencePredictor:
    """The network of the methods without training, in NumPy: a network per table would take seconds."""

    def __init__(self, codec):
        self.references, self.clusters = codec.references, codec.clusters

    def __call__(self, inputs):
        (x,) = inputs.values()
        if self.references.projection is not None:
            x = self.references.projection.apply(x)
        weights = 1 / np.maximum(squared_distances(x, self.references.points), 1e-7) ** 2
        members = np.eye(self.clusters)[self.references.clusters] * (self.references.clusters != NOISE)[:, None]
        return {"embedding": x, "membership": weights @ members / weights.sum(axis=1, keepdims=True)}


def cluster(file, **options):
    task = registry().task("clustering.deep")
    parsed = task.options.parse({"data": str(file), **options})
    dataset = task.load_dataset(parsed)
    task.check_dataset(dataset, parsed)
    codec = task.fit_codec(dataset, parsed)
    predictor = ReferencePredictor(codec)
    codec = fit_profiles(predictor, dataset, codec)
    metrics = evaluate_all(predictor, dataset, codec) | evaluate_sample(predictor, dataset, codec)
    assert np.isfinite(list(metrics.values())).all()
    rows = pl.read_csv(file, infer_schema=False).head(3).to_dicts()
    predictions = codec.decode(predictor(codec.encode(rows)), rows)
    assert all(NOISE <= prediction.cluster < codec.clusters for prediction in predictions)
    return dataset, codec, predictor


NUMBERS = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.floats(-5, 5).map(lambda number: round(number, 3)),
    st.sampled_from([0, 1, 5, -999, 1e9, 1e18, 1e300, -1e-300, float("inf")]),
)
COLUMNS = st.one_of(
    st.just(NUMBERS),
    st.just(st.sampled_from(["yes", "no"])),
    st.just(st.sampled_from(["a", "b", "c", None])),
    st.just(st.integers(1, 5)),
    st.just(st.sampled_from(["1,5", "2,25", "3"])),
    st.just(st.just(7)),
)


@st.composite
def tables(draw):
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=4))
    rows = draw(st.lists(st.tuples(*columns), min_size=1, max_size=12))
    repeats = draw(st.sampled_from([1, 1, 2, 5]))
    texts = [["" if value is None else str(value) for value in row] for row in rows * repeats]
    return pl.DataFrame(texts, schema=[f"c{index}" for index in range(len(columns))], orient="row")


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(table=tables(), method=st.sampled_from(["auto", "kmeans", "hdbscan"]))
def test_any_table_that_is_accepted_ends_in_clusters(table, method, tmp_path_factory):
    file = tmp_path_factory.mktemp("odd") / "t.csv"
    table.write_csv(file)
    with contextlib.suppress(InputError):
        cluster(file, method=method)


def blobs():
    generator = np.random.default_rng(0)
    return np.concatenate([generator.normal(centre, 0.5, (60, 2)) for centre in ((0, 0), (8, 8), (0, 9))])


@pytest.mark.slow
@pytest.mark.parametrize("outlier", [20, 1000, 1e9])
def test_a_far_outlier_wherever_it_stands(tmp_path, outlier):
    rows = blobs()
    partitions = []
    for name, table in (("first", [[outlier, outlier], *rows]), ("last", [*rows, [outlier, outlier]])):
        pl.DataFrame(table, schema=["a", "b"], orient="row").write_csv(tmp_path / f"{name}.csv")
        dataset, codec, predictor = cluster(tmp_path / f"{name}.csv")
        clusters = predictor(dataset.encode(codec.encoder))["membership"].argmax(axis=1)
        partitions.append(clusters[1:] if name == "first" else clusters[:-1])
    first, last = partitions
    assert len(np.unique(np.stack([first, last]), axis=1).T) == len(np.unique(first)) == len(np.unique(last))


@pytest.mark.slow
@pytest.mark.parametrize(
    "columns",
    [
        {"a": ["yes", "no"] * 100, "b": ["no", "no", "yes", "yes"] * 50},
        {"a": [0] * 90 + [1] * 8 + [2, 3], "b": [0] * 95 + [1] * 5},
        {"rating": [1, 2, 3, 4, 5] * 40, "again": [5, 4, 3, 2, 1] * 40},
        {"a": [*range(100), None, None], "b": [*[1.5, 2.5] * 50, None, 9]},
    ],
)
def test_few_different_rows_and_few_missing_values(tmp_path, columns):
    pl.DataFrame(columns).write_csv(tmp_path / "t.csv")
    assert cluster(tmp_path / "t.csv")[1].clusters >= 1


def test_the_reasons_of_a_table_that_is_refused(tmp_path):
    pl.DataFrame({"a": [1] * 20, "b": [f"person {row}" for row in range(20)]}).write_csv(tmp_path / "t.csv")
    with pytest.raises(InputError, match=r"no column distinguishes the rows: .*a \(always 1\).*b \(20 different\)"):
        cluster(tmp_path / "t.csv")


def test_identifiers_and_times_are_no_features(tmp_path):
    rows = blobs()
    pl.DataFrame(
        {
            "a": rows[:, 0],
            "b": rows[:, 1],
            "account": [10**17 + 7 * row for row in range(180)],
            "day": [f"2026-01-{1 + row % 28:02d}" for row in range(180)],
        }
    ).write_csv(tmp_path / "t.csv")
    dataset, codec, _ = cluster(tmp_path / "t.csv")
    assert codec.encoder.features == ["a", "b"]
    assert dataset.findings.count() == 2


def test_a_column_of_names_in_arff_is_ignored_and_named(tmp_path):
    rows = "".join(f"'person {i}',{a},{b},{i // 60}\n" for i, (a, b) in enumerate(blobs()))
    attributes = "".join(f"@attribute {name}\n" for name in ("who string", "a real", "b real", "class {0,1,2}"))
    (tmp_path / "t.arff").write_text(f"@relation t\n{attributes}@data\n{rows}")
    task = registry().task("clustering.deep")
    options = task.options.parse({"data": str(tmp_path / "t.arff")})
    dataset = task.load_dataset(options)
    assert dataset.findings.lines() == ["1 column of texts that rarely repeat was dropped: who (180 different)"]
    codec = task.fit_codec(dataset, options)
    assert (codec.encoder.features, codec.clusters) == (["a", "b"], 3)


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [None, 1, 4])
def test_duplicates_constants_huge_values_and_missing_ones_in_many_columns(tmp_path, clusters):
    generator = np.random.default_rng(0)
    table = pl.DataFrame({f"n{index}": generator.normal(size=60) for index in range(3)}).with_columns(
        huge=pl.col("n0") * 1e300,
        constant=pl.lit(7),
        missing=pl.when(pl.col("n1") > 0).then(pl.col("n2")),
        kind=pl.when(pl.col("n1") > 1).then(pl.lit("a")).otherwise(pl.lit("b")),
    )
    pl.concat([table, table[:3], table[:3]]).write_csv(tmp_path / "t.csv")
    assert cluster(tmp_path / "t.csv", clusters=clusters)[1].clusters == clusters or clusters is None
    table[:5].write_csv(tmp_path / "tiny.csv")
    assert cluster(tmp_path / "tiny.csv", clusters=clusters)[1].clusters >= 1
