"""Features of the behaviour of customers and terminals before each transaction."""

import numpy as np

from plexus.codec import Arrays
from plexus_fraud.rolling_windows import RollingWindows
from plexus_fraud.transaction_times import DAY

WINDOW_DAYS = (1, 7, 30)
MAX_GAP = 37 * DAY
"""Seconds since a customer's last transaction at which the feature is clipped."""
MIN_DELAY = 1.0
"""Seconds after which a label is known at the earliest: that of a transaction is no feature of its own."""
MAX_FEATURE = 1e30
"""Larger values are clipped: of float32 they would be infinite."""
SUM_DIGITS, MIN_SUM = 9, 1e-12
"""Significant digits of sums; smaller sums are rounded as if they had this size."""
MIN_ROWS_FOR_POLARS = 1000
"""Transactions from which Polars numbers ids faster than a dictionary does."""


def behaviour_feature_names(customer: str | None, terminal: str | None) -> list[str]:
    """Return the names of the features that `behaviour_features` computes.

    Args:
        customer: Column of the customers, if there is one.
        terminal: Column of the terminals, if there is one.

    Returns:
        The names, in the order of the features.
    """
    names, spans = [], [f"{days} day{'s' * (days > 1)}" for days in WINDOW_DAYS]
    if customer:
        names += [f"transactions of the {customer} in {span}" for span in spans]
        names += [f"mean amount of the {customer} in {span}" for span in spans]
        names += [f"amount relative to the {customer}'s mean", f"hours since the {customer}'s last transaction"]
    if terminal:
        names += [f"transactions at the {terminal} in {span} before the delay" for span in spans]
        names += [f"fraud rate at the {terminal} in {span} before the delay" for span in spans]
        names += [f"transactions at the {terminal} in {spans[0]}"]
    if customer and terminal:
        names += [f"transactions of the {customer} at this {terminal} in {spans[-1]}"]
    return names


def behaviour_features(activity: Arrays, delay: float) -> np.ndarray:
    """Compute the features of transactions from those before each of them.

    Windows of 1, 7 and 30 days; fraud counts only where it is known by then (Le Borgne et al. 2022, Fraud Detection
    Handbook, chapter 3, "Baseline feature transformation").

    Args:
        activity: Transactions in the order of time: `time` in seconds, `amount`, `fraud`, and the ids of `customer`,
            `terminal` or both, each of shape `(n,)`.
        delay: Seconds until it is known whether a transaction was fraud.

    Returns:
        Features in the order of `behaviour_feature_names`, shape `(n, features)`.
    """
    time, amount = activity["time"], np.nan_to_num(activity["amount"])
    spans = tuple(days * DAY for days in WINDOW_DAYS)
    accounts = {role: _account_numbers(activity[role]) for role in ("customer", "terminal") if role in activity}
    features = []
    if "customer" in accounts:
        windows = RollingWindows(accounts["customer"], time)
        counts, sums = windows.aggregate(amount, spans)
        means = round_sums(sums) / np.maximum(counts, 1)
        hours = windows.seconds_since_last(MAX_GAP) / 3600
        features += [counts, means, (amount / np.maximum(means[:, -1], 1e-6))[:, None], hours[:, None]]
    if "terminal" in accounts:
        windows = RollingWindows(accounts["terminal"], time)
        counts, sums = windows.aggregate(activity["fraud"], spans, max(delay, MIN_DELAY))
        today, _ = windows.aggregate(amount, spans[:1])
        features += [counts, sums / np.maximum(counts, 1), today]
    if len(accounts) == 2:
        pairs = accounts["customer"] * (int(accounts["terminal"].max(initial=0)) + 1) + accounts["terminal"]
        counts, _ = RollingWindows(np.unique(pairs, return_inverse=True)[1], time).aggregate(amount, spans[-1:])
        features.append(counts - 1)
    bounded = np.nan_to_num(np.concatenate(features, axis=1), posinf=MAX_FEATURE).clip(max=MAX_FEATURE)
    return np.asarray(bounded, np.float32)


def round_sums(sums: np.ndarray) -> np.ndarray:
    """Round sums of amounts to nine significant digits.

    A sum depends a little on the order of its terms, and so on which transactions are scored together; a split of a
    tree may lie between two such results.

    Args:
        sums: The sums.

    Returns:
        The rounded sums.
    """
    exponents = np.floor(np.log10(np.maximum(np.abs(sums), MIN_SUM))) + 1 - SUM_DIGITS
    large, small = 10.0 ** np.maximum(exponents, 0), 10.0 ** np.maximum(-exponents, 0)  # one of them is 1
    return np.asarray(np.round(sums * small / large) * large / small)


def _account_numbers(ids: np.ndarray) -> np.ndarray:
    """Return ids as integers; each missing id gets a number of its own, since it may be anybody's."""
    if len(ids) < MIN_ROWS_FOR_POLARS:
        number_of_id = {id: number for number, id in enumerate(dict.fromkeys(ids.tolist()))}
        numbers = np.array([number_of_id[id] for id in ids.tolist()], np.int64)
    else:
        import polars as pl

        numbers = pl.Series(ids, dtype=pl.String).cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    missing = ids == ""
    numbers[missing] = numbers.max(initial=0) + 1 + np.arange(missing.sum())
    return numbers
