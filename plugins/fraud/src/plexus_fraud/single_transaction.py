"""Behaviour features of one transaction, from the past of its accounts: a payment that arrives is scored at once."""

from typing import NamedTuple

import numpy as np

from plexus.codec import Arrays
from plexus_fraud.behaviour_features import MAX_FEATURE, MAX_GAP, MIN_DELAY, WINDOW_DAYS, round_sums
from plexus_fraud.transaction_times import DAY

_SPANS = np.array(WINDOW_DAYS) * float(DAY)


class AccountPast(NamedTuple):
    """The transactions of an account before another one, in the order of time.

    Attributes:
        time: Times in seconds, shape `(n,)`.
        amount: Amounts, shape `(n,)`.
        fraud: 1 or 0, shape `(n,)`.
        terminal: Of a customer's transactions, ids of the terminals, shape `(n,)`; None without terminals.

    Example:
        ```python
        past = AccountPast(np.array([10.0]), np.array([12.5]), np.zeros(1), None)
        ```
    """

    time: np.ndarray
    amount: np.ndarray
    fraud: np.ndarray
    terminal: np.ndarray | None


def single_transaction_features(single: Arrays, past_of_role: dict[str, AccountPast], delay: float) -> np.ndarray:
    """Compute the features of one transaction, equal to those of `behaviour_features`.

    Args:
        single: The transaction: `time`, `amount`, and ids by role, each of shape `(1,)`.
        past_of_role: Earlier transactions of its `customer`, `terminal` or both; none for a missing id.
        delay: Seconds until it is known whether a transaction was fraud.

    Returns:
        Features in the order of `behaviour_feature_names`, shape `(1, features)`.
    """
    time, amount = float(single["time"][0]), float(np.nan_to_num(single["amount"][0]))
    features: list[float] = []
    customer, terminal = past_of_role.get("customer"), past_of_role.get("terminal")
    if customer is not None:
        features += _customer_features(customer, time, amount)
    if terminal is not None:
        features += _terminal_features(terminal, time, max(delay, MIN_DELAY))
    if customer is not None and terminal is not None:
        features.append(_pair_count(customer, time, single["terminal"][0]))
    return np.minimum(np.array([features], np.float64), MAX_FEATURE).astype(np.float32)


def _customer_features(past: AccountPast, time: float, amount: float) -> list[float]:
    size = len(past.time)
    starts = past.time.searchsorted(time - _SPANS, side="right").tolist()
    counts = [size - start + 1 for start in starts]
    sums = round_sums(np.array([past.amount[start:].sum() + amount for start in starts]))
    means = (sums / counts).tolist()
    gap = min(time - float(past.time[-1]), MAX_GAP) if size else MAX_GAP
    return [*counts, *means, amount / max(means[-1], 1e-6), gap / 3600]


def _terminal_features(past: AccountPast, time: float, delay: float) -> list[float]:
    """Count the transactions whose fraud is known, and those of the last day."""
    end = int(past.time.searchsorted(time - delay, side="right"))
    starts = past.time.searchsorted(time - delay - _SPANS, side="right").tolist()
    rates = [float(past.fraud[start:end].sum()) / max(end - start, 1) for start in starts]
    today = len(past.time) - int(past.time.searchsorted(time - _SPANS[0], side="right")) + 1
    return [*(end - start for start in starts), *rates, today]


def _pair_count(customer: AccountPast, time: float, terminal: str) -> float:
    start = int(customer.time.searchsorted(time - _SPANS[-1], side="right"))
    same = customer.terminal[start:] == terminal if terminal and customer.terminal is not None else np.zeros(0)
    return float(same.sum())
