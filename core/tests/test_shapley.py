"""Shapley values, compared with enumeration, with closed forms and with the package shap."""

from itertools import combinations
from math import comb

import numpy as np
import pytest

from plexus.explain import shapley
from plexus.explain.shapley import interventional_values, shapley_values


def table_game(predict, players, rows=40, seed=0):
    generator = np.random.default_rng(seed)
    row, background = generator.normal(size=(1, players)), generator.normal(size=(rows, players))
    columns = {"numbers": np.arange(players)}
    evaluate = interventional_values(
        lambda x: predict(x["numbers"]), {"numbers": row}, {"numbers": background}, columns
    )
    return evaluate, row, background


def nonlinear(x):
    """A function with interactions of two, three and all columns."""
    triples = x * np.roll(x, 1, axis=1) + np.roll(x, 2, axis=1)
    return np.tanh(triples).sum(axis=1) + np.maximum(x.sum(axis=1), 0)


def by_definition(evaluate, players):
    """The mean over all orders of the players (Shapley 1953)."""
    values = np.zeros(players)
    for player in range(players):
        others = [other for other in range(players) if other != player]
        for size in range(players):
            for members in combinations(others, size):
                coalitions = np.zeros((2, players), bool)
                coalitions[:, members] = True
                coalitions[1, player] = True
                without, with_player = evaluate(coalitions)
                values[player] += (with_player - without) / (players * comb(players - 1, size))
    return values


def glove_market(coalitions):
    """One left glove and two right ones: a pair is worth 1."""
    return (coalitions[:, 0] & (coalitions[:, 1] | coalitions[:, 2])).astype(float)


def test_the_glove_market_has_its_published_values():
    result = shapley_values(glove_market, 3)
    np.testing.assert_allclose(result.values, [2 / 3, 1 / 6, 1 / 6], atol=1e-15)
    assert not result.standard_errors.any()


@pytest.mark.parametrize("players", [1, 2, 5, 7])
def test_few_players_have_the_values_of_the_definition(players):
    evaluate, _, _ = table_game(nonlinear, players)
    np.testing.assert_allclose(shapley_values(evaluate, players).values, by_definition(evaluate, players), atol=1e-12)


@pytest.mark.parametrize("players", [6, 30])
def test_a_linear_model_has_the_closed_form(players):
    weights = np.linspace(-2, 3, players)
    evaluate, row, background = table_game(lambda x: x @ weights + 5, players)
    result = shapley_values(evaluate, players)
    np.testing.assert_allclose(result.values, weights * (row[0] - background.mean(axis=0)), atol=1e-10)
    np.testing.assert_allclose(result.standard_errors, 0, atol=1e-10)


@pytest.mark.parametrize("players", [8, 20])
def test_the_values_sum_to_the_difference_between_all_and_none(players):
    evaluate, row, background = table_game(nonlinear, players)
    difference = nonlinear(row)[0] - nonlinear(background).mean()
    assert shapley_values(evaluate, players).values.sum() == pytest.approx(difference, abs=1e-12)


@pytest.mark.parametrize("players", [6, 16])
def test_a_player_without_effect_gets_nothing_and_equal_players_get_the_same(players):
    def evaluate(coalitions):
        return np.sqrt(coalitions[:, 1:].sum(axis=1))

    result = shapley_values(evaluate, players, permutations=400)
    assert result.values[0] == 0
    equal = np.sqrt(players - 1) / (players - 1)
    assert np.all(np.abs(result.values[1:] - equal) <= 4 * result.standard_errors[1:] + 1e-12)


def test_samples_are_exact_for_interactions_of_two_players():
    """Each pair of players is joined once in either order by a permutation and its reverse."""

    def evaluate(coalitions):
        x = coalitions.astype(float)
        return x[:, 0] * x[:, 1] - 2 * x[:, 1] * x[:, 2] + x[:, 3]

    result = shapley_values(evaluate, 20, permutations=4)
    np.testing.assert_allclose(result.values, [0.5, -0.5, -1, 1] + 16 * [0], atol=1e-15)


