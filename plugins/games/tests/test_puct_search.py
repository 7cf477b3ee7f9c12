"""The PUCT search: proven results, strength, trees that are reused, and the solver that it is compared with."""

import numpy as np
import pytest

from plexus import InputError
from plexus_games.board.game import BoardGame
from plexus_games.board.players import random_position
from plexus_games.board.puct_search import PuctSearch
from plexus_games.board.search_node import SearchNode
from plexus_games.board.solver import Solver, TooManyPositionsError

DISCOUNT = 0.99


class UniformNetwork:
    """A network that knows nothing; it counts its calls and positions."""

    def __init__(self, game):
        self.actions, self.calls, self.positions = game.actions, 0, 0

    def __call__(self, observations):
        rows = len(observations)
        self.calls, self.positions = self.calls + 1, self.positions + rows
        return np.zeros((rows, self.actions)), np.zeros(rows), np.zeros((rows, 3))


@pytest.fixture
def connect_four():
    return BoardGame.parse("connect_four")


def search_from(game, moves, network=None):
    return PuctSearch(game, network or UniformNetwork(game), game.state_after(moves), DISCOUNT)


def test_a_win_in_one_move_is_proven(connect_four):
    prediction = search_from(connect_four, [0, 1, 0, 1, 0, 1]).run(100)
    assert (prediction.move, prediction.is_proven, prediction.principal_variation) == ("x0", True, ["x0"])
    assert (prediction.best.win, prediction.best.draw) == (1, 0)
    assert prediction.best.value == pytest.approx(DISCOUNT)
    assert prediction.simulations < 100  # no win is quicker


def test_the_only_defence_is_played(connect_four):
    prediction = search_from(connect_four, [0, 1, 0, 1, 0]).run(200)
    assert prediction.move == "o0"
    others = [move for move in prediction.moves if move.move != "o0"]
    assert all(move.is_proven and move.win == 0 for move in others)


def test_a_loss_is_proven_when_all_moves_lose(connect_four):
    """Three in the lowest row with both ends free: only one end can be closed."""
    prediction = search_from(connect_four, [2, 2, 3, 3, 4]).run(2000)
    assert prediction.is_proven
    assert [move.value for move in prediction.moves] == pytest.approx([-(DISCOUNT**2)] * 7)


@pytest.mark.slow
def test_proven_results_are_those_of_the_solver():
    """From random positions of tic-tac-toe: the quickest win, the slowest loss, or a move that keeps the draw."""
    game, generator = BoardGame.parse("tic_tac_toe"), np.random.default_rng(0)
    solver, proven, won, lost = Solver(game), 0, 0, 0
    for _ in range(60):
        state = random_position(game, int(generator.integers(2, 8)), generator)
        values, prediction = solver.action_values(state), search_from(game, state.history()).run(3000)
        best = prediction.best
        assert values[best.action] == max(values.values())
        won, lost = won + (max(values.values()) > 0), lost + (max(values.values()) < 0)
        if prediction.is_proven:
            proven += 1
            assert best.points == (np.sign(max(values.values())) + 1) / 2
    assert proven > 40
    assert min(won, lost) > 5


def test_positions_are_evaluated_in_batches(connect_four):
    network = UniformNetwork(connect_four)
    prediction = search_from(connect_four, [], network).run(200)
    assert prediction.simulations == 200
    assert network.positions <= 201
    assert network.calls < 60


def test_no_simulations_are_the_network_alone(connect_four):
    network = UniformNetwork(connect_four)
    prediction = search_from(connect_four, [], network).run(0)
    assert (prediction.simulations, network.calls) == (0, 1)
    assert prediction.best.prior == pytest.approx(1 / 7, abs=1e-4)


def test_the_tree_remains_after_a_move(connect_four):
    network = UniformNetwork(connect_four)
    search = search_from(connect_four, [], network)
    best = search.run(300).best
    before = network.positions
    search.advance(best.action)
    assert search.state.history() == [best.action]
    prediction = search.run(best.visits)
    assert prediction.simulations >= best.visits - 1
    assert network.positions <= before + 8


def test_seconds_limit_a_search(connect_four):
    prediction = search_from(connect_four, []).run(10**6, seconds=0.05)
    assert 8 <= prediction.simulations < 10_000


def test_a_game_that_is_over_cannot_be_searched(connect_four):
    with pytest.raises(InputError, match="the game is over after 7 moves"):
        search_from(connect_four, [0, 1, 0, 1, 0, 1, 0])


def test_visits_sum_to_the_simulations_and_probabilities_are_valid(connect_four):
    prediction = search_from(connect_four, [3, 3]).run(150)
    assert sum(move.visits for move in prediction.moves) == 150
    assert all(0 <= move.win <= 1 and 0 <= move.win + move.draw <= 1 for move in prediction.moves)
    assert sum(move.prior for move in prediction.moves) == pytest.approx(1, abs=1e-3)


def test_proven_wins_are_first_and_proven_losses_last(connect_four):
    node = SearchNode(connect_four.new_state(), player=0)
    node.evaluate(np.zeros(7), value=0.5, outcome=np.array([0.7, 0.1, 0.2]))
    for index, value in {1: 0.9, 2: 0.97, 3: -0.9, 4: -0.97, 5: 0.0}.items():
        node.prove(index, value)
    node.visit(6)
    assert node.ranking() == [2, 1, 6, 0, 5, 3, 4]
    assert node.proven_value == 0.97


def test_tic_tac_toe_is_a_draw():
    game = BoardGame.parse("tic_tac_toe")
    assert Solver(game).value(game.new_state()) == 0
    corner_then_edge = game.state_after([0, 1])  # the answer at the edge loses
    assert Solver(game).value(corner_then_edge) > 0.99


def test_the_solver_prefers_quick_wins():
    game = BoardGame.parse("tic_tac_toe")
    values = Solver(game).action_values(game.state_after(["x(0,0)", "o(1,0)", "x(0,1)", "o(1,2)"]))
    assert values[2] == pytest.approx(1 - 1e-4)  # the third in the row
    assert sorted(values.values())[-2] == pytest.approx(1 - 3e-4)  # the center, then one of two threats


def test_the_solver_stops_at_too_many_positions(connect_four):
    with pytest.raises(TooManyPositionsError, match="more than 500 positions"):
        Solver(connect_four, max_positions=500).value(connect_four.new_state())
