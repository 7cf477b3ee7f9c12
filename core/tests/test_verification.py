"""Error rates of verification and identification, compared with scikit-learn and calculations by hand."""

from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import det_curve, roc_curve

from plexus.errors import InputError
from plexus.metrics import verification
from plexus.metrics.identification import identification_rates, identification_threshold, nearest_templates
from plexus.metrics.intervals import wilson_interval
from plexus.metrics.match_calibration import MatchCalibration
from plexus.metrics.verification import (
    compare_all,
    det_points,
    equal_error_rate,
    match_rate,
    true_accept_rate,
)
from plexus.metrics.verification_intervals import verification_intervals
from plexus.report.det_curve import draw_det_curve


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def sample(persons, samples, spread=0.35, seed=0, size=16):
    generator = np.random.default_rng(seed)
    centers = unit(generator.normal(size=(persons, size)))
    names = np.repeat([f"p{number}" for number in range(persons)], samples)
    return unit(np.repeat(centers, samples, axis=0) + spread * generator.normal(size=(len(names), size))), names


def normal_similarities(genuine_mean, count=200_000):
    generator = np.random.default_rng(0)
    genuine = np.arange(count) < count // 2
    return generator.normal(np.where(genuine, genuine_mean, 0)), genuine


def test_each_pair_is_compared_once():
    embeddings, persons = sample(4, 3)
    similarities, genuine, first, second = compare_all(embeddings, persons)
    assert len(similarities) == 12 * 11 // 2
    assert genuine.sum() == 4 * 3
    assert (first < second).all()
    assert len(set(zip(first.tolist(), second.tolist(), strict=True))) == len(first)
    assert similarities == pytest.approx([embeddings[i] @ embeddings[j] for i, j in zip(first, second, strict=True)])
    assert genuine.tolist() == (persons[first] == persons[second]).tolist()


@pytest.mark.slow
def test_many_pairs_are_sampled(monkeypatch):
    embeddings, persons = sample(300, 4)
    order = np.random.default_rng(1).permutation(len(persons))  # samples of a person do not stand together
    embeddings, persons = embeddings[order], persons[order]
    everything = compare_all(embeddings, persons)
    monkeypatch.setattr(verification, "MAX_COMPARISONS", 100_000)
    monkeypatch.setattr(verification, "CHUNK", 16_000)
    drawn = compare_all(embeddings, persons)
    assert 90_000 / 2 < len(drawn.similarities) < 100_000
    assert drawn.genuine.sum() == everything.genuine.sum() == 300 * 6  # rare: all of them
    assert (drawn.first < drawn.second).all()
    assert len(np.unique(drawn.first * 1200 + drawn.second)) == len(drawn.first)
    pairs = zip(drawn.first, drawn.second, strict=True)
    assert drawn.similarities == pytest.approx([embeddings[i] @ embeddings[j] for i, j in pairs])
    assert drawn.genuine.tolist() == (persons[drawn.first] == persons[drawn.second]).tolist()
    rates = [match_rate(each.similarities[~each.genuine], 0.4) for each in (everything, drawn)]
    assert rates[0] == pytest.approx(rates[1], rel=0.1)
    assert compare_all(embeddings, persons).first.tolist() == drawn.first.tolist()


def test_many_genuine_pairs_are_sampled(monkeypatch):
    monkeypatch.setattr(verification, "MAX_COMPARISONS", 1_000)
    drawn = compare_all(*sample(3, 40))
    assert 200 < drawn.genuine.sum() <= 500
    assert set((drawn.first // 40)[drawn.genuine]) == {0, 1, 2}


@pytest.mark.parametrize("persons", [["a"], ["a", "b", "c"]])
def test_a_person_per_embedding_is_expected(persons):
    with pytest.raises(InputError, match="a person for each"):
        compare_all(np.eye(len(persons))[: min(len(persons), 2)], persons)


def test_error_rates_equal_those_of_scikit_learn():
    similarities, genuine = normal_similarities(1.5, 2_000)
    similarities = similarities.round(1)  # with equal ones
    points = det_points(similarities, genuine)
    false_match, true_accept, thresholds = roc_curve(genuine, similarities, drop_intermediate=False)
    assert points.false_match_rates == pytest.approx(false_match)
    assert points.false_non_match_rates == pytest.approx(1 - true_accept)
    assert points.thresholds == pytest.approx(thresholds)
    rates, misses, _ = det_curve(genuine, similarities)
    assert set(np.round(misses, 9)) <= set(np.round(points.false_non_match_rates, 9))
    assert true_accept_rate(similarities, genuine, 0.1) == pytest.approx(1 - misses[rates <= 0.1].min())


def test_equal_error_rate_equals_the_theory_of_normal_similarities():
    assert equal_error_rate(*normal_similarities(3.0)) == pytest.approx(norm.sf(1.5), rel=0.02)
    expected = norm.sf(norm.isf(0.01) - 3)
    assert true_accept_rate(*normal_similarities(3.0), 0.01) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("similarities", "genuine", "rate"),
    [
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 0),
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 1),
        ([0.9, 0.8, 0.2, 0.1], [1, 0, 1, 0], 0.5),
        ([0.5, 0.5, 0.5, 0.5], [1, 0, 1, 0], 0.5),
        ([0.9, 0.7, 0.7, 0.1], [1, 1, 0, 0], 0.25),  # between (FMR 0, FNMR 0.5) and (0.5, 0)
    ],
)
def test_equal_error_rate_by_hand(similarities, genuine, rate):
    assert equal_error_rate(np.array(similarities), np.array(genuine, bool)) == pytest.approx(rate)


