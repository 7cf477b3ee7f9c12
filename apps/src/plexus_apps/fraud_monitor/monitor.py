"""Scoring of a stream of transactions."""

import threading
import time
from collections import deque
from pathlib import Path
from typing import cast

import numpy as np

from plexus import Bundle, InputError
from plexus_apps.fraud_monitor.alert_store import Alert, AlertStore
from plexus_apps.fraud_monitor.detection_task import DetectionTask
from plexus_apps.fraud_monitor.feeds import Feed, Positioned, Transaction

BATCH_SIZE, MAX_RECENT, MAX_REPLAYED = 32, 50_000, 100_000
"""Transactions of a step, those from which costs are estimated, and those that are read again at a start."""
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
        self.position, self.problem = store.position(feed.name), ""
        self.recent: deque[tuple[float, float]] = deque(maxlen=MAX_RECENT)
        self._task, self._codec = cast(DetectionTask, bundle.task), bundle.codec
        self._state = self._task.initial_state(self._codec)
        self._running, self._closed, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None
        earlier = feed.before(self.position, MAX_REPLAYED)
        for start in range(0, len(earlier), BATCH_SIZE):
            self._score(earlier[start : start + BATCH_SIZE])

    @property
    def is_running(self) -> bool:
        """Whether transactions are being scored."""
        alive = self._thread is not None and self._thread.is_alive()
        return alive and self._running.is_set() and not self._closed.is_set()

    @property
    def costs(self) -> tuple[float, float | None]:
        """The cost of a review, and that of a missed fraud; None stands for its amount."""
        return self._task.costs(self._codec)

    def step(self) -> int:
        """Score the next transactions, and store alerts and progress.

        Returns:
            The number of transactions.

        Raises:
            InputError: If a transaction cannot be read, or a database fails.
        """
        with self._lock:
            if self._closed.is_set():
                return 0
            batch = self.feed.after(self.position, int(min(max(self.rate / 4, 1), BATCH_SIZE)))
            if batch:
                self.store.add(self.feed.name, self._score(batch), batch[-1][0])
                self.position = batch[-1][0]
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
            pass

    def close(self) -> None:
        """Stop for good after the current step; it has ended when this returns."""
        self._closed.set()
        self._running.set()
        with self._lock:
            pass

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

    def _score(self, batch: list[Positioned]) -> list[Alert]:
        transactions = [transaction for _, transaction in batch]
        predictions = self._task.predict_stream(self.bundle.predictor, self._codec, transactions, self._state)
        amounts = self._task.amounts(self._codec, transactions).tolist()
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
            except InputError as error:
                self.problem = str(error)
                self._running.clear()
                continue
            time.sleep(count / self.rate if count else POLL_SECONDS)
