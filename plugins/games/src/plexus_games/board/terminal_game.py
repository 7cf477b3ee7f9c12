"""A game against a person in the terminal."""

from collections.abc import Callable, Iterator

from plexus import InputError
from plexus_games.board.match import Match
from plexus_games.board.position_prediction import PositionPrediction

HELP = "Type a move, or hint, undo, moves or quit."
MAX_LINE = 6


class TerminalGame:
    """A game that a person plays by typing moves.

    Args:
        match: The game.
        side: The player that the person is: 0 moves first, 1 second.
        lines: The lines that the person types.
        write: Writes a line for the person.

    Example:
        ```python
        TerminalGame(match, side=0, lines=iter(sys.stdin.readline, ""), write=print).run()
        ```
    """

    def __init__(self, match: Match, side: int, lines: Iterator[str], write: Callable[[str], None]) -> None:
        self._match, self._side, self._lines, self._write = match, side, lines, write

    def run(self) -> None:
        """Play until the game is over, the person quits, or there are no more lines."""
        self._write(HELP)
        self._show_board()
        while not self._match.is_over:
            if self._match.player != self._side:
                self._answer()
            elif not self._obey(next(self._lines, "quit").strip()):
                return
        self._write(f"The game is over: {self._result()}.")

    def _answer(self) -> None:
        prediction = self._match.search()
        self._write(f"Plexus plays {self._match.play(prediction.move)}  ({_chances(prediction)})")
        self._show_board()

    def _obey(self, line: str) -> bool:
        """Do what the person typed; returns whether the game goes on."""
        word = line.lower()
        if word in {"quit", "exit"}:
            self._write("The game is not over.")
            return False
        if word == "moves":
            self._write(" ".join(self._match.legal_moves))
        elif word == "hint":
            prediction = self._match.search()
            self._write(f"{' '.join(prediction.line[:MAX_LINE])}  ({_chances(prediction)})")
        elif word == "undo":
            self._match.undo(2)
            self._show_board()
        elif word:
            self._play(line)
        return True

    def _play(self, move: str) -> None:
        try:
            self._match.play(move)
        except InputError as error:
            self._write(str(error))
        else:
            self._show_board()

    def _show_board(self) -> None:
        for line in self._match.board.splitlines():
            self._write(line)

    def _result(self) -> str:
        points = self._match.points
        if points == 0.5:
            return "a draw"
        return "you win" if (points == 1) == (self._side == 0) else "Plexus wins"


def _chances(prediction: PositionPrediction) -> str:
    certain = ", certain" if prediction.is_certain else ""
    return f"win {prediction.win:.0%}, draw {prediction.draw:.0%} for the player to move{certain}"
