"""An engine for programs that speak the Go Text Protocol, version 2."""

import re
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version

from plexus import InputError
from plexus_games.board.codec import BoardCodec
from plexus_games.board.game_session import GameSession
from plexus_games.board.gtp_clock import GtpClock

COLORS = {"b": 0, "black": 0, "w": 1, "white": 1}
"""Players by the name of a color: black moves first."""
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Characters that the protocol leaves out of commands; a tab is a space."""


class GtpEngine:
    """Plays by commands of the Go Text Protocol (Farnebäck 2002): Go, and other games with moves as they write them.

    Args:
        session: The game session.
        codec: The codec.

    Example:
        ```python
        engine = GtpEngine(session, bundle.codec)
        engine.respond("1 genmove b")  # =1 E5, and two line ends
        ```
    """

    def __init__(self, session: GameSession, codec: BoardCodec) -> None:
        self._session, self._codec = session, codec
        self._clocks: dict[int, GtpClock] = {}
        self._commands: dict[str, Callable[[list[str]], str]] = {
            "protocol_version": lambda _: "2",
            "name": lambda _: "Plexus",
            "version": lambda _: version("plexus-games"),
            "list_commands": lambda _: "\n".join(self._commands),
            "known_command": lambda words: str(words[:1] != [] and words[0] in self._commands).lower(),
            "quit": lambda _: "",
            "boardsize": self._set_size,
            "clear_board": self._clear,
            "komi": self._set_komi,
            "time_settings": self._set_time,
            "time_left": self._set_time_left,
            "play": self._play,
            "genmove": self._generate,
            "undo": self._undo,
            "showboard": self._show_board,
        }

    def run(self, lines: Iterator[str], write: Callable[[str], object]) -> None:
        """Respond to commands until `quit`.

        Args:
            lines: The commands.
            write: Writes a response.
        """
        for line in lines:
            response = self.respond(line)
            write(response)
            if response and _words(line)[1][:1] == ["quit"]:
                return

    def respond(self, line: str) -> str:
        """Return the response to a command.

        Args:
            line: The command, with or without a number.

        Returns:
            The response with two line ends; empty for an empty line.
        """
        number, words = _words(line)
        if not words:
            return ""
        command = self._commands.get(words[0])
        if command is None:
            return f"?{number} unknown command\n\n"
        try:
            return f"={number} {command(words[1:])}".rstrip() + "\n\n"
        except InputError as error:
            return f"?{number} {error}\n\n"

    def _set_size(self, words: list[str]) -> str:
        sides = self._codec.game.shape[1:]
        if words[:1] != [str(sides[0])] or len(set(sides)) != 1:
            raise InputError(f"unacceptable size: the bundle plays {self._codec.name}")
        return self._clear(words)

    def _clear(self, _: list[str]) -> str:
        self._session.undo(len(self._session.actions))
        return ""

    def _set_komi(self, words: list[str]) -> str:
        komi = self._codec.game.rules.get_parameters().get("komi")
        try:
            same = bool(words) and komi is not None and float(words[0]) == komi
        except ValueError:
            same = False
        if komi is None:
            raise InputError(f"unacceptable komi: the bundle plays {self._codec.name}, which has no komi")
        if not same:
            raise InputError(f"unacceptable komi: the bundle plays {self._codec.name} with komi {komi}")
        return ""

    def _set_time(self, words: list[str]) -> str:
        """Set the time of both players for a game; a period without moves means no limit."""
        main, period, moves = _numbers(words, 3)
        self._clocks = {}
        if moves or not period:
            self._clocks = {player: GtpClock(main, period, moves, period, moves) for player in (0, 1)}
        return ""

    def _set_time_left(self, words: list[str]) -> str:
        """Set the time that a player has left: of the main time with 0 moves, else of the period."""
        player = self._player(words[0] if words else "")
        seconds, moves = _numbers(words[1:], 2)
        clock = self._clocks.setdefault(player, GtpClock(0, 0, 0, 0, 0))
        if moves:
            clock.main, clock.period_left, clock.moves_left = 0, seconds, moves
        else:
            clock.main = seconds
        return ""

    def _play(self, words: list[str]) -> str:
        if len(words) < 2:
            raise InputError("syntax error: expected a color and a move")
        self._check_color(words[0])
        self._session.play(" ".join(words[1:]))
        return ""

    def _generate(self, words: list[str]) -> str:
        self._check_color(words[0] if words else "")
        move = self._session.play(self._search())
        move = self._codec.game.without_player(move)
        return move.upper() if self._codec.game.name.name == "go" else move  # `bxa6` and `Bxa6` differ in chess

    def _search(self) -> str:
        """Return the best move, found within the time of the player."""
        clock = self._clocks.get(self._session.player)
        if clock is None:
            return self._session.search().move
        started, seconds = time.monotonic(), self._session.seconds
        self._session.seconds = clock.seconds
        try:
            return self._session.search().move
        finally:
            self._session.seconds = seconds
            clock.spend(time.monotonic() - started)

    def _show_board(self, _: list[str]) -> str:
        """Return the board; an empty line would end the response."""
        return "\n" + "\n".join(line for line in self._session.board.splitlines() if line.strip())

    def _undo(self, _: list[str]) -> str:
        if not self._session.actions:
            raise InputError("cannot undo")
        self._session.undo()
        return ""

    def _check_color(self, color: str) -> None:
        player = self._player(color)
        if self._session.is_over:
            raise InputError("illegal move: the game is over")
        if player != self._session.player:
            raise InputError(f"illegal move: it is the turn of {('black', 'white')[self._session.player]}")

    def _player(self, color: str) -> int:
        player = COLORS.get(color.lower())
        if player is None:
            raise InputError(f"syntax error: expected a color, black or white, got {color!r}")
        return player


def _numbers(words: list[str], count: int) -> list[int]:
    """Return the numbers of a command of times: seconds, and moves at the end."""
    if len(words) != count or not all(word.isascii() and word.isdecimal() and len(word) <= 9 for word in words):
        raise InputError(f"syntax error: expected seconds and moves as numbers, got {' '.join(words)!r}")
    return [int(word) for word in words]


def _words(line: str) -> tuple[str, list[str]]:
    """Return the number of a command and its words; a comment is left out."""
    words = CONTROL_CHARACTERS.sub("", line).partition("#")[0].split()
    return (words[0], words[1:]) if words and words[0].isdecimal() else ("", words)
