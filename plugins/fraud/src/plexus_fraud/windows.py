"""Counts and sums over the time before each transaction."""

import numpy as np


class Groups:
    """Transactions of the same customer, or terminal, one after another.

    Args:
        keys: whole numbers from 0 `(n,)`; times: in seconds, ascending `(n,)`.
    """

    def __init__(self, keys: np.ndarray, times: np.ndarray) -> None:
        self.order = np.argsort(keys, kind="stable")
        self.key, self.time = keys[self.order], times[self.order]
        self.first = self.key.searchsorted(self.key, side="left")

    def rolling(
        self, values: np.ndarray, spans: tuple[float, ...], delay: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """How many transactions of the same key there were in each span of time, and the sums of their values.

        A span ends `delay` seconds before the transaction; without a delay the transaction itself is in it. Nothing
        later is looked at.

        Args:
            values: `(n,)`; spans: in seconds.

        Returns:
            Counts and sums, both `(n, spans)`.
        """
        total = np.concatenate([[0.0], np.cumsum(values[self.order], dtype=np.float64)])
        # Keys set further apart than any span make one ascending line, on which a bisection finds each span's ends.
        start = self.time.min()
        reach = float(self.time.max() - start) + delay + max(spans) + 1.0
        line = (self.time - start) + self.key * (2 * reach)
        end = np.arange(1, len(line) + 1)
        if delay:
            end = np.maximum(line.searchsorted(line - delay, side="right"), self.first)
        begin = line.searchsorted((line - delay)[:, None] - np.array(spans), side="right")
        begin = np.minimum(np.maximum(begin, self.first[:, None]), end[:, None])
        counts, sums = np.empty((2, *begin.shape))
        counts[self.order] = end[:, None] - begin
        sums[self.order] = total[end][:, None] - total[begin]
        return counts, sums

    def since_last(self, most: float) -> np.ndarray:
        """Seconds since the transaction before of the same key `(n,)`; `most` if there was none, or longer ago."""
        gaps = np.minimum(np.diff(self.time, prepend=-np.inf), most)
        gaps[self.first == np.arange(len(gaps))] = most
        found = np.empty(len(gaps))
        found[self.order] = gaps
        return found
