"""A program that speaks the Go Text Protocol, such as GNU Go, as a player."""

import shlex
import subprocess

from plexus_games.board.game import PLAYER, BoardGame

COLORS = ("black", "white")


class GtpPlayer:
    """Plays the moves of an engine, to which the whole game is sent before each move.

    Args:
        command: The command of the engine, such as `gnugo --mode gtp --chinese-rules`.
        game: Go of any size.
    """

    def __init__(self, command: str, game: BoardGame) -> None:
        self._game, self._size = game, game.shape[-1]
        self._komi = game.rules.get_parameters()["komi"]
        self._process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __call__(self, state: object) -> int:
        """Return the action of the engine; a resignation counts as a pass."""
        for command in (f"boardsize {self._size}", "clear_board", f"komi {self._komi}"):
            self._ask(command)
        position = self._game.new_state()
        for action in state.history():
            move = PLAYER.sub("", self._game.move_name(position, action).lower())
            self._ask(f"play {COLORS[position.current_player()]} {move}")
            position.apply_action(action)
        move = self._ask(f"genmove {COLORS[position.current_player()]}").lower()
        return self._game.parse_move(state, "pass" if move == "resign" else move)

    def _ask(self, command: str) -> str:
        """Send a command, and return the response."""
        self._process.stdin.write(f"{command}\n")
        lines = []
        while True:
            line = self._process.stdout.readline()
            if not line:
                raise RuntimeError(f"{command}: the engine has ended")
            if not line.strip():
                break
            lines.append(line.strip())
        response = " ".join(lines)
        if not response.startswith("="):
            raise RuntimeError(f"{command}: {response}")
        return response[1:].strip()

    def close(self) -> None:
        """End the engine."""
        self._process.communicate("quit\n")
