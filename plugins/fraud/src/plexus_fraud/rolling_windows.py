"""Counts and sums over the time before each transaction."""

import numpy as np


class RollingWindows:
    """Rolling windows over the transactions of each account.

    `polars.DataFrame.rolling` is not used: prediction of single transactions takes a millisecond and imports NumPy and
    ONNX Runtime only.

    Args:
        accounts: Accounts as integers from 0, shape `(n,)`.
        times: Times in seconds, ascending, shape `(n,)`.

    Example:
        ```python
        windows = RollingWindows(np.array([0, 1, 0]), np.array([10.0, 20.0, 30.0]))
        counts, sums = windows.aggregate(amounts, spans=(86_400.0,))
        ```
    """

    def __init__(self, accounts: np.ndarray, times: np.ndarray) -> None:
        self.order = np.argsort(accounts, kind="stable")
        self.accounts, self.times = accounts[self.order], times[self.order]
        self.first = self.accounts.searchsorted(self.accounts, side="left")

    def aggregate(
        self, values: np.ndarray, spans: tuple[float, ...], delay: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Count the transactions of the same account in each window, and sum their values.

        A window ends `delay` seconds before the transaction; without a delay it includes the transaction itself.
        Nothing later is used.

        Args:
            values: Values to sum, shape `(n,)`.
            spans: Lengths of the windows in seconds.
            delay: Seconds between the end of a window and the transaction.

        Returns:
            Counts and sums, both of shape `(n, spans)`.
        """
        total = np.concatenate([[0.0], np.cumsum(values[self.order], dtype=np.float64)])
        # Accounts are placed further apart than any window, on one ascending line where bisection finds all windows.
        start = self.times.min()
        reach = float(self.times.max() - start) + delay + max(spans) + 1.0
        line = (self.times - start) + self.accounts * (2 * reach)
        end = np.arange(1, len(line) + 1)
        if delay:
            end = np.maximum(line.searchsorted(line - delay, side="right"), self.first)
        begin = line.searchsorted((line - delay)[:, None] - np.array(spans), side="right")
        begin = np.minimum(np.maximum(begin, self.first[:, None]), end[:, None])
        counts, sums = np.empty((2, *begin.shape))
        counts[self.order] = end[:, None] - begin
        sums[self.order] = total[end][:, None] - total[begin]
        return counts, sums

    def seconds_since_last(self, maximum: float) -> np.ndarray:
        """Return the time since the previous transaction of the same account.

        Args:
            maximum: Value for the first transaction of an account, and upper bound for the others.

        Returns:
            Seconds, shape `(n,)`.
        """
        gaps = np.minimum(np.diff(self.times, prepend=-np.inf), maximum)
        gaps[self.first == np.arange(len(gaps))] = maximum
        seconds = np.empty(len(gaps))
        seconds[self.order] = gaps
        return seconds
