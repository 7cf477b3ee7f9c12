"""The interface of a stream of transactions."""

from abc import ABC, abstractmethod
from collections.abc import Set

Transaction = dict[str, object]
"""Values of a transaction by column."""
Positioned = tuple[int, Transaction]
"""A transaction with its position in the stream."""


class Feed(ABC):
    """A stream of transactions with ascending positions.

    Attributes:
        name: Name by which alerts and progress are stored.
        grows_in_order: Whether no transaction is added behind one that was read.

    Example:
        ```python
        feed = table_feed(Path("payments.csv"))
        feed.after(0, limit=10)
        ```
    """

    name: str
    grows_in_order = True

    def start(self) -> int:
        """Return the position before the first transaction.

        Returns:
            The position.
        """
        return 0

    @abstractmethod
    def after(self, position: int, limit: int) -> list[Positioned]:
        """Return the next transactions.

        Args:
            position: The last position that was read; 0 at the start.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order; none if there are no more, or none yet.
        """

    @abstractmethod
    def before(self, position: int, limit: int) -> list[Positioned]:
        """Return the last transactions up to a position, from which features of the next ones are computed.

        Args:
            position: The last position.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order.
        """

    def late(self, floor: int, position: int, scored: Set[int], limit: int) -> list[Positioned]:
        """Return transactions that were added behind a position which has been read already.

        Args:
            floor: Positions up to this one are skipped.
            position: The last position that was read.
            scored: Positions between them that were processed.
            limit: Maximum number of transactions.

        Returns:
            The transactions in order; none in a stream that only grows at its end.
        """
        return []

    def without_position(self, limit: int) -> list[tuple[str, Transaction]]:
        """Return transactions that have no position, and can therefore not be scored in order.

        Args:
            limit: Maximum number of transactions.

        Returns:
            Pairs of the value that should have been the position and the transaction.
        """
        return []

    def remaining(self, position: int) -> int | None:
        """Return how many transactions follow a position.

        Args:
            position: The position.

        Returns:
            The number; None if it is not known.
        """
        return None
