"""Prediction intervals, label sets and probability intervals: their definitions, and their coverage in simulations."""

import json

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeRegressor

from plexus.errors import InputError
from plexus.metrics.conformal_intervals import CVPlusIntervals
from plexus.metrics.conformal_sets import ConformalLabelSets, label_set_metrics
from plexus.metrics.conformal_state import FoldScoresState, LabelSetsState, VennAbersState
from plexus.metrics.venn_abers import VennAbers

FOLDS = 5


def cross_validate(model, x, y, new, seed=0):
    """Return the folds, the out-of-fold predictions, and the predictions of new rows by fold."""
    folds = np.random.default_rng(seed).permutation(len(y)) % FOLDS
    out_of_fold, by_fold = [None] * len(y), []
    for fold in range(FOLDS):
        estimator = model.fit(x[folds != fold], y[folds != fold])
        predict = getattr(estimator, "predict_proba", estimator.predict)
        for row, prediction in zip(np.flatnonzero(folds == fold), predict(x[folds == fold]), strict=True):
            out_of_fold[row] = prediction
        by_fold.append(predict(new))
    return folds, np.array(out_of_fold), np.stack(by_fold, axis=1)


def regression_data(noise, rows, generator):
    x = generator.normal(size=(rows, 3))
    scale = 0.2 + np.abs(x[:, 0]) if noise == "heteroscedastic" else np.ones(rows)
    errors = generator.standard_t(2.5, rows) if noise == "heavy tails" else generator.normal(size=rows)
    return x, x[:, 1] - x[:, 2] + scale * errors, scale


def cv_plus(targets, predictions, folds, new, coverage):
    """Barber et al. 2021, the definition of CV+, by a loop over the new rows."""
    residuals, rows = np.abs(targets - predictions), len(targets)
    rank = int(np.ceil(round(coverage * (rows + 1), 9)))
    low = [-np.sort(residuals - row[folds])[rank - 1] for row in new]
    high = [np.sort(residuals + row[folds])[rank - 1] for row in new]
    return np.array(low), np.array(high)


@pytest.fixture
def tree():
    generator = np.random.default_rng(0)
    x, y, _ = regression_data("heavy tails", 203, generator)
    new, _, _ = regression_data("heavy tails", 60, generator)
    return y, *cross_validate(DecisionTreeRegressor(max_depth=4, random_state=0), x, y, new)


@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.99])
def test_intervals_are_those_of_the_definition(tree, coverage):
    targets, folds, predictions, new = tree
    low, high = CVPlusIntervals.fit(targets, predictions, folds).bounds(new, coverage)
    expected_low, expected_high = cv_plus(targets, predictions, folds, new, coverage)
    # Bisection ends at 1/512 of the distance between the bounds of single folds, and never within the interval.
    tolerance = (np.ptp(new, axis=1) + 2 * np.abs(targets - predictions).max()) / 512
    assert np.all((expected_low - low >= -1e-12) & (expected_low - low <= tolerance))
    assert np.all((high - expected_high >= -1e-12) & (high - expected_high <= tolerance))


def test_one_row_has_the_same_interval_alone_and_among_others(tree):
    targets, folds, predictions, new = tree
    intervals = CVPlusIntervals.fit(targets, predictions, folds)
    together = np.array(intervals.bounds(new, 0.9))
    alone = np.concatenate([intervals.bounds(row[None], 0.9) for row in new], axis=1)
    assert np.array_equal(together, alone)
    assert np.array_equal(np.tile(together, 200), intervals.bounds(np.tile(new, (200, 1)), 0.9))


def test_equal_folds_have_the_quantile_of_the_residuals():
    residuals = np.arange(1.0, 20)
    intervals = CVPlusIntervals.fit(residuals, np.zeros(19), np.arange(19) % 2)
    low, high = intervals.bounds(np.full((1, 2), 3.0), 0.9)  # the 18th of 19 residuals
    assert (low[0], high[0]) == (pytest.approx(-15, abs=0.005), pytest.approx(21, abs=0.005))


