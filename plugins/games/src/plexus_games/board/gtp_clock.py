"""Time limits of the Go Text Protocol."""

from dataclasses import dataclass

MOVES_LEFT = 30
"""Moves of a player that the main time is divided by: as if so many were left."""
DELAY = 0.1
"""Seconds of each move that are left for the program on the other side and for the end of a search."""
MIN_SECONDS = 0.01


@dataclass
class GtpClock:
    """The time of a player: a main time, then periods in each of which some moves have to be played.

    Args:
        main: Seconds of the main time that are left.
        period: Seconds of a period.
        moves: Moves of a period; 0 for no periods.
        period_left: Seconds that are left of the period.
        moves_left: Moves that are left of the period.

    Example:
        ```python
        clock = GtpClock(main=60, period=30, moves=5, period_left=30, moves_left=5)
        clock.seconds  # 7.9: a thirtieth of 60, and a fifth of 30, less a tenth of a second
        ```
    """

    main: float
    period: float
    moves: int
    period_left: float
    moves_left: int

    @property
    def seconds(self) -> float:
        """Seconds for the next move, more than 0."""
        of_period = self.period_left / self.moves_left if self.moves_left else 0.0
        return max(self.main / MOVES_LEFT + of_period - DELAY, MIN_SECONDS)

    def spend(self, seconds: float) -> None:
        """Subtract the time of a move.

        Args:
            seconds: Its seconds.
        """
        beyond = max(seconds - self.main, 0.0)
        is_in_period = self.moves > 0 and self.main < seconds
        self.main = max(self.main - seconds, 0.0)
        if not is_in_period:
            return
        self.period_left, self.moves_left = max(self.period_left - beyond, 0.0), self.moves_left - 1
        if self.moves_left == 0:
            self.period_left, self.moves_left = self.period, self.moves