def test_true_accept_rate_without_any_false_match():
    similarities, genuine = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, True])
    assert true_accept_rate(similarities, genuine, 1e-3) == pytest.approx(1 / 3)
    assert true_accept_rate(similarities, genuine, 1) == 1


@pytest.mark.parametrize("genuine", [[True, True], [False, False]])
def test_one_kind_of_comparisons_is_an_error(genuine):
    with pytest.raises(InputError, match="expected genuine and impostor ones"):
        equal_error_rate(np.array([0.1, 0.2]), np.array(genuine))


def test_similarities_that_are_not_finite_are_an_error():
    with pytest.raises(InputError, match="got NaN"):
        equal_error_rate(np.array([0.1, np.nan]), np.array([True, False]))


@pytest.mark.slow
def test_intervals_are_wider_than_those_of_independent_comparisons():
    embeddings, persons = sample(30, 10)
    comparisons = compare_all(embeddings, persons)
    threshold = 0.55
    intervals = verification_intervals(comparisons, persons, threshold)
    rates = {
        "equal_error_rate": equal_error_rate(*comparisons[:2]),
        "true_accept_rate": true_accept_rate(*comparisons[:2], 1e-3),
        "false_match_rate": match_rate(comparisons.similarities[~comparisons.genuine], threshold),
        "false_non_match_rate": 1 - match_rate(comparisons.similarities[comparisons.genuine], threshold),
    }
    assert list(intervals) == list(rates)
    for name, (low, high) in intervals.items():
        assert low < rates[name] < high, name
    low, high = intervals["false_match_rate"]
    independent = np.sqrt(rates["false_match_rate"] / 43_500) * 1.96
    assert (high - low) / 2 > 2 * independent
    assert verification_intervals(comparisons, persons, threshold) == intervals


def test_copies_of_a_person_are_not_compared_with_each_other():
    """A resample of three persons has impostor comparisons of all of them, or of two: the bounds are rates of two."""
    comparisons = compare_all(*sample(3, 5, spread=1.0))
    persons = np.repeat([0, 1, 2], 5)
    first, second = persons[comparisons.first], persons[comparisons.second]
    rates = [
        match_rate(comparisons.similarities[(first == i) & (second == j)], 0.1) for i, j in ((0, 1), (0, 2), (1, 2))
    ]
    interval = verification_intervals(comparisons, persons, 0.1)["false_match_rate"]
    assert interval == pytest.approx((min(rates), max(rates)))
    assert interval[0] < interval[1]


def test_two_persons_have_an_interval_all_the_same():
    """All their resamples are alike."""
    comparisons = compare_all(*sample(2, 5, spread=1.0))
    rate = equal_error_rate(*comparisons[:2])
    low, high = verification_intervals(comparisons, np.repeat([0, 1], 5), 0.1)["equal_error_rate"]
    assert (low, high) == pytest.approx(wilson_interval(rate, 2))
    assert low < rate < high


def test_no_errors_have_an_interval_all_the_same():
    embeddings, persons = sample(12, 4, spread=0.01)
    intervals = verification_intervals(compare_all(embeddings, persons), persons, 0.95)
    assert intervals["false_match_rate"][0] == 0
    assert intervals["false_match_rate"][1] == pytest.approx(3.84 / (66 + 3.84), rel=1e-3)  # Wilson: z² / (n + z²)
    for name in ("equal_error_rate", "false_non_match_rate"):
        assert intervals[name] == pytest.approx((0, 3.84 / (12 + 3.84)), rel=1e-3)
    assert intervals["true_accept_rate"] == pytest.approx((12 / (12 + 3.84), 1), rel=1e-3)


