"""Transactions as they arrive, and alerts that are kept."""

import threading
import time
from collections import deque
from dataclasses import replace

import numpy as np

import plexus
from plexus import Bundle, InputError
from plexus_apps.fraud_monitor.feeds import Feed, Placed
from plexus_apps.fraud_monitor.store import Alert, AlertStore

BATCH, REMEMBERED, REPLAYED = 32, 50_000, 100_000
IDLE = 0.5
"""Seconds until it is asked again whether there is more."""


class Monitor:
    """Answers for each transaction of a feed once, and keeps those that are flagged.

    Args:
        bundle: of the finder of fraud; opened anew, for its behaviour is that of this feed alone.
        feed: of the transactions.
        store: of the alerts.
        rate: transactions a second, at most.
    """

    def __init__(self, bundle: Bundle, feed: Feed, store: AlertStore, rate: float) -> None:
        self.bundle, self.feed, self.store, self.rate = plexus.load(bundle.folder), feed, store, rate
        self.position, self.problem = store.position(feed.name), ""
        self.seen: deque[tuple[float, float]] = deque(maxlen=REMEMBERED)
        self._going, self._lock = threading.Event(), threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        past = feed.before(self.position, REPLAYED)
        for start in range(0, len(past), BATCH):
            self._answered(past[start : start + BATCH])

    def step(self) -> int:
        """Answer for the next transactions, and keep what came of it; gives how many they were.

        Raises:
            InputError: a transaction cannot be read, or the database is gone.
        """
        with self._lock:
            if self._ended.is_set():
                return 0
            placed = self.feed.after(self.position, int(min(max(self.rate / 4, 1), BATCH)))
            if placed:
                self.store.keep(self.feed.name, self._answered(placed), placed[-1][0])
                self.position = placed[-1][0]
            return len(placed)

    def start(self) -> None:
        """Go on, in a thread of its own."""
        self.problem = ""
        self._going.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """Take no more for now; what is under way is done when it returns."""
        self._going.clear()
        with self._lock:
            pass

    def close(self) -> None:
        """End for good, once the step that is under way is done."""
        self._ended.set()
        self._going.set()
        with self._lock:
            pass

    @property
    def is_going(self) -> bool:
        """Whether it takes transactions."""
        alive = self._thread is not None and self._thread.is_alive()
        return alive and self._going.is_set() and not self._ended.is_set()

    def set_costs(self, review: float, missed: float | None) -> None:
        """From the next transaction on; `missed` None: a missed fraud costs its amount."""
        with self._lock:
            policy = self.bundle.codec.policy
            self.bundle.codec.policy = replace(policy, review=review, missed=missed, threshold=None)

    def expected(self, review: float, missed: float | None) -> tuple[np.ndarray, np.ndarray]:
        """What reviewing the most expensive ones would cost `(n + 1,)` for 0, 1, … reviews, and their expected losses.

        Args:
            review: what looking at one costs.
            missed: what a missed fraud costs; None: its amount.
        """
        found = np.array(self.seen) if self.seen else np.zeros((0, 2))
        losses = found[:, 0] * (found[:, 1] if missed is None else missed)
        ranked = np.sort(losses)[::-1]
        left = ranked.sum() - np.concatenate([[0.0], np.cumsum(ranked)])
        return review * np.arange(len(ranked) + 1) + left, ranked

    def _answered(self, placed: list[Placed]) -> list[Alert]:
        rows = [row for _, row in placed]
        verdicts = self.bundle.predict(rows)
        amount = self.bundle.codec.roles.amount
        losses = [abs(float(row.get(amount) or 0)) if amount else 100.0 for row in rows]
        self.seen.extend((verdict.probability, loss) for verdict, loss in zip(verdicts, losses, strict=True))
        return [
            Alert(position, verdict.probability, verdict.reasons, row)
            for (position, row), verdict in zip(placed, verdicts, strict=True)
            if verdict.fraud
        ]

    def _run(self) -> None:
        while not self._ended.is_set():
            self._going.wait()
            try:
                taken = self.step()
            except InputError as error:
                self.problem = str(error)
                self._going.clear()
                continue
            time.sleep(taken / self.rate if taken else IDLE)
