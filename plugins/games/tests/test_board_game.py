"""Rules of board games: names, kinds of games, moves, results and symmetries."""

import numpy as np
import pytest

from plexus import InputError
from plexus_games.board.game import BoardGame
from plexus_games.board.solver import Solver, TooManyPositionsError
from plexus_games.board.symmetries import Symmetries


def test_observations_hold_the_board_and_the_player_to_move():
    game = BoardGame.parse("connect_four")
    assert (game.shape, game.actions, game.max_plies) == ((4, 6, 7), 7, 42)
    before, after = game.observe([game.state_after(["x3"]), game.state_after(["x3", "o3"])])
    assert (before[-1] == 1).all()
    assert (after[-1] == 0).all()
    assert (before[:-1] != after[:-1]).sum() == 2  # one cell is empty in one and a piece in the other


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("connect_for", "did you mean 'connect_four'?"),
        ("hex(bord_size=7)", "there is no parameter of hex 'bord_size': did you mean 'board_size'?"),
        ("hex(board_size=big)", "board_size: expected an integer from 0 to 100, got 'big'"),
        ("hex(board_size=0)", "expected a board of 1 to 100,000 numbers"),
        ("hex(swap=perhaps)", "swap: expected true or false, got 'perhaps'"),
        ("connect_four(rows=0)", "expected a board of 1 to 100,000 numbers"),
        ("chinese_checkers(players=3)", "it is for 3 players; expected a zero-sum game of two players in turn"),
        ("kuhn_poker", "it has chance"),
        ("goofspiel", "the players move at the same time"),
        ("efg_game(filename=/etc/passwd)", "expected parameters like board_size=7, got 'filename=/etc/passwd'"),
        ("start_at(game=go)", "game: expected the default: it cannot be set"),
        ("hex(board_size=5,board_size=7)", "expected each parameter once, got board_size twice"),
        ("clobber(rows=1,columns=1)", "expected a game with moves, found none at the start"),
        ("a" * 2000, "expected the name of a game of at most 1000 characters, got 2,000"),
        ("hex(", "expected the name of a game, like connect_four or hex(board_size=7)"),
    ],
)
def test_other_games_are_refused_with_one_line(name, reason, capfd):
    with pytest.raises(InputError) as error:
        BoardGame.parse(name)
    assert reason in str(error.value)
    assert capfd.readouterr() == ("", "")  # OpenSpiel prints its own errors


@pytest.mark.parametrize("moves", [["x3", "o3"], ["3", "3"], [3, 3], ["X3", " O3 "]])
def test_moves_may_be_written_in_several_ways(moves):
    game = BoardGame.parse("connect_four")
    assert game.state_after(moves).history() == [3, 3]


def test_moves_of_chess_differ_by_case():
    """`bxa6` is a pawn's move and `Bxa6` a bishop's; both are legal here."""
    game = BoardGame.parse("chess")
    moves = ["e4", "b5", "a4", "bxa4", "b3", "a6"]
    state = game.state_after([*moves, "bxa4", "Nc6"])
    assert game.move_name(state, game.parse_move(state, "Bxa6")) == "Bxa6"


@pytest.mark.parametrize(
    ("moves", "reason"),
    [
        ([3] * 7, "move 7: '3' is not legal; the legal moves are x0, x1, x2, x4, x5, x6"),
        (["3", "9"], "move 2: '9' is not legal; the legal moves are o0, o1, o2, o3, o4, o5, o6"),
        ([0, 1, 0, 1, 0, 1, 0, 1], "move 8: got 1, but the game is over after 7 moves"),
    ],
)
def test_illegal_moves_are_refused(moves, reason):
    with pytest.raises(InputError, match=reason):
        BoardGame.parse("connect_four").state_after(moves)


def test_a_game_in_python_that_a_module_registers():
    """OpenSpiel's example of a game in Python has the observations and the moves of the one in C++."""
    import open_spiel.python.games.tic_tac_toe  # noqa: F401 - registers the game

    game = BoardGame.parse("python_tic_tac_toe")
    state = game.state_after([0, "o(1,1)"])
    assert game.move_name(state, 2) == "x(0,2)"
    assert game.observe([state]).shape == (1, 4, 3, 3)
    assert len(Symmetries.find(game)) == 8


def test_the_player_who_moves_first_has_a_number_of_the_game():
    assert BoardGame.parse("connect_four").first_player == 0
    assert BoardGame.parse("chess").first_player == 1


def test_results_are_those_of_the_players():
    game = BoardGame.parse("connect_four")
    end = game.state_after([0, 1, 0, 1, 0, 1, 0])
    assert (game.result(end, 0), game.result(end, 1)) == (1, -1)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("connect_four", 2),
        ("tic_tac_toe", 8),
        ("hex(board_size=5)", 2),  # its planes of connected edges change places
        ("go(board_size=5)", 8),
        ("breakthrough", 1),
        ("nim", 1),
    ],
)
def test_symmetries_are_determined_by_playing(name, count):
    assert len(Symmetries.find(BoardGame.parse(name))) == count


def test_a_symmetry_moves_observation_and_policy_alike():
    """A corner of tic-tac-toe is mapped to corners, in the observation and in the policy at the same place."""
    game = BoardGame.parse("tic_tac_toe")
    rows = 200
    policy = np.zeros((rows, 9), np.float32)
    policy[:, 0] = 1
    observation = np.repeat(game.observe([game.state_after([0])]), rows, axis=0)
    fields = {"observation": observation, "policy": policy, "value": np.zeros(rows)}
    mapped = Symmetries.find(game).transform(fields, np.random.default_rng(0))
    crosses = (mapped["observation"] != np.roll(mapped["observation"], 1, axis=2)).any()
    places = mapped["policy"].argmax(axis=1)
    assert crosses
    assert set(places.tolist()) == {0, 2, 6, 8}
    expected = game.observe([game.state_after([int(place)]) for place in places])
    np.testing.assert_array_equal(mapped["observation"], expected)


@pytest.mark.parametrize("name", ["y", "havannah", "hex(board_size=15)"])
def test_numbers_are_actions_also_where_a_column_is_called_o(name):
    """The cell `o4` is no move `4` of a player o."""
    game = BoardGame.parse(name)
    actions = game.new_state().legal_actions()
    assert [game.parse_move(game.new_state(), action) for action in actions] == actions
    names = [game.move_name(game.new_state(), action) for action in actions]
    assert [game.without_player(each) for each in names] == names


@pytest.mark.parametrize(("name", "move"), [("connect_four", "3"), ("tic_tac_toe", "(1,0)")])
def test_moves_are_written_without_the_player(name, move):
    game = BoardGame.parse(name)
    assert game.without_player(game.move_name(game.new_state(), 3)) == move


def test_deep_games_are_not_solved():
    """The longest games of chess are deeper than Python's stack."""
    game = BoardGame.parse("chess")
    with pytest.raises(TooManyPositionsError, match="more than 100 moves until the end"):
        Solver(game).action_values(game.new_state())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("go(board_size=25)", "supports board size up to 19"),
        ("go(board_size=1)", "unsupported board size"),
        ("breakthrough(rows=1,columns=1)", "rows_ > 1"),
    ],
)
def test_parameters_that_fail_at_the_start_of_a_game_are_refused(name, reason):
    with pytest.raises(InputError) as error:
        BoardGame.parse(name)
    assert str(error.value).startswith(name)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
