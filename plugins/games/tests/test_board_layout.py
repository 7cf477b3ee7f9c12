"""Boards as rows of cells."""

import pytest

from plexus_games.board.board_layout import LAYOUTS
from plexus_games.board.game import BoardGame


def grid_after(name, moves):
    game = BoardGame.parse(name)
    return LAYOUTS[game.name.name].grid(game, game.state_after(moves))


def test_stones_fall_to_the_lowest_free_cell_of_a_column():
    grid = grid_after("connect_four", "3 3 2")
    assert [row[3] for row in grid.rows] == [None, None, None, None, 1, 0]
    assert (grid.kind, grid.last, grid.players) == ("columns", (5, 2), ("x", "o"))
    assert (grid.moves["o3"], grid.moves["o2"], grid.moves["o0"]) == ((3, 3), (4, 2), (5, 0))
    assert grid.place_name((3, 3)) == "4"
    full = grid_after("connect_four", [3] * 6)
    assert "x3" not in full.moves


@pytest.mark.parametrize(
    ("name", "moves", "win"),
    [
        ("connect_four", "0 1 0 1 0 1 0", [(2, 0), (3, 0), (4, 0), (5, 0)]),
        ("connect_four(rows=4,columns=4,x_in_row=3)", "0 0 1 1 2", [(3, 0), (3, 1), (3, 2)]),
        ("tic_tac_toe", "2 0 4 1 6", [(0, 2), (1, 1), (2, 0)]),
        ("mnk(m=4,n=5,k=3)", "0 1 5 2 10", [(0, 0), (1, 1), (2, 2)]),
    ],
)
def test_the_row_that_wins_is_marked(name, moves, win):
    grid = grid_after(name, moves)
    assert grid.win == win
    assert grid.moves == {}


def test_cells_are_named_as_the_games_write_them():
    for name in ("hex(board_size=5)", "hex(num_cols=3,num_rows=5,string_rep=explicit)", "othello", "go(board_size=9)"):
        grid = grid_after(name, [])
        assert grid.moves
        assert all(move.lower().removeprefix("b ") == grid.place_name(place) for move, place in grid.moves.items())


def test_rows_of_go_are_counted_from_below():
    grid = grid_after("go(board_size=19)", ["a1", "j19", "pass"])
    assert (grid.rows[18][0], grid.rows[0][8], grid.last) == (0, 1, None)
    assert (grid.column_names[8], grid.row_names[0]) == ("j", "19")
    assert len(grid.moves) == 19 * 19 - 2  # neither on stones nor the pass


def test_stones_of_hex_and_othello():
    assert grid_after("hex(board_size=3)", ["b1", "a2"]).rows[:2] == [[None, 0, None], [1, None, None]]
    assert grid_after("hex(board_size=3,string_rep=explicit)", ["b1", "a2"]).rows[0][1] == 0
    othello = grid_after("othello", ["d3"])
    assert [row[3] for row in othello.rows] == [None, None, 0, 0, 0, None, None, None]
    assert othello.last == (2, 3)
    assert othello.rows[3][4] == 0


def test_the_cells_of_a_line():
    game = BoardGame.parse("connect_four")
    assert LAYOUTS["connect_four"].places(game, game.state_after([0]), ["o0", "x0", "o1"]) == [(4, 0), (3, 0), (5, 1)]
    go = BoardGame.parse("go(board_size=5)")
    assert LAYOUTS["go"].places(go, go.new_state(), ["b5", "pass"]) == [(0, 1), None]
