"""How good a ranking of transactions is, and what it saves."""

import numpy as np

from plexus.metrics.calibration import expected_calibration_error

RESAMPLES = 200
ALERTS, CARDS = 0.01, 100


def average_precision(scores: np.ndarray, fraud: np.ndarray) -> float:
    """The mean of the precision at each fraud, from the highest score down; of equal scores, the last's."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(fraud[order])
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    found = np.diff(hits[ends], prepend=0)
    return float(np.sum(found * hits[ends] / (ends + 1)) / max(hits[-1], 1))


def bootstrap_interval(scores: np.ndarray, fraud: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of the average precision over resamples of the transactions (Efron 1979)."""
    generator, values = np.random.default_rng(seed), []
    bad, good = np.flatnonzero(fraud == 1), np.flatnonzero(fraud == 0)
    # What ranks below all frauds counts for nothing: of it, only how many are drawn matters, and that hardly.
    good = good[scores[good] >= scores[bad].min()]
    for _ in range(RESAMPLES):
        rows = np.concatenate([generator.choice(bad, len(bad)), generator.choice(good, len(good))])
        values.append(average_precision(scores[rows], fraud[rows]))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def roc_auc(scores: np.ndarray, fraud: np.ndarray) -> float:
    """The probability that a fraud scores above another transaction; ties count half (Hanley & McNeil 1982)."""
    _, ranks, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    positive = fraud.sum()
    return float(
        (middle[ranks][fraud == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(fraud) - positive))
    )


def recall_at(scores: np.ndarray, fraud: np.ndarray, share: float = ALERTS) -> float:
    """The share of the frauds among the highest scores."""
    alerts = np.argsort(-scores, kind="stable")[: max(round(share * len(scores)), 1)]
    return float(fraud[alerts].sum() / fraud.sum())


def card_precision(scores: np.ndarray, fraud: np.ndarray, days: np.ndarray, customers: np.ndarray) -> float:
    """Of the 100 customers with the highest scores of a day, the share with a fraud that day; the mean over days.

    A customer that was found is not counted on a later day (Le Borgne et al. 2022, chapter 4, "Card Precision top-k").
    """
    values, found = [], set()
    for day in np.unique(days):
        today = np.flatnonzero(days == day)
        best: dict[str, tuple[float, float]] = {}
        for row in today[np.argsort(-scores[today], kind="stable")].tolist():
            if customers[row] not in found:
                score, bad = best.get(customers[row], (scores[row], 0.0))
                best[customers[row]] = score, max(bad, fraud[row])
        top = list(best.items())[:CARDS]
        values.append(sum(bad for _, (_, bad) in top) / CARDS)
        found |= {customer for customer, (_, bad) in top if bad}
    return float(np.mean(values))


def cost_saved(flagged: np.ndarray, fraud: np.ndarray, losses: np.ndarray, review: float) -> float:
    """Of what all frauds cost, the share that is saved by looking at what is flagged; below 0 if that costs more."""
    lost = float(losses[fraud == 1].sum())
    cost = float(losses[(fraud == 1) & ~flagged].sum()) + review * float(flagged.sum())
    return (lost - cost) / max(lost, 1e-9)


def figures(probabilities: np.ndarray, fraud: np.ndarray, amounts: np.ndarray) -> dict[str, float]:
    """The figures that need nothing but probabilities, truth and amounts, beside a ranking by chance and by amount."""
    low, high = bootstrap_interval(probabilities, fraud)
    both = np.stack([1 - probabilities, probabilities], axis=1)
    return {
        "average_precision": average_precision(probabilities, fraud),
        "average_precision_low": low,
        "average_precision_high": high,
        "roc_auc": roc_auc(probabilities, fraud),
        "recall_at_1_percent": recall_at(probabilities, fraud),
        "ece": expected_calibration_error(both, fraud.astype(int)),
        "prior_average_precision": float(fraud.mean()),
        "amount_average_precision": average_precision(np.nan_to_num(amounts), fraud),
    }
