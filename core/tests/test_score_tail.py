"""Thresholds of a stated false match rate, compared with distributions whose tail is known."""

import numpy as np
import pytest
from scipy.stats import beta, genpareto, norm
from scipy.stats import t as student

from plexus.errors import InputError
from plexus.metrics.score_tail import ScoreTail, empirical_threshold, threshold_at
from plexus.metrics.verification import match_rate


@pytest.mark.parametrize("shape", [-0.3, 0.0, 0.4])
def test_rates_and_quantiles_equal_those_of_scipy(shape):
    tail = ScoreTail(start=0.4, rate=0.05, shape=shape, scale=0.03)
    for similarity in (0.4, 0.45, 0.49):
        expected = 0.05 * genpareto.sf(similarity - 0.4, shape, scale=0.03)
        assert tail.exceedance(similarity) == pytest.approx(expected)
        assert tail.quantile(expected) == pytest.approx(similarity)
    assert tail.exceedance(0.2) == 0.05
    assert tail.exceedance(2) == pytest.approx(0.05 * genpareto.sf(1.6, shape, scale=0.03), abs=1e-30)


@pytest.mark.parametrize("rate", [0, 0.1])
def test_quantile_of_a_rate_out_of_range_is_an_error(rate):
    with pytest.raises(InputError, match=r"above 0 and at most 0\.05"):
        ScoreTail(0.4, 0.05, 0.1, 0.03).quantile(rate)


@pytest.mark.parametrize("shape", [-0.25, 0.0, 0.25])
def test_fit_finds_the_parameters_of_a_generalised_pareto_distribution(shape):
    similarities = genpareto.rvs(shape, scale=0.1, size=500_000, random_state=0)
    tail = ScoreTail.fit(similarities)
    assert tail.shape == pytest.approx(shape, abs=0.05)
    # Excesses over a start u have the scale 0.1 + shape u (Coles 2001, section 4.2.2).
    assert tail.scale == pytest.approx(0.1 + shape * tail.start, rel=0.05)
    assert tail.rate == pytest.approx(3 / 500_000**0.5, rel=0.01)


@pytest.mark.parametrize("distribution", [norm(), beta(63.5, 63.5), beta(4, 20), student(8)])
@pytest.mark.parametrize(("count", "errors"), [(1_000, 1.0), (1_000, 0.1), (10_000, 0.1)])
def test_realised_rate_is_near_the_stated_one(distribution, count, errors):
    """Expected false matches among `count` comparisons: 1 or 0.1, beyond all similarities of most samples."""
    realised = []
    for seed in range(100):
        similarities = distribution.rvs(count, random_state=seed)
        realised.append(distribution.sf(threshold_at(similarities, errors / count)) * count / errors)
    assert 0.3 < np.median(realised) < 2
    assert 0.7 < np.mean(realised) < 3.5


@pytest.mark.parametrize("rate", [0.5, 0.1, 0.02, 0.011])
def test_rates_within_the_resolution_use_the_empirical_quantile(rate):
    similarities = np.random.default_rng(0).normal(size=1_000)
    threshold = threshold_at(similarities, rate)
    assert threshold == empirical_threshold(similarities, rate)
    assert match_rate(similarities, threshold) == pytest.approx(rate)


def test_thresholds_fall_with_the_rate():
    similarities = np.random.default_rng(0).normal(size=1_000)
    thresholds = [threshold_at(similarities, rate) for rate in np.geomspace(1e-6, 0.9, 60)]
    assert (np.diff(thresholds) < 0.05).all()
    assert thresholds[0] > similarities.max()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_similarities_match_together(dtype):
    similarities = np.array([0.9, 0.7, 0.7, 0.7, 0.1], dtype)
    expected = {0: None, 0.2: 0.9, 0.4: 0.9, 0.6: 0.9, 0.8: 0.7, 1: 0.1}
    for rate, threshold in expected.items():
        result = empirical_threshold(similarities, rate)
        assert match_rate(similarities, result) <= rate
        assert result == pytest.approx(0.9 if threshold is None else threshold)


def test_few_or_equal_similarities_are_an_error():
    with pytest.raises(InputError, match="expected 20 or more impostor comparisons"):
        threshold_at(np.linspace(0, 1, 19), 1e-3)
    with pytest.raises(InputError, match="the largest 10 are equal"):
        threshold_at(np.full(30, 0.5), 1e-3)
    with pytest.raises(InputError, match="between 0 and 1"):
        threshold_at(np.linspace(0, 1, 100), 0)
    assert 1 < threshold_at(np.linspace(0, 1, 20), 1e-3) < 2
