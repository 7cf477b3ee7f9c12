"""How well probabilities rank bad outcomes above good ones: KS statistic, Gini coefficient and H-measure."""

import numpy as np


def ks_statistic(probabilities: np.ndarray, outcomes: np.ndarray) -> float:
    """Compute the Kolmogorov-Smirnov statistic.

    It is the largest distance between the cumulative distributions of the probabilities of good and bad outcomes.

    Args:
        probabilities: Probabilities of bad, shape `(n,)`.
        outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.

    Returns:
        The statistic, from 0 to 1.
    """
    from scipy.stats import ks_2samp

    bad = outcomes == 1
    return float(ks_2samp(probabilities[bad], probabilities[~bad], method="asymp").statistic)


def gini(probabilities: np.ndarray, outcomes: np.ndarray) -> float:
    """Compute the Gini coefficient of a ranking, 2 x AUC - 1 (Siddiqi 2006, chapter 6).

    Args:
        probabilities: Probabilities of bad, shape `(n,)`.
        outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.

    Returns:
        The coefficient: 1 for a perfect ranking, 0 for a random one.
    """
    from sklearn.metrics import roc_auc_score

    return float(2 * roc_auc_score(outcomes, probabilities) - 1)


def h_measure(probabilities: np.ndarray, outcomes: np.ndarray, severity_ratio: float | None = None) -> float:
    """Compute the H-measure (Hand 2009, Machine Learning 77, 103-123).

    It is 1 minus the expected cost at the best threshold, relative to that of the better trivial decision. The share
    `c` of a false positive in the cost of both errors has a Beta(2, 1 + 1 / severity_ratio) distribution, whose mode is
    the cost share that the severity ratio implies, as in R's package `hmeasure`; a ratio of 1 is Hand's Beta(2, 2).

    The convex hull of the ROC curve is an isotonic regression: a row of fitted bad rate `p` is rejected at the best
    threshold if c < p. So its expected cost is an integral over `c` up to `p` if it is good, and from `p` on if it is
    bad, which are incomplete beta functions.

    Args:
        probabilities: Probabilities of bad, or other scores, shape `(n,)`.
        outcomes: 1 (bad) or 0 (good), both present, shape `(n,)`.
        severity_ratio: Cost of rejecting a good case over that of approving a bad one, above 0; None: number of bad
            over number of good, as in R's `hmeasure`.

    Returns:
        The measure: 1 for a perfect ranking, 0 for a random one.
    """
    from scipy.stats import rankdata
    from sklearn.isotonic import IsotonicRegression

    bad_rate = outcomes.mean()
    ratio = bad_rate / (1 - bad_rate) if severity_ratio is None else severity_ratio
    # As ranks: isotonic regression takes scores that differ by less than 1e-15 as equal.
    hull = IsotonicRegression().fit_transform(rankdata(probabilities, "dense"), outcomes)
    cost = _expected_cost(hull, outcomes, ratio)
    trivial_cost = _expected_cost(np.full(len(outcomes), bad_rate), outcomes, ratio)
    return float(1 - cost / trivial_cost)


def _expected_cost(bad_rates: np.ndarray, outcomes: np.ndarray, severity_ratio: float) -> float:
    """Integrate the cost of a decision that rejects a row where the cost share of a false positive is below a rate."""
    from scipy.stats import beta

    first, second = 2.0, 1 + 1 / severity_ratio
    mean = first / (first + second)
    false_positive = mean * beta.cdf(bad_rates, first + 1, second)
    false_negative = (1 - mean) * beta.sf(bad_rates, first, second + 1)
    return float(np.mean(np.where(outcomes == 1, false_negative, false_positive)))
