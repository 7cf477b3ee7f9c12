"""The number of clusters of twenty small tables with planted groups, as a business has them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from plexus.plugins.registry import registry
from plexus_clustering.fitting import complete_features
from plexus_clustering.mixed_features import MixedFeatures
from plexus_clustering.mixture_count import count_components
from plexus_clustering.table_encoder import TableEncoder

Generator = np.random.Generator


class PlantedTable(NamedTuple):
    """A table and the group of each row.

    Args:
        table: The table, without the groups.
        groups: Groups of shape `(n,)`.
    """

    table: pl.DataFrame
    groups: np.ndarray


def _groups(*sizes: int) -> np.ndarray:
    return np.repeat(np.arange(len(sizes)), sizes)


def _means(generator: Generator, groups: int, columns: int, distance: float) -> np.ndarray:
    """Return means whose smallest distance is the given one, in standard deviations of a group."""
    means = generator.normal(size=(groups, columns))
    gaps = np.linalg.norm(means[:, None] - means[None], axis=2)[~np.eye(groups, dtype=bool)]
    return means * distance / gaps.min()


def _category(generator: Generator, groups: np.ndarray, values: str, purity: float) -> list[str]:
    """Return a category that is the group's own with a probability, else any."""
    own = np.array(list(values))[groups % len(values)]
    return np.where(generator.random(len(groups)) < purity, own, generator.choice(list(values), len(groups))).tolist()


def _numbers(x: np.ndarray) -> dict[str, np.ndarray]:
    return {f"number_{column}": values for column, values in enumerate(x.T)}


def customers(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150, 150)
    means = np.array([[25, 300, 4, 1], [45, 1500, 15, 3], [65, 700, 8, 10], [38, 4000, 30, 5]])
    x = means[groups] + generator.normal(size=(600, 4)) * [4, 120, 1.5, 1]
    names = ["age", "spending", "orders", "years"]
    return PlantedTable(
        pl.DataFrame({**dict(zip(names, x.T, strict=True)), "plan": _category(generator, groups, "abcd", 0.6)}), groups
    )


def gaussians(generator: Generator) -> PlantedTable:
    groups = _groups(100, 100, 100, 100, 100)
    x = _means(generator, 5, 6, 5)[groups] + generator.normal(size=(500, 6))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def unequal_sizes(generator: Generator) -> PlantedTable:
    groups = _groups(400, 120, 60, 20)
    x = _means(generator, 4, 5, 6)[groups] + generator.normal(size=(600, 5))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def unequal_spreads(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150)
    x = _means(generator, 3, 4, 7)[groups] + generator.normal(size=(450, 4)) * np.array([0.5, 1, 2])[groups, None]
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def categories_only(generator: Generator) -> PlantedTable:
    groups = _groups(150, 130, 120)
    columns = {f"kind_{i}": _category(generator, groups, "xyz", 0.8) for i in range(7)}
    return PlantedTable(pl.DataFrame(columns), groups)


def mixed(generator: Generator) -> PlantedTable:
    groups = _groups(120, 120, 120)
    x = _means(generator, 3, 3, 4)[groups] + generator.normal(size=(360, 3))
    columns = {f"kind_{i}": _category(generator, groups, "rst", 0.7) for i in range(3)}
    return PlantedTable(pl.DataFrame(_numbers(x) | columns), groups)


def heavy_tails(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150)
    x = _means(generator, 3, 4, 8)[groups] + generator.standard_t(3, size=(450, 4))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def correlated(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150, 150)
    shapes = generator.normal(size=(4, 4, 4)) / 2
    x = _means(generator, 4, 4, 6)[groups] + np.einsum("nij,nj->ni", shapes[groups], generator.normal(size=(600, 4)))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def noise_columns(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150, 150)
    x = _means(generator, 4, 4, 6)[groups] + generator.normal(size=(600, 4))
    return PlantedTable(pl.DataFrame(_numbers(np.column_stack([x, generator.normal(size=(600, 12))]))), groups)


