"""Files of games: moves as text, SGF of Go and of other games, and files with mistakes."""

import pytest

from plexus import InputError
from plexus_games.board.game import BoardGame
from plexus_games.board.game_files import parse_moves, read_game, stated_game


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("3 3 2", ["3", "3", "2"]),
        ("x3,o3;x2\n\no2", ["x3", "o3", "x2", "o2"]),
        ("1. e4 e5 2. Nf3 1-0", ["e4", "e5", "Nf3"]),
        ("1.e4 e5 2.Nf3 *", ["e4", "e5", "Nf3"]),
        ("# a comment\n3 3 # another\n", ["3", "3"]),
        ("B d4 W c3; black pass", ["B", "d4", "W", "c3", "black", "pass"]),
        ("1. e4 1... e5 2. Nf3", ["e4", "e5", "Nf3"]),
        ("1. 3 2. 3 3. 2", ["3", "3", "2"]),
        ("f3 e5 g4 Qh4# # mate\n", ["f3", "e5", "g4", "Qh4#"]),
        ("3 1-0 2", ["3", "1-0", "2"]),  # only the last word is a result
        ("", []),
    ],
)
def test_moves_are_read_from_texts(text, moves):
    assert parse_moves(text) == moves


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3. 3. 2.", "'3.': expected the number of a move, 1., or moves without full stops: 3 3 2"),
        ("3.0", "'3.0': expected the number of a move, 1."),
        ("1. 3 3.2", "'3.2': expected the number of a move, 2."),
        ("1. 2.", "expected the moves of a game, like 3 3 2, found none in '1. 2.'"),
        ("#3 2", "found none in '#3 2'"),
        ("1-0", "found none in '1-0'"),
    ],
)
def test_a_text_whose_words_would_be_left_out_is_refused(text, reason):
    with pytest.raises(InputError) as error:
        parse_moves(text)
    assert reason in str(error.value)


def test_sgf_of_go_is_played(tmp_path):
    file = tmp_path / "game.sgf"
    file.write_text("(;GM[1]FF[4]SZ[9]KM[7.5];B[ee];W[dc]C[a comment];B[];W[gg](;B[cc])(;B[dd]))")
    moves = read_game(file)
    assert moves == ["e5", "d7", "pass", "g3", "c7"]
    state = BoardGame.parse("go(board_size=9)").state_after(moves)
    assert [state.move_number(), state.is_terminal()] == [5, False]


def test_variations_are_left_out_with_a_note(tmp_path, capsys):
    file = tmp_path / "game.sgf"
    file.write_text("(;GM[1]SZ[9];B[ee](;W[cc])(;W[gg];B[dd]))")
    assert read_game(file) == ["e5", "c7"]
    assert capsys.readouterr().err == f"{file}: only the main line is read, without its variations\n"


def test_sgf_of_other_games_is_read_as_written(tmp_path):
    file = tmp_path / "game.sgf"
    file.write_text("(;GM[11]SZ[5];B[c3];W[b4])")
    assert BoardGame.parse("hex(board_size=5)").state_after(read_game(file)).move_number() == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("game.sgf", "not a game", "expected a game in SGF"),
        ("game.sgf", "(;GM[1]SZ[9];B[ee];W[zz])", "move 2: expected a point of a Go board, like dd, got 'zz'"),
        ("game.sgf", "(;GM[1]SZ[9]AB[aa];B[ee])", "AB, AW and AE are not supported"),
        ("game.sgf", "(;GM[1]SZ[9];B[ee];AW[aa];B[dd])", "AB, AW and AE are not supported"),
        ("game.sgf", "(;SZ[9];B[ee])(;SZ[9];B[dd])", "expected one game, found 2"),
        ("game.sgf", "(;SZ[9];B[ee];B[dd])", "move 2: expected one move of W, found B"),
        ("game.sgf", "(;SZ[9];W[ee])", "move 1: expected one move of B, found W"),
        ("game.sgf", "(;SZ[9];B[ee]W[dd])", "move 1: expected one move of B, found B and W"),
        ("game.sgf", "(;GM[abc];B[ee])", "GM: expected the number of a game, 1 for Go, got 'abc'"),
        ("moves.txt", "# nothing", "expected the moves of a game, like 3 3 2, found none in '# nothing'"),
        ("moves.txt", "1. 3 5. 3", "'5.': expected the number of a move, 2."),
    ],
)
def test_files_with_mistakes_are_refused(tmp_path, name, content, reason):
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(InputError) as error:
        read_game(file)
    assert reason in str(error.value)
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("content", "game"),
    [
        ("(;SZ[9];B[ee])", "go(board_size=9)"),
        ("(;GM[1];B[ee])", "go(board_size=19)"),
        ("(;GM[11]SZ[5];B[c3])", "hex(board_size=5)"),
        ("(;GM[11];B[c3])", "hex"),
        ("(;GM[99]SZ[3];B[x])", ""),
    ],
)
def test_the_game_of_a_file_is_read(tmp_path, content, game):
    file = tmp_path / "game.sgf"
    file.write_text(content)
    assert stated_game(file) == game


@pytest.mark.parametrize(
    ("name", "text", "actions"),
    [
        ("go(board_size=9)", "B d4 W c3; black pass", [30, 20, 81]),
        ("connect_four", "b 3 w 3 b 2", [3, 3, 2]),
        ("oware", "A b", [0, 1]),  # b is a move here
        ("gomoku", "7,7 8,7", [112, 127]),
        ("nim", "pile:1, take:1; pile:2, take:1;", [0, 1]),
    ],
)
def test_words_of_a_text_are_put_together_as_the_game_needs(name, text, actions):
    assert BoardGame.parse(name).state_after(text).history() == actions


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("connect_four", "b 3 b 3", "move 2: expected a move of white, got one of black"),
        ("go(board_size=9)", "W d4", "move 1: expected a move of black, got one of white"),
        ("go(board_size=9)", "d4 b", "move 2: 'b' is not legal"),
        ("connect_four", "3 1-0 2", "move 2: '1-0' is not legal"),
        ("connect_four", "z" * 1000, f"move 1: '{'z' * 39}…' is not legal; the legal moves are x0"),
    ],
)
def test_wrong_words_are_refused(name, text, reason):
    with pytest.raises(InputError) as error:
        BoardGame.parse(name).state_after(text)
    assert str(error.value).startswith(reason)
