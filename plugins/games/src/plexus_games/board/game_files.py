"""Reading of games from files."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import InputError
from plexus.data.text import read_text
from plexus.utils.boundary import message_of
from plexus.utils.messages import note

if TYPE_CHECKING:
    from sgfmill.sgf import Tree_node

SEPARATORS = re.compile(r"[\s;]+|,(?![^()]*\))")
"""Spaces, semicolons and commas, except those within the brackets of a move such as `x(0,1)`."""
COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
"""A comment follows a space: `Qh4#` is a move of chess."""
MOVE_NUMBER = re.compile(r"(\d+)\.+")
"""The number before a move of the first player, `12.`, or of the second, `12...`."""
RESULT = re.compile(r"1-0|0-1|1/2-1/2|\*")
SGF_GAMES = {1: "go", 2: "othello", 3: "chess", 11: "hex"}
"""Names of games by their number in SGF."""
MAX_TEXT, MAX_DIGITS = 40, 9


def read_game(path: Path) -> list[str]:
    """Read the moves of a game.

    Args:
        path: An `.sgf` file, or a text with moves.

    Returns:
        The moves.

    Raises:
        InputError: If the file cannot be read, or has no moves.
    """
    if path.suffix.lower() == ".sgf":
        moves = read_sgf(path)
    else:
        try:
            moves = parse_moves(read_text(path))
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
    if not moves:
        raise InputError(f"{path}: expected the moves of a game, like 3 3 2, found none")
    return moves


def parse_moves(text: str) -> list[str]:
    """Return the words of the moves in a text.

    Args:
        text: Moves that are separated by spaces, commas or lines; numbers of moves such as `1.` and a result at the end
            are skipped, and so are comments, which start with a `#` at the start of a line or after a space.

    Returns:
        The words: a move, a color before it, or a part of a move whose notation has spaces or commas;
        `BoardGame.state_after` puts them together.

    Raises:
        InputError: If the text has something but no moves, or numbers of moves do not count from 1.
    """
    lines = [COMMENT.sub("", line) for line in text.splitlines()]
    words = [word for line in lines for word in SEPARATORS.split(line)]
    words = [word for word in _without_numbers(words) if word]
    moves = words[:-1] if words and RESULT.fullmatch(words[-1]) else words
    if text.strip() and not moves:
        raise InputError(f"expected the moves of a game, like 3 3 2, found none in {shortened(text.strip())!r}")
    return moves


def read_sgf(path: Path) -> list[str]:
    """Read the main line of an SGF file (Smart Game Format, FF[4]).

    Args:
        path: The file.

    Returns:
        The moves: those of Go as `d4` and `pass`, those of other games as in the file.

    Raises:
        InputError: If the file is not SGF, has several games, stones that are set up, or two moves of a color in turn.
    """
    nodes = _game_nodes(path)
    if any(len(node) > 1 for node in nodes):
        note(f"{path}: only the main line is read, without its variations")
    is_go = _game_number(path, nodes[0]) == 1
    nodes = [node for node in nodes if node.has_property("B") or node.has_property("W")]
    _check_colors(path, nodes, is_go)
    return [_sgf_move(path, number, node, is_go) for number, node in enumerate(nodes, start=1)]


def stated_game(path: Path) -> str:
    """Return the game that a file names.

    Args:
        path: The file of a game.

    Returns:
        Its name and `board_size`, as far as the file states them; empty for a text, which states nothing.

    Raises:
        InputError: If the file is not SGF, or starts from stones that are set up.
    """
    if path.suffix.lower() != ".sgf":
        return ""
    root = _game_nodes(path)[0]
    number = _game_number(path, root)
    size = root.get_size() if root.has_property("SZ") or number == 1 else None
    return SGF_GAMES.get(number, "") and SGF_GAMES[number] + (f"(board_size={size})" if size is not None else "")


def shortened(text: str) -> str:
    """Return the start of a text that is too long for a message.

    Args:
        text: The text.

    Returns:
        At most `MAX_TEXT` characters, the last of which is `…` if something is left out.
    """
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"


def _without_numbers(words: Sequence[str]) -> Iterator[str]:
    """Yield the words without the numbers of moves, which are those of each move or of each pair of moves."""
    last = 0
    for word in words:
        match = MOVE_NUMBER.match(word)
        if match is None:
            yield word
            continue
        number = int(match[1][:MAX_DIGITS])
        if number not in {last, last + 1} or number == 0:
            raise InputError(
                f"{shortened(word)!r}: expected the number of a move, {last + 1}., or moves without full stops: 3 3 2"
            )
        last = number
        yield word[match.end() :]


def _game_nodes(path: Path) -> "list[Tree_node]":
    """Return the nodes of the main line of the only game of a file, which starts from the empty board."""
    from sgfmill import sgf, sgf_grammar

    try:
        trees = sgf_grammar.parse_sgf_collection(path.read_bytes())
        nodes: list[Tree_node] = sgf.Sgf_game.from_coarse_game_tree(trees[0]).get_main_sequence()
    except ValueError as error:
        raise InputError(f"{path}: expected a game in SGF, like (;GM[1]SZ[9];B[dd]): {message_of(error)}") from error
    if len(trees) > 1:
        raise InputError(f"{path}: expected one game, found {len(trees):,}: write each into a file of its own")
    if any(node.has_property(name) for node in nodes for name in ("AB", "AW", "AE")):
        raise InputError(f"{path}: expected a game from the empty board; properties AB, AW and AE are not supported")
    return nodes


def _game_number(path: Path, root: "Tree_node") -> int:
    """Return the number of the game in SGF; 1, Go, is the default of the format."""
    text = bytes(root.get_raw("GM")).decode("utf-8", errors="replace").strip() if root.has_property("GM") else "1"
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise InputError(f"{path}: GM: expected the number of a game, 1 for Go, got {shortened(text)!r}")
    return int(text)


def _check_colors(path: Path, nodes: "list[Tree_node]", is_go: bool) -> None:
    """Check that colors alternate; in Go black is first."""
    expected = "B" if is_go or not nodes or nodes[0].has_property("B") else "W"
    for number, node in enumerate(nodes, start=1):
        colors = [color for color in ("B", "W") if node.has_property(color)]
        if colors != [expected]:
            raise InputError(f"{path}: move {number}: expected one move of {expected}, found {' and '.join(colors)}")
        expected = "W" if expected == "B" else "B"


def _sgf_move(path: Path, number: int, node: "Tree_node", is_go: bool) -> str:
    """Return the move of a node."""
    text = bytes(node.get_raw("B" if node.has_property("B") else "W")).decode("utf-8", errors="replace")
    if not is_go:
        return text
    from sgfmill.common import format_vertex

    try:
        return str(format_vertex(node.get_move()[1])).lower()
    except ValueError as error:
        raise InputError(
            f"{path}: move {number}: expected a point of a Go board, like dd, got {shortened(text)!r}"
        ) from error