@pytest.mark.slow
def test_intervals_cover_the_rates_of_the_population():
    """New persons are drawn each time: 95 % of the intervals hold the rate of many persons."""
    embeddings, persons = sample(600, 4)
    everything = compare_all(embeddings, persons)
    rate = match_rate(everything.similarities[~everything.genuine], 0.5)
    covered = []
    for draw in range(60):
        chosen = np.isin(persons, np.random.default_rng(draw).choice(np.unique(persons), 30, replace=False))
        part = compare_all(embeddings[chosen], persons[chosen])
        low, high = verification_intervals(part, persons[chosen], 0.5)["false_match_rate"]
        covered.append(low <= rate <= high)
    assert np.mean(covered) > 0.85


def test_calibration_equals_the_theory_of_normal_similarities():
    """The log odds of two normal distributions with means 0 and 2 and variance 1 are 2 x - 2."""
    calibration = MatchCalibration.fit(*normal_similarities(2.0))
    assert calibration == pytest.approx((2, -2), abs=0.03)
    assert calibration.probability(1.0) == pytest.approx(0.5, abs=0.01)
    probabilities = calibration.probability(np.linspace(-1000, 1000, 101))
    assert (np.diff(probabilities) >= 0).all()
    assert (probabilities[0], probabilities[-1]) == pytest.approx((0, 1))


def test_calibration_weighs_both_kinds_equally():
    similarities, genuine = normal_similarities(2.0)
    rows = np.r_[:1_000, 100_000:200_000]  # 1 % are genuine
    assert MatchCalibration.fit(similarities[rows], genuine[rows]) == pytest.approx((2, -2), abs=0.15)


@pytest.mark.parametrize("genuine", [1, 3])
def test_calibration_of_few_separated_comparisons_is_finite(genuine):
    similarities = np.r_[np.full(genuine, 0.9), np.linspace(0, 0.5, 20)]
    calibration = MatchCalibration.fit(similarities, np.arange(len(similarities)) < genuine)
    assert np.isfinite(calibration).all()
    assert calibration.probability(0.9) == pytest.approx((genuine + 1) / (genuine + 2), abs=0.1)  # Platt's target
    assert calibration.probability(0.2) < 0.1


def test_calibration_of_similarities_without_information_is_even():
    assert MatchCalibration.fit(np.array([0.1, 0.2, 0.8, 0.9]), np.array([True, True, False, False])) == (0, 0)
    assert MatchCalibration.fit(np.full(4, 0.5), np.array([True, True, False, False])) == (0, 0)
    with pytest.raises(InputError, match="1 genuine of 1"):
        MatchCalibration.fit(np.ones(1), np.ones(1, bool))


def test_identification_by_hand():
    templates, names = np.eye(3), np.array(["a", "a", "b"])
    probes = unit(np.array([[1, 0.1, 0], [0, 1, 0.9], [0.9, 0, 1], [0.4, 0.5, 1], [1, 1, 1.1]]))
    persons = np.array(["a", "b", "b", "c", "c"])  # the second is nearest to a template of another person
    nearest, similarities = nearest_templates(templates, probes)
    assert nearest.tolist() == [0, 1, 2, 2, 2]
    rates = identification_rates(templates, names, probes, persons, threshold=0.8)
    # The first is returned, the second is returned as another, the third is below the threshold.
    assert rates == pytest.approx((2 / 3, 1 / 2, 2 / 3))
    # A template of the right person that is second is of no use, and a lower threshold returns the third.
    assert identification_rates(templates, names, probes, persons, 0.1) == pytest.approx((1 / 3, 1, 2 / 3))
    others = probes[persons == "c"]
    assert identification_threshold(templates, others, 0.5) == pytest.approx(similarities[3])
    strict = identification_threshold(templates, others, 0.01)
    assert identification_rates(templates, names, probes, persons, strict).false_positive_rate == 0
    assert similarities[3] < strict < similarities[3] + 1e-6


def test_identification_without_one_kind_of_probes():
    rates = identification_rates(np.eye(2), np.array(["a", "b"]), np.eye(2), np.array(["a", "b"]), 0.5)
    assert rates == pytest.approx((0, np.nan, 1), nan_ok=True)
    with pytest.raises(InputError, match="templates: expected one or more"):
        nearest_templates(np.zeros((0, 2)), np.eye(2))


def test_det_curve_is_drawn(tmp_path):
    comparisons = compare_all(*sample(10, 5))
    curves = {"model": comparisons[:2], "chance": (comparisons.similarities[::-1], comparisons.genuine)}
    draw_det_curve(curves, {"threshold 0.5": (0.01, 0.2), "no errors": (0, 0)}, tmp_path / "det.svg")
    assert ElementTree.parse(tmp_path / "det.svg").getroot().tag.endswith("svg")
