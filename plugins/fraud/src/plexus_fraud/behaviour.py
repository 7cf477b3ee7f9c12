"""The behaviour of customers and terminals before each transaction, as numbers."""

import numpy as np

from plexus_fraud.transactions import DAY
from plexus_fraud.windows import Groups

SPANS = (1, 7, 30)
"""Days."""
LONGEST = 37 * DAY
"""Seconds since a customer's last transaction, from which on it does not matter how many."""
MANY = 1000
"""Transactions from which on a table's engine numbers ids faster than a dictionary."""


def names_of_behaviour(customer: str | None, terminal: str | None) -> list[str]:
    """What the numbers are, in words; of no column, none."""
    names, spans = [], [f"{days} day{'s' * (days > 1)}" for days in SPANS]
    if customer:
        names += [f"transactions of the {customer} in {span}" for span in spans]
        names += [f"mean amount of the {customer} in {span}" for span in spans]
        names += [f"amount beside the {customer}'s mean", f"hours since the {customer}'s last"]
    if terminal:
        names += [f"transactions at the {terminal} in {span} before the delay" for span in spans]
        names += [f"share of fraud at the {terminal} in {span} before the delay" for span in spans]
        names += [f"transactions at the {terminal} in {spans[0]}"]
    if customer and terminal:
        names += [f"times that the {customer} was at this {terminal} in {spans[-1]}"]
    return names


def behaviour(given: dict[str, np.ndarray], delay: float) -> np.ndarray:
    """Numbers of transactions in the order of time, from those before each alone.

    Windows of 1, 7 and 30 days, and of what was fraud only what is known by then (Le Borgne et al. 2022, Fraud
    Detection Handbook, chapter 3, "Baseline feature transformation").

    Args:
        given: `time`, `amount`, `fraud`, and the ids of `customer`, `terminal` or both, each `(n,)`.
        delay: seconds until it is known what was fraud.

    Returns:
        In the order of `names_of_behaviour` `(n, numbers)`.
    """
    time, amount, spans = given["time"], np.nan_to_num(given["amount"]), tuple(days * DAY for days in SPANS)
    codes = {role: _codes(given[role]) for role in ("customer", "terminal") if role in given}
    found = []
    if "customer" in codes:
        groups = Groups(codes["customer"], time)
        counts, sums = groups.rolling(amount, spans)
        means = sums / np.maximum(counts, 1)
        gaps = groups.since_last(LONGEST) / 3600
        found += [counts, means, (amount / np.maximum(means[:, -1], 1e-6))[:, None], gaps[:, None]]
    if "terminal" in codes:
        groups = Groups(codes["terminal"], time)
        counts, sums = groups.rolling(given["fraud"], spans, delay)
        today, _ = groups.rolling(amount, spans[:1])
        found += [counts, sums / np.maximum(counts, 1), today]
    if len(codes) == 2:
        pairs = codes["customer"] * (int(codes["terminal"].max(initial=0)) + 1) + codes["terminal"]
        counts, _ = Groups(np.unique(pairs, return_inverse=True)[1], time).rolling(amount, spans[-1:])
        found.append(counts - 1)
    return np.concatenate(found, axis=1).astype(np.float32)


def _codes(ids: np.ndarray) -> np.ndarray:
    """Ids as whole numbers, each empty one a number of its own: nobody knows whose it is."""
    if len(ids) < MANY:
        numbers = {id: number for number, id in enumerate(dict.fromkeys(ids.tolist()))}
        codes = np.array([numbers[id] for id in ids.tolist()], np.int64)
    else:
        import polars as pl

        codes = pl.Series(ids, dtype=pl.String).cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    nobody = ids == ""
    codes[nobody] = codes.max(initial=0) + 1 + np.arange(nobody.sum())
    return codes
