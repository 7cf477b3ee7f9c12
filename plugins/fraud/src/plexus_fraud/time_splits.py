"""Splits by time."""

import numpy as np

from plexus import InputError
from plexus.utils.messages import note
from plexus_fraud.column_roles import ColumnRoles
from plexus_fraud.options import DetectOptions
from plexus_fraud.transaction_times import DAY
from plexus_fraud.transactions import Transactions

TEST_SHARE, VAL_SHARE = 0.2, 0.03
MIN_VAL_FRAUDS = 2


def split_by_time(
    transactions: Transactions, roles: ColumnRoles, delay: float, options: DetectOptions
) -> dict[str, np.ndarray]:
    """Split transactions by time: training, the delay, test; the validation split is the end of the training.

    Args:
        transactions: The transactions.
        roles: The columns with a role.
        delay: Seconds until it is known whether a transaction was fraud.
        options: The options, for the days of the splits.

    Returns:
        The rows of `train`, `val` and `test`.

    Raises:
        InputError: If the transactions cover too little time, or days are set without a column of times.
    """
    labelled = np.flatnonzero(~np.isnan(transactions.fraud))
    if transactions.time is None:
        if options.train_days or options.test_days or options.delay_days:
            raise InputError("--train-days, --delay-days and --test-days need a column of times: name it with --time")
        note("there is no column of times: the last rows are the test split, as if they were the latest")
        train, test = np.split(labelled, [round(len(labelled) * (1 - TEST_SHARE))])
    else:
        train, test = _split_at_delay(transactions, transactions.time, labelled, delay, options)
        test = _without_known_cards(transactions, transactions.time, roles, delay, train, test, options.data)
    frauds = np.flatnonzero(transactions.fraud[train] == 1)
    # The end of the training, or as much of it as holds two frauds.
    with_frauds = int(frauds[-MIN_VAL_FRAUDS]) if len(frauds) >= MIN_VAL_FRAUDS else 0
    start = min(round(len(train) * (1 - VAL_SHARE)), with_frauds)
    return {"train": train[:start], "val": train[start:], "test": test}


def _split_at_delay(
    transactions: Transactions, all_times: np.ndarray, labelled: np.ndarray, delay: float, options: DetectOptions
) -> tuple[np.ndarray, np.ndarray]:
    time = all_times[labelled]
    test_start = time[round(len(labelled) * (1 - TEST_SHARE))]
    if options.test_days:
        test_start = _end_of_last_day(time.max(), transactions.dated) - options.test_days * DAY
    train_end = test_start - delay
    train_start = train_end - options.train_days * DAY if options.train_days else -np.inf
    train, test = labelled[(time >= train_start) & (time < train_end)], labelled[time >= test_start]
    if not len(train) or not len(test):
        days = (time.max() - time.min()) / DAY
        raise InputError(
            f"--data {options.data}: its {days:.1f} days leave no transactions to learn from before a delay of "
            f"{delay / DAY:g} days; change --delay-days or --test-days"
        )
    return train, test


def _end_of_last_day(last: float, dated: bool) -> float:
    """Return the midnight after a date; without dates a moment after the last time."""
    return float(np.ceil((last + 1e-3) / DAY) * DAY) if dated else float(last) + 1e-3


def _without_known_cards(
    transactions: Transactions,
    time: np.ndarray,
    roles: ColumnRoles,
    delay: float,
    train: np.ndarray,
    test: np.ndarray,
    data: str,
) -> np.ndarray:
    """Return test rows without customers whose card is known to be compromised by then: it would be blocked.

    Le Borgne et al. 2022, Fraud Detection Handbook, chapter 3.
    """
    if roles.customer is None or not delay:
        return test
    ids = transactions.ids(roles.customer)
    frauds = np.flatnonzero(transactions.fraud == 1)
    known_from: dict[str, float] = {}
    for row in frauds[frauds >= train[0]].tolist():
        if ids[row]:
            known_from.setdefault(ids[row], time[row] + delay)
    compromised = np.array([known_from.get(ids[row], np.inf) <= time[row] for row in test.tolist()])
    if len(test) and compromised.all():
        raise InputError(
            f"--data {data}: all {len(test):,} transactions of the test split are of customers who are known to be "
            f"compromised by then, of {len(set(ids.tolist())):,} in column {roles.customer!r}; raise --delay-days, or "
            "pass --customer none if they are no customers"
        )
    note(
        f"{compromised.sum():,} of {len(test):,} transactions are not in the test split: their customers "
        "are known to be compromised"
    )
    return np.asarray(test[~compromised])
