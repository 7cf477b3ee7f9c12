"""Reading of a sequence of moves, each of one or more words."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from plexus import InputError

if TYPE_CHECKING:
    import pyspiel

    from plexus_games.board.game import BoardGame

COLORS = {"b": 0, "black": 0, "w": 1, "white": 1}
COLOR_NAMES = ("black", "white")


class MoveReader:
    """Plays moves one after the other, and checks the colors that some texts have before them.

    Words of a text are put together where the notation of a game has spaces or commas, such as `Place Stone` or `7,7`.
    A color is skipped if no legal move starts with it; then it must be the same for all moves of a player.

    Args:
        game: The game.

    Example:
        ```python
        MoveReader(BoardGame.parse("gomoku")).play(["7", "7", "8", "7"]).move_number()  # 2
        ```
    """

    def __init__(self, game: "BoardGame") -> None:
        self._game, self._colors = game, dict[int, int]()

    def play(self, words: Sequence[str | int]) -> "pyspiel.State":
        """Return the position after some moves.

        Args:
            words: The words of a text, or moves.

        Returns:
            The state.

        Raises:
            InputError: If a move is not legal, or of the color of the other player.
        """
        state, start, number = self._game.new_state(), 0, 1
        while start < len(words):
            try:
                action, start = self._read(state, words, start)
            except InputError as error:
                raise InputError(f"move {number}: {error}") from error
            state.apply_action(action)
            number += 1
        return state

    def _read(self, state: "pyspiel.State", words: Sequence[str | int], start: int) -> tuple[int, int]:
        """Return the action that starts with a word, and the index of the word after it."""
        word = words[start]
        if not isinstance(word, str) or state.is_terminal():
            return self._game.parse_move(state, word), start + 1
        spellings = self._game.spellings(state)
        color = COLORS.get(word.strip().lower())
        end = _end_of_move(spellings, words, start)
        if color is not None and end != start + 1 < len(words):
            self._check_color(color, state.current_player(), spellings)
            if end is None:
                start, end = start + 1, _end_of_move(spellings, words, start + 1)
        end = end or start + 1
        move = words[start] if end == start + 1 else " ".join(map(str, words[start:end]))
        return self._game.parse_move(state, move), end

    def _check_color(self, color: int, player: int, spellings: Collection[str]) -> None:
        """Check the color of a player: that of the notation of the moves, else the one of the player's first move."""
        stated = next((COLORS[each[0]] for each in spellings if each[:2] in {"b ", "w "}), color)
        expected = self._colors.setdefault(player, stated)
        self._colors.setdefault(1 - player, 1 - expected)
        if color != expected:
            raise InputError(f"expected a move of {COLOR_NAMES[expected]}, got one of {COLOR_NAMES[color]}")


def _end_of_move(spellings: Collection[str], words: Sequence[str | int], start: int) -> int | None:
    """Return the index after the longest legal move that starts with a word; None if there is no such move."""
    longest = max(spelling.count(" ") for spelling in spellings) + 1
    for end in range(min(start + longest, len(words)), start, -1):
        if " ".join(map(str, words[start:end])).lower() in spellings:
            return end
    return None
