"""Scoring of a stream of transactions."""

import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import cast

import numpy as np

from plexus import Bundle, InputError
from plexus.utils.boundary import message_of, reason_of
from plexus_apps.fraud_monitor.alert_store import Alert, AlertStore, Unreadable
from plexus_apps.fraud_monitor.detection_task import DetectionTask
from plexus_apps.fraud_monitor.feed import Feed, Positioned, Transaction
from plexus_apps.fraud_monitor.stream_lock import RENEWAL_SECONDS, StreamLock

BATCH_SIZE, MAX_RECENT, MAX_REPLAYED = 32, 50_000, 100_000
"""Transactions of a step, those from which costs are estimated, and those that are read again at a start."""
LOOK_BACK, LOOK_BACK_INTERVAL = 10_000, 1000
"""Transactions before the last one among which late ones are looked for, and those between two searches."""
MAX_WITHOUT_POSITION = 100
POLL_SECONDS = 0.5
"""Pause after which an exhausted stream is read again."""


class Monitor:
    """Scores each transaction of a stream once, and stores those that are flagged.

    Args:
        bundle: The model.
        feed: The stream.
        store: The store of the alerts.
        rate: Maximum number of transactions per second.

    Example:
        ```python
        monitor = Monitor(plexus.load("fraud.detect/simulated"), simulated_feed(), AlertStore("alerts.sqlite"), 100)
        monitor.step()
        ```
    """

    def __init__(self, bundle: Bundle, feed: Feed, store: AlertStore, rate: float) -> None:
        self.bundle, self.feed, self.store, self.rate = bundle, feed, store, rate
        self.problem = ""
        self.recent: deque[tuple[float, float]] = deque(maxlen=MAX_RECENT)
        self._task, self._codec = cast(DetectionTask, bundle.task), bundle.codec
        self._running, self._closed, self._lock = threading.Event(), threading.Event(), threading.RLock()
        self._thread: threading.Thread | None = None
        self._stream_lock: StreamLock | None = None
        self._continue()

    @property
    def is_running(self) -> bool:
        """Whether transactions are being scored."""
        has_thread = self._thread is not None and self._thread.is_alive()
        return has_thread and self._running.is_set() and not self._closed.is_set()

    @property
    def costs(self) -> tuple[float, float | None]:
        """The cost of a review, and that of a missed fraud; None stands for its amount."""
        return self._task.costs(self._codec)

    def step(self) -> int:
        """Score the next transactions, and store alerts and progress.

        Transactions that cannot be scored are stored as such.

        Returns:
            The number of transactions.

        Raises:
            InputError: If another monitor scores the stream, or a database fails.
        """
        with self._lock:
            if self._closed.is_set():
                return 0
            lock = self._acquire()
            batch = self._next_batch(int(min(max(self.rate / 4, 1), BATCH_SIZE)))
            if batch:
                self._store(batch, [], lock)
            elif time.monotonic() > self._renewal:
                self._store([], self._without_position(), lock)
            return len(batch)

    def start(self) -> None:
        """Score transactions in a thread, until `pause` or `close`."""
        self.problem = ""
        self._running.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """Stop after the current step; it has ended when this returns."""
        self._running.clear()
        with self._lock:
            self._release()

    def close(self) -> None:
        """Stop for good after the current step; it has ended when this returns."""
        self._closed.set()
        self._running.set()
        with self._lock:
            self._release()

    def set_costs(self, cost_review: float, cost_missed: float | None) -> None:
        """Flag the next transactions by other costs.

        Args:
            cost_review: Cost of the review of one transaction.
            cost_missed: Cost of a missed fraud; None: its amount.
        """
        with self._lock:
            self._codec = self._task.with_costs(self._codec, cost_review, cost_missed)

    def expected_costs(self, cost_review: float, cost_missed: float | None) -> tuple[np.ndarray, np.ndarray]:
        """Estimate the cost of reviewing the recent transactions with the largest expected losses.

        Args:
            cost_review: Cost of the review of one transaction.
            cost_missed: Cost of a missed fraud; None: its amount.

        Returns:
            Expected cost of 0, 1, … reviews, shape `(n + 1,)`, and the expected losses, largest first, shape `(n,)`.
        """
        recent = np.array(self.recent) if self.recent else np.zeros((0, 2))
        losses = np.sort(recent[:, 0] * (recent[:, 1] if cost_missed is None else cost_missed))[::-1]
        remaining = losses.sum() - np.concatenate([[0.0], np.cumsum(losses)])
        return cost_review * np.arange(len(losses) + 1) + remaining, losses

    def explain(self, transaction: Transaction, file: Path) -> Path:
        """Draw why a transaction of the stream is flagged.

        Args:
            transaction: The transaction.
            file: PNG file to write.

        Returns:
            The file.
        """
        with self._lock:
            return self._task.explain(self.bundle.predictor, self._codec, transaction, file, self._state)

    def _continue(self) -> None:
        """Continue where the store says that the stream was left; the state of the customers is computed again."""
        self._scored, self._recorded = self.store.scored(self.feed.name), self.store.position(self.feed.name)
        self._is_scored, self._since_look_back = set(self._scored), LOOK_BACK_INTERVAL
        self.position = self._recorded if self._recorded or self._scored else self.feed.start()
        self._state = self._task.initial_state(self._codec)
        earlier = self.feed.before(self.position, MAX_REPLAYED)
        for first in range(0, len(earlier), BATCH_SIZE):
            self._score(earlier[first : first + BATCH_SIZE])

    def _acquire(self) -> StreamLock:
        """Return the lock of the stream. Where another monitor had it in between, continue where that one stopped."""
        lock = self._stream_lock
        if lock is not None and lock.stream == self.feed.name and not lock.is_lost:
            return lock
        self._release()
        lock = StreamLock(self.store.database, self.feed.name)
        lock.acquire()
        self._stream_lock, self._renewal = lock, 0.0
        if self.store.position(self.feed.name) != self._recorded:
            self._continue()
        return lock

    def _release(self) -> None:
        if self._stream_lock is not None:
            with suppress(InputError):  # without its database the lock expires
                self._stream_lock.release()
            self._stream_lock = None

    def _next_batch(self, limit: int) -> list[Positioned]:
        """Return the next transactions, late ones first."""
        batch = self.feed.after(self.position, limit)
        if len(batch) == limit and self._since_look_back < LOOK_BACK_INTERVAL:
            return batch
        floor = self._scored[0] if self._scored else self.position
        late = self.feed.late(floor, self.position, self._is_scored, limit)
        if len(late) < limit:
            self._since_look_back = 0
        return [*late, *batch][:limit]

    def _without_position(self) -> list[Unreadable]:
        rows = self.feed.without_position(MAX_WITHOUT_POSITION)
        return [Unreadable(key, "its key is no whole number between -2^63 and 2^63", row) for key, row in rows]

    def _store(self, batch: list[Positioned], others: list[Unreadable], lock: StreamLock) -> None:
        alerts, unreadable = self._score(batch)
        positions = [position for position, _ in batch]
        last, scored, added = max([self.position, *positions]), self._scored, list[int]()
        if not self.feed.grows_in_order:
            # The first entry is the floor: positions up to it are skipped.
            added = positions if scored else [self.position, *positions]
            scored = sorted([*scored, *added])[-LOOK_BACK:]
        floor = scored[0] if scored else None
        self.store.add(self.feed.name, alerts, last, added, floor, [*unreadable, *others], lock)
        self.position = self._recorded = last
        self._scored, self._is_scored, self._since_look_back = scored, set(scored), self._since_look_back + len(batch)
        if not batch:
            self._renewal = time.monotonic() + RENEWAL_SECONDS

    def _score(self, batch: list[Positioned]) -> tuple[list[Alert], list[Unreadable]]:
        """Score transactions; if one of them cannot be, each on its own."""
        if not batch:
            return [], []
        try:
            return self._score_readable(batch), []
        except Exception as error:  # noqa: BLE001 - a row may raise any error; the monitor goes on
            if len(batch) > 1:
                parts = [self._score([positioned]) for positioned in batch]
                return [alert for alerts, _ in parts for alert in alerts], [row for _, rows in parts for row in rows]
            position, transaction = batch[0]
            return [], [Unreadable(str(position), _reason(error), transaction)]

    def _score_readable(self, batch: list[Positioned]) -> list[Alert]:
        transactions = [transaction for _, transaction in batch]
        self._task.require_past(self._codec, transactions, self._state)
        amounts = self._task.amounts(self._codec, transactions).tolist()
        predictions = self._task.predict_stream(self.bundle.predictor, self._codec, transactions, self._state)
        self.recent.extend((p.probability, amount) for p, amount in zip(predictions, amounts, strict=True))
        return [
            Alert(position, prediction.probability, prediction.reasons, transaction)
            for (position, transaction), prediction in zip(batch, predictions, strict=True)
            if prediction.fraud
        ]

    def _run(self) -> None:
        while not self._closed.is_set():
            self._running.wait()
            try:
                count = self.step()
            except Exception as error:  # noqa: BLE001 - whatever it is, the page shows it
                self.problem = _reason(error)
                self._running.clear()
                continue
            time.sleep(count / self.rate if count else POLL_SECONDS)


def _reason(error: Exception) -> str:
    """Return an error as one line."""
    return message_of(error) if isinstance(error, InputError) else reason_of(error)