def test_the_quantiles_of_many_rows_keep_the_rank():
    generator = np.random.default_rng(0)
    residuals, folds = generator.standard_t(3, 50_000), generator.integers(0, FOLDS, 50_000)
    intervals = CVPlusIntervals.fit(residuals, np.zeros(50_000), folds)
    assert max(map(len, intervals.scores.points)) <= 500
    for coverage in (0.8, 0.9, 0.99):
        _, high = intervals.bounds(np.zeros((1, FOLDS)), coverage)
        assert coverage <= np.mean(np.abs(residuals) <= high) <= coverage + 0.003


@pytest.mark.parametrize("rows", [200, 1000, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("noise", ["equal", "heteroscedastic", "heavy tails"])
def test_the_coverage_of_new_rows_is_as_stated(noise, rows):
    coverages = []
    for seed in range(max(10_000 // rows, 10)):
        generator = np.random.default_rng((seed, rows))
        x, y, _ = regression_data(noise, rows, generator)
        new, targets, _ = regression_data(noise, 1000, generator)
        folds, predictions, by_fold = cross_validate(LinearRegression(), x, y, new, seed)
        low, high = CVPlusIntervals.fit(y, predictions, folds).bounds(by_fold, 0.9)
        coverages.append(np.mean((targets >= low) & (targets <= high)))
    assert 0.89 < np.mean(coverages) < 0.915


def test_intervals_widen_with_the_scale():
    coverages = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        x, y, scale = regression_data("heteroscedastic", 500, generator)
        new, targets, new_scale = regression_data("heteroscedastic", 2000, generator)
        folds, predictions, by_fold = cross_validate(LinearRegression(), x, y, new, seed)
        low, high = CVPlusIntervals.fit(y, predictions, folds, scale).bounds(by_fold, 0.9, new_scale)
        within, large = (targets >= low) & (targets <= high), new_scale > np.quantile(new_scale, 0.9)
        coverages.append((within.mean(), within[large].mean()))
    overall, of_large = np.mean(coverages, axis=0)
    assert 0.89 < overall < 0.915
    assert 0.88 < of_large < 0.92  # 0.67 without the scale


def test_a_coverage_that_needs_more_rows_has_no_bounds():
    few = CVPlusIntervals.fit(np.arange(8.0), np.zeros(8), np.arange(8) % 2)
    low, high = few.bounds(np.zeros((3, 2)), 0.9)
    assert np.all(low == -np.inf)
    assert np.all(high == np.inf)
    assert np.isfinite(few.bounds(np.zeros((3, 2)), 0.8)).all()


def test_invalid_arguments_are_named():
    intervals = CVPlusIntervals.fit(np.arange(20.0), np.zeros(20), np.arange(20) % 2)
    with pytest.raises(InputError, match="expected 2 per row, one per fold"):
        intervals.bounds(np.zeros((1, 3)), 0.9)
    with pytest.raises(InputError, match=r"coverage: expected .* found 90"):
        intervals.bounds(np.zeros((1, 2)), 90)
    with pytest.raises(InputError, match="expected finite numbers"):
        CVPlusIntervals.fit(np.array([1, np.nan]), np.zeros(2), np.arange(2))
    with pytest.raises(InputError, match=r"folds 0 to 1, found \[0, 2\]"):
        CVPlusIntervals.fit(np.arange(2.0), np.zeros(2), np.ones(2, int))


def classification_data(rows, classes, separation, generator):
    x = generator.normal(size=(rows, 4))
    logits = separation * x @ np.random.default_rng(1).normal(size=(4, classes))
    return x, (logits + generator.gumbel(size=logits.shape)).argmax(axis=1)


@pytest.mark.parametrize(("classes", "separation"), [(2, 0.5), (2, 4), (4, 1), (4, 5)])
def test_label_sets_have_the_expected_coverage_and_are_never_empty(classes, separation):
    metrics, expected = [], []
    for seed in range(8):
        generator = np.random.default_rng(seed)
        x, y = classification_data(400, classes, separation, generator)
        new, truth = classification_data(2000, classes, separation, generator)
        folds, probabilities, by_fold = cross_validate(LogisticRegression(max_iter=500), x, y, new, seed)
        label_sets = ConformalLabelSets.fit(probabilities, y, folds)
        sets = label_sets.sets(by_fold, 0.9)
        assert sets.any(axis=1).all()
        metrics.append(label_set_metrics(sets, truth)["set_coverage"])
        expected.append(label_sets.expected_coverage(0.9))
    assert np.mean(expected) - 0.01 < np.mean(metrics) < np.mean(expected) + 0.02


def test_p_values_are_those_of_the_definition():
    generator = np.random.default_rng(0)
    probabilities, folds = generator.dirichlet(np.ones(3), 90), np.arange(90) % FOLDS
    classes = generator.integers(0, 3, 90)
    new = generator.dirichlet(np.ones(3), (7, FOLDS))
    scores = 1 - probabilities[np.arange(90), classes]
    expected = [(1 + (scores[:, None] >= 1 - row[folds]).sum(axis=0)) / 91 for row in new]
    label_sets = ConformalLabelSets.fit(probabilities, classes, folds)
    np.testing.assert_allclose(label_sets.p_values(new), expected)
    with pytest.raises(InputError, match="expected 5 per row, one per fold"):
        label_sets.p_values(new[:, :2])
    with pytest.raises(InputError, match="coverage: expected"):
        label_sets.sets(new, 1.0)


def test_rounding_errors_do_not_change_the_set_of_a_row_of_the_training():
    probabilities = np.repeat(np.random.default_rng(0).dirichlet([1, 1, 1], 20), 5, axis=0)
    classes, folds = np.arange(100) % 3, np.arange(100) % 2
    sets = ConformalLabelSets.fit(probabilities, classes, folds)
    by_fold = np.repeat(probabilities[:, None], 2, axis=1)
    for error in (1e-8, -1e-8):
        np.testing.assert_array_equal(sets.sets(by_fold + error, 0.9), sets.sets(by_fold, 0.9))


def test_probabilities_above_1_by_rounding_have_a_score_of_0():
    probabilities = np.array([[1 + 1e-7, 0.0], [0.25, 0.75], [1.0, 0.0], [0.5, 0.5]], np.float32)
    label_sets = ConformalLabelSets.fit(probabilities, np.array([0, 1, 0, 1]), np.array([0, 1, 0, 1]))
    assert label_sets.to_json()["scores"]["points"] == [[0.0, 0.0], [0.25, 0.5]]


def test_metrics_of_label_sets_equal_a_manual_calculation():
    sets = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1], [0, 0, 1]], bool)
    metrics = label_set_metrics(sets, np.array([0, 0, 0, 1]))
    assert metrics == {"set_coverage": 0.5, "set_size": 1.5, "single_label": 0.5}


def venn_abers_by_definition(scores, outcomes, new, outcome):
    """Vovk & Petej 2014: isotonic regression with the new row."""
    return [
        IsotonicRegression().fit(np.append(scores, score), np.append(outcomes, outcome)).predict([score])[0]
        for score in new
    ]


def binary_data(rows, generator, decimals=9):
    scores = np.round(generator.normal(size=rows), decimals)
    return scores, (generator.random(rows) < 1 / (1 + np.exp(-2 * scores))).astype(int)


@pytest.mark.parametrize("decimals", [9, 1])
def test_probability_intervals_are_those_of_isotonic_regression(decimals):
    generator = np.random.default_rng(0)
    scores, outcomes = binary_data(150, generator, decimals)
    new = np.concatenate([scores[:30], 2 * generator.normal(size=60), [-9, 9, scores.min(), scores.max()]])
    low, high = VennAbers.fit(scores, outcomes).bounds(new)
    np.testing.assert_allclose(low, venn_abers_by_definition(scores, outcomes, new, 0), atol=1e-12)
    np.testing.assert_allclose(high, venn_abers_by_definition(scores, outcomes, new, 1), atol=1e-12)


@pytest.mark.slow
def test_probability_intervals_of_many_rows_are_those_of_rounded_scores():
    generator = np.random.default_rng(0)
    scores, outcomes = binary_data(20_000, generator)
    venn_abers = VennAbers.fit(scores, outcomes)
    assert len(venn_abers.lower) == 500
    new = generator.normal(size=40)
    low, high = venn_abers.bounds(new)
    np.testing.assert_allclose(low, venn_abers_by_definition(scores, outcomes, new, 0), atol=0.02)
    np.testing.assert_allclose(high, venn_abers_by_definition(scores, outcomes, new, 1), atol=0.02)


@pytest.mark.slow
def test_the_observed_frequency_is_within_the_mean_probability_interval():
    bounds = []
    for seed in range(100):
        generator = np.random.default_rng(seed)
        scores, outcomes = binary_data(100, generator)
        new, truth = binary_data(500, generator)
        low, high = VennAbers.fit(3 * scores - 1, outcomes).bounds(3 * new - 1)  # badly calibrated scores
        bounds.append([(x[part].mean() for x in (low, truth, high)) for part in (new < -1, new > 1)])
    for low, frequency, high in np.array([[list(part) for part in parts] for parts in bounds]).mean(axis=0):
        assert low < frequency < high


def test_the_probability_is_within_its_interval():
    generator = np.random.default_rng(0)
    venn_abers = VennAbers.fit(*binary_data(300, generator))
    new = 2 * generator.normal(size=500)
    low, high = venn_abers.bounds(new)
    probabilities = venn_abers.probabilities(new)
    assert np.all((low <= probabilities) & (probabilities <= high))
    # The log loss, in excess of the better bound, is the same for both outcomes.
    np.testing.assert_allclose(high / probabilities, (1 - low) / (1 - probabilities))


def test_one_class_has_probabilities_from_its_number_of_rows():
    low, high = VennAbers.fit(np.arange(9.0), np.ones(9)).bounds(np.array([-1.0, 4.0, 10.0]))
    # A row of class 0 is pooled with the rows below it.
    np.testing.assert_allclose(low, [0, 5 / 6, 9 / 10])
    np.testing.assert_allclose(high, 1)
    with pytest.raises(InputError, match="found none"):
        VennAbers.fit(np.array([]), np.array([]))


def test_the_states_are_valid_json_and_have_the_same_predictions(tree):
    targets, folds, predictions, new = tree
    intervals = CVPlusIntervals.fit(targets, predictions, folds)
    state = json.loads(json.dumps(intervals.to_json()))
    FoldScoresState.model_validate(state)
    assert np.array_equal(CVPlusIntervals.from_json(state).bounds(new, 0.9), intervals.bounds(new, 0.9))

    generator = np.random.default_rng(0)
    label_sets = ConformalLabelSets.fit(generator.dirichlet(np.ones(3), 203), np.arange(203) % 3, folds)
    state = json.loads(json.dumps(label_sets.to_json()))
    LabelSetsState.model_validate(state)
    rows = generator.dirichlet(np.ones(3), (9, FOLDS))
    assert np.array_equal(ConformalLabelSets.from_json(state).p_values(rows), label_sets.p_values(rows))
    assert ConformalLabelSets.from_json(state).accuracy == label_sets.accuracy

    venn_abers = VennAbers.fit(*binary_data(5000, generator))
    state = json.loads(json.dumps(venn_abers.to_json()))
    VennAbersState.model_validate(state)
    assert np.array_equal(VennAbers.from_json(state).bounds(targets), venn_abers.bounds(targets))


@pytest.mark.parametrize(
    ("schema", "state", "message"),
    [
        (FoldScoresState, {"counts": [2, 2], "points": [[0.1, 0.2]]}, "expected 2 folds, found 1"),
        (FoldScoresState, {"counts": [2], "points": [[0.2, 0.1]]}, "not ascending"),
        (FoldScoresState, {"counts": [1], "points": [[0.1, 0.2]]}, "more points than rows"),
        (VennAbersState, {"lower": [0.0], "upper": [0.0], "p0": [0.1], "p1": [0.2, 0.3]}, "lists of equal length"),
    ],
)
def test_invalid_states_are_refused(schema, state, message):
    with pytest.raises(ValueError, match=message):
        schema.model_validate(state)