def test_sampled_values_are_within_their_standard_errors():
    players = 12
    evaluate, _, _ = table_game(nonlinear, players)
    exact = shapley_values(evaluate, players, permutations=400)  # 4,096 coalitions are fewer
    assert not exact.standard_errors.any()
    samples = [shapley_values(evaluate, players, seed=seed) for seed in range(30)]
    deviations = np.array([(sample.values - exact.values) / sample.standard_errors for sample in samples])
    # Student's t with 15 degrees of freedom has a standard deviation of 1.07.
    assert 0.9 < np.sqrt(np.mean(deviations**2)) < 1.3
    means = np.mean([sample.values - exact.values for sample in samples], axis=0)
    standard_errors = np.sqrt(np.mean([sample.standard_errors**2 for sample in samples], axis=0) / 30)
    assert np.all(np.abs(means) < 4 * standard_errors)


def test_the_same_seed_has_the_same_values():
    evaluate, _, _ = table_game(nonlinear, 15)
    first, second, other = (shapley_values(evaluate, 15, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first.values, second.values)
    assert not np.array_equal(first.values, other.values)


@pytest.mark.parametrize("players", [4, 14])
def test_each_of_several_outputs_has_its_own_values(players):
    def two_outputs(x):
        return np.stack([nonlinear(x), x.sum(axis=1)], axis=1)

    both, _, _ = table_game(two_outputs, players)
    first, _, _ = table_game(nonlinear, players)
    result, single = shapley_values(both, players), shapley_values(first, players)
    assert result.values.shape == result.standard_errors.shape == (players, 2)
    np.testing.assert_allclose(result.values[:, 0], single.values, atol=1e-12)
    np.testing.assert_allclose(result.standard_errors[:, 0], single.standard_errors, atol=1e-12)


def test_the_features_of_a_column_are_one_player(monkeypatch):
    generator = np.random.default_rng(0)

    def arrays(rows):
        return {
            "numbers": generator.normal(size=(rows, 3)).astype(np.float32),
            "indicators": generator.integers(0, 2, (rows, 1)).astype(np.float32),
            "codes": generator.integers(0, 4, (rows, 2)),
        }

    row, background = arrays(1), arrays(33)
    players = {"numbers": np.array([0, 1, 1]), "indicators": np.array([0]), "codes": np.array([2, 3])}
    sizes = []

    def predict(x):
        sizes.append(len(x["codes"]))
        assert x["codes"].dtype == row["codes"].dtype
        assert x["numbers"].dtype == np.float32
        return x["numbers"] @ np.array([1, 2, 3]) * (1 + x["indicators"][:, 0]) + x["codes"][:, 0] * x["codes"][:, 1]

    coalitions = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]], bool)
    expected = []
    for coalition in coalitions:
        mixed = {name: array.copy() for name, array in background.items()}
        for name, array in mixed.items():
            members = coalition[players[name]]
            array[:, members] = row[name][:, members]
        expected.append(predict(mixed).mean())
    evaluate = interventional_values(predict, row, background, players)
    np.testing.assert_allclose(evaluate(coalitions), expected, rtol=1e-6)
    sizes.clear()
    monkeypatch.setattr(shapley, "BATCH_ROWS", 50)
    np.testing.assert_allclose(evaluate(coalitions), expected, rtol=1e-6)
    assert sizes == [50, 50, 32]


@pytest.mark.slow
def test_the_values_equal_those_of_shap():
    shap = pytest.importorskip("shap")
    for players in (3, 8):
        evaluate, row, background = table_game(nonlinear, players)
        masker = shap.maskers.Independent(background, max_samples=len(background))
        expected = shap.explainers.ExactExplainer(nonlinear, masker)(row).values[0]
        np.testing.assert_allclose(shapley_values(evaluate, players).values, expected, atol=1e-8)
    evaluate, row, background = table_game(nonlinear, 13)
    masker = shap.maskers.Independent(background, max_samples=len(background))
    expected = shap.explainers.ExactExplainer(nonlinear, masker)(row).values[0]
    result = shapley_values(evaluate, 13, permutations=200)
    assert result.standard_errors.all()
    assert np.all(np.abs(result.values - expected) < 4 * result.standard_errors)
