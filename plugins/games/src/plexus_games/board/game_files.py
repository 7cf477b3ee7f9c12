"""Reading of games from files."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError
from plexus.data.text import read_text
from plexus.utils.boundary import message_of

if TYPE_CHECKING:
    from sgfmill.sgf import Tree_node

SEPARATORS = re.compile(r"[\s;]+|,(?![^()]*\))")
"""Spaces, semicolons and commas, except those within the brackets of a move such as `x(0,1)`."""
MOVE_NUMBER = re.compile(r"\d+\.+")
PLAYERS = {"b", "w", "black", "white"}
"""Words before a move of Go."""
RESULT = re.compile(r"1-0|0-1|1/2-1/2|\*")


def read_game(path: Path) -> list[str]:
    """Read the moves of a game.

    Args:
        path: An `.sgf` file, or a text with moves.

    Returns:
        The moves.

    Raises:
        InputError: If the file cannot be read, or has no moves.
    """
    moves = read_sgf(path) if path.suffix.lower() == ".sgf" else parse_moves(read_text(path))
    if not moves:
        raise InputError(f"{path}: expected the moves of a game, like 3 3 2, found none")
    return moves


def parse_moves(text: str) -> list[str]:
    """Return the moves in a text.

    Args:
        text: Moves that are separated by spaces, commas or lines; numbers of moves such as `1.` and a result at the end
            are skipped, and so are colors and what follows a `#` in a line.

    Returns:
        The moves.
    """
    lines = [line.partition("#")[0] for line in text.splitlines()]
    words = [MOVE_NUMBER.sub("", word, count=1) for line in lines for word in SEPARATORS.split(line)]
    return [word for word in words if word and word.lower() not in PLAYERS and not RESULT.fullmatch(word)]


def read_sgf(path: Path) -> list[str]:
    """Read the main line of an SGF file (Smart Game Format, FF[4]).

    Args:
        path: The file.

    Returns:
        The moves: those of Go as `d4` and `pass`, those of other games as in the file.

    Raises:
        InputError: If the file is not SGF, or starts from stones that are set up.
    """
    from sgfmill import sgf

    try:
        game = sgf.Sgf_game.from_bytes(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path}: expected a game in SGF, like (;GM[1]SZ[9];B[dd]): {message_of(error)}") from error
    root = game.get_root()
    if any(root.has_property(name) for name in ("AB", "AW", "AE")):
        raise InputError(f"{path}: expected a game from the empty board; properties AB, AW and AE are not supported")
    is_go = not root.has_property("GM") or root.get("GM") == 1
    nodes = [node for node in game.get_main_sequence() if node.has_property("B") or node.has_property("W")]
    return [_sgf_move(path, number, node, is_go) for number, node in enumerate(nodes, start=1)]


def _sgf_move(path: Path, number: int, node: "Tree_node", is_go: bool) -> str:
    """Return the move of a node."""
    text = bytes(node.get_raw("B" if node.has_property("B") else "W")).decode("utf-8", errors="replace")
    if not is_go:
        return text
    from sgfmill.common import format_vertex

    try:
        return str(format_vertex(node.get_move()[1])).lower()
    except ValueError as error:
        raise InputError(f"{path}: move {number}: expected a point of the board, like dd, got {text!r}") from error
