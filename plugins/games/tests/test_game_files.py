"""Files of games: moves as text, SGF of Go and of other games, and files with mistakes."""

import pytest

from plexus import InputError
from plexus_games.board.game import BoardGame
from plexus_games.board.game_files import parse_moves, read_game


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("3 3 2", ["3", "3", "2"]),
        ("x3,o3;x2\n\no2", ["x3", "o3", "x2", "o2"]),
        ("1. e4 e5 2. Nf3 1-0", ["e4", "e5", "Nf3"]),
        ("1.e4 e5 2.Nf3 *", ["e4", "e5", "Nf3"]),
        ("# a comment\n3 3 # another\n", ["3", "3"]),
        ("B d4 W c3; black pass", ["d4", "c3", "pass"]),
        ("", []),
    ],
)
def test_moves_are_read_from_texts(text, moves):
    assert parse_moves(text) == moves


def test_sgf_of_go_is_played(tmp_path):
    file = tmp_path / "game.sgf"
    file.write_text("(;GM[1]FF[4]SZ[9]KM[7.5];B[ee];W[dc]C[a comment];B[];W[gg](;B[cc])(;B[dd]))")
    moves = read_game(file)
    assert moves == ["e5", "d7", "pass", "g3", "c7"]
    state = BoardGame.parse("go(board_size=9)").state_after(moves)
    assert [state.move_number(), state.is_terminal()] == [5, False]


def test_sgf_of_other_games_is_read_as_written(tmp_path):
    file = tmp_path / "game.sgf"
    file.write_text("(;GM[11]SZ[5];B[c3];W[b4])")
    assert BoardGame.parse("hex(board_size=5)").state_after(read_game(file)).move_number() == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("game.sgf", "not a game", "expected a game in SGF"),
        ("game.sgf", "(;GM[1]SZ[9];B[ee];W[zz])", "move 2: expected a point of the board, like dd, got 'zz'"),
        ("game.sgf", "(;GM[1]SZ[9]AB[aa];B[ee])", "AB, AW and AE are not supported"),
        ("moves.txt", "# nothing", "expected the moves of a game, like 3 3 2, found none"),
    ],
)
def test_files_with_mistakes_are_refused(tmp_path, name, content, reason):
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(InputError) as error:
        read_game(file)
    assert reason in str(error.value)
    assert name in str(error.value)
