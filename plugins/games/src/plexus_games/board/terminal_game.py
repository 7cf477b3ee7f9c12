"""A game against a person in the terminal."""

from collections.abc import Callable, Iterator

from plexus import InputError
from plexus_games.board.game_session import GameSession
from plexus_games.board.position_prediction import PositionPrediction

HELP = "Type a move, or hint, undo, moves or quit."
MAX_MOVES = 6


class TerminalGame:
    """A game that a person plays by typing moves.

    Args:
        session: The game session.
        side: The player that the person is: 0 moves first, 1 second.
        lines: The lines that the person types.
        write: Writes a line for the person.

    Example:
        ```python
        TerminalGame(session, side=0, lines=iter(sys.stdin.readline, ""), write=print).run()
        ```
    """

    def __init__(self, session: GameSession, side: int, lines: Iterator[str], write: Callable[[str], None]) -> None:
        self._session, self._side, self._lines, self._write = session, side, lines, write

    def run(self) -> None:
        """Play until the game is over, the person quits, or there are no more lines."""
        self._write(HELP)
        self._show_board()
        while not self._session.is_over:
            if self._session.player != self._side:
                self._play_reply()
            elif not self._run_command(next(self._lines, "quit").strip()):
                return
        self._write(f"The game is over: {self._result()}.")

    def _play_reply(self) -> None:
        prediction = self._session.search()
        self._write(f"Plexus plays {self._session.play(prediction.move)}  ({_probabilities(prediction)})")
        self._show_board()

    def _run_command(self, line: str) -> bool:
        """Run a typed command; return False if the person quits."""
        word = line.lower()
        if word in {"quit", "exit"}:
            self._write("The game is not over.")
            return False
        if word == "moves":
            self._write(" ".join(self._session.legal_moves))
        elif word == "hint":
            prediction = self._session.search()
            self._write(f"{' '.join(prediction.principal_variation[:MAX_MOVES])}  ({_probabilities(prediction)})")
        elif word == "undo":
            self._session.undo(2)
            self._show_board()
        elif word:
            self._play(line)
        return True

    def _play(self, move: str) -> None:
        try:
            self._session.play(move)
        except InputError as error:
            self._write(str(error))
        else:
            self._show_board()

    def _show_board(self) -> None:
        for line in self._session.board.splitlines():
            self._write(line)

    def _result(self) -> str:
        points = self._session.points
        if points is None or points == 0.5:
            return "a draw"
        return "you win" if (points > 0.5) == (self._side == 0) else "Plexus wins"


def _probabilities(prediction: PositionPrediction) -> str:
    proven = ", proven" if prediction.is_proven else ""
    return f"win {prediction.win:.0%}, draw {prediction.draw:.0%} for the player to move{proven}"