def few_rows(generator: Generator) -> PlantedTable:
    groups = _groups(20, 20, 20)
    x = _means(generator, 3, 4, 5)[groups] + generator.normal(size=(60, 4))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def two_groups(generator: Generator) -> PlantedTable:
    groups = _groups(200, 100)
    x = _means(generator, 2, 8, 5)[groups] + generator.normal(size=(300, 8))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def eight_groups(generator: Generator) -> PlantedTable:
    groups = _groups(*[80] * 8)
    x = _means(generator, 8, 5, 6)[groups] + generator.normal(size=(640, 5))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def skewed(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150)
    x = np.exp(_means(generator, 3, 4, 6)[groups] / 2.5 + 0.4 * generator.normal(size=(450, 4)))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def unrelated_category(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150)
    x = _means(generator, 3, 4, 5)[groups] + generator.normal(size=(450, 4))
    region = generator.choice(list("abcdefghij"), 450)
    return PlantedTable(pl.DataFrame({**_numbers(x), "region": region}), groups)


def flags(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150, 150)
    x = _means(generator, 4, 3, 5)[groups] + generator.normal(size=(600, 3))
    rates = np.array([[0.9, 0.1, 0.5, 0.2], [0.1, 0.9, 0.5, 0.2], [0.9, 0.9, 0.5, 0.2], [0.1, 0.1, 0.5, 0.2]])
    flag = (generator.random((600, 4)) < rates[groups]).astype(int)
    return PlantedTable(pl.DataFrame(_numbers(x) | {f"flag_{i}": values for i, values in enumerate(flag.T)}), groups)


def ratings(generator: Generator) -> PlantedTable:
    groups = _groups(140, 140, 140)
    means = np.array([[1.8] * 4 + [4.2] * 4, [4.2] * 4 + [1.8] * 4, [3.8] * 8])
    x = np.clip(np.rint(means[groups] + 0.8 * generator.normal(size=(420, 8))), 1, 5).astype(int)
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def missing_values(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150)
    x = _means(generator, 3, 5, 7)[groups] + generator.normal(size=(450, 5))
    x[generator.random(x.shape) < 0.08] = np.nan
    return PlantedTable(pl.DataFrame(_numbers(x), nan_to_null=True), groups)


def outliers(generator: Generator) -> PlantedTable:
    groups = _groups(150, 150, 150)
    x = _means(generator, 3, 4, 6)[groups] + generator.normal(size=(450, 4))
    x[generator.random(450) < 0.02] *= 6
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


def identifiers(generator: Generator) -> PlantedTable:
    groups = _groups(100, 100, 100)
    x = _means(generator, 3, 4, 5)[groups] + generator.normal(size=(300, 4))
    ids = {
        "customer_id": generator.permutation(300) + 1000,
        "name": [f"Customer {row}" for row in generator.permutation(300)],
    }
    return PlantedTable(pl.DataFrame(ids | _numbers(x)), groups)


def wide(generator: Generator) -> PlantedTable:
    groups = _groups(60, 60, 60, 60, 60)
    x = _means(generator, 5, 30, 7)[groups] + generator.normal(size=(300, 30))
    return PlantedTable(pl.DataFrame(_numbers(x)), groups)


KINDS: tuple[Callable[[Generator], PlantedTable], ...] = (
    customers, gaussians, unequal_sizes, unequal_spreads, categories_only, mixed, heavy_tails, correlated,
    noise_columns, few_rows, two_groups, eight_groups, skewed, unrelated_category, flags, ratings, missing_values,
    outliers, identifiers, wide,
)  # fmt: skip


def planted_table(kind: Callable[[Generator], PlantedTable], seed: int = 0) -> PlantedTable:
    """Return a table of a kind with its rows shuffled."""
    generator = np.random.default_rng((seed, KINDS.index(kind)))
    table, groups = kind(generator)
    order = generator.permutation(len(groups))
    return PlantedTable(table[order], groups[order])


def load(kind):
    """Return the dataset of a table, the options, and the groups."""
    task = registry().task("clustering.deep")
    table, groups = planted_table(kind)
    options = task.options.parse({"data": kind.__name__})
    return task.make_unlabelled_dataset(task.make_inputs(table), options), options, groups


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_number_is_right_within_one(kind):
    dataset, _, groups = load(kind)
    encoder = TableEncoder(dataset.columns)
    x = complete_features(dataset, encoder, np.arange(len(dataset)))
    count = count_components(MixedFeatures.split(x, encoder.fields, seed=0), seed=0)
    assert abs(count.clusters - len(set(groups))) <= 1


@pytest.mark.slow
def test_the_clusters_of_customers():
    dataset, options, groups = load(customers)
    codec = registry().task("clustering.deep").fit_codec(dataset, options)
    assert (codec.clusters, codec.second_count, codec.count_stability) == (4, 4, 1)
    assert adjusted_rand_score(groups[dataset.sample(len(dataset))], codec.references.clusters) > 0.98
