"""Self-play: targets, random openings, the replay buffer, and the state of a checkpoint."""

from dataclasses import replace

import numpy as np
import pytest

from plexus_games.board.dataset import MIN_CAPACITY, SelfPlayDataset
from plexus_games.board.game import BoardGame
from plexus_games.board.gumbel_search import GumbelSearch
from plexus_games.board.options import BoardOptions
from plexus_games.board.position_buffer import PositionBuffer
from plexus_games.board.self_play import DRAW, LOSS, WIN, SelfPlay

DISCOUNT = 0.9


@pytest.fixture
def game():
    return BoardGame.parse("tic_tac_toe")


def uniform_search(game):
    """A search with a network that knows nothing."""
    return GumbelSearch(
        game, lambda rows: tuple(map(np.zeros, ((len(rows), game.actions), len(rows), (len(rows), 3)))), DISCOUNT
    )


def play_until(play, search, games, generator):
    ended = []
    while len(ended) < games:
        ended += play.play_move(search, 8, True, generator)
    return ended


def test_targets_are_the_discounted_result_for_the_player_to_move(game):
    ended = play_until(
        SelfPlay(game, games=20, max_opening=0, td_lambda=1), uniform_search(game), 20, np.random.default_rng(0)
    )
    assert {len(rows["value"]) for rows in ended} <= set(range(5, 10))
    for rows in ended:
        result, remaining = rows["value"], np.arange(len(rows["value"]), 0, -1)
        if rows["outcome"][-1] == DRAW:
            assert (result == 0).all()
        else:
            assert rows["outcome"].tolist()[::-1] == [WIN if number % 2 == 0 else LOSS for number in range(len(result))]
            np.testing.assert_allclose(np.abs(result), DISCOUNT**remaining, rtol=1e-6)
            np.testing.assert_array_equal(result > 0, rows["outcome"] == WIN)
        np.testing.assert_allclose(rows["policy"].sum(axis=1), 1, rtol=1e-5)
        empty = rows["observation"][0][:-1].sum()
        assert empty == 9  # all cells of the first position are empty


def test_targets_with_td_lambda_mix_the_values_of_all_later_searches(game):
    play = SelfPlay(game, games=1, max_opening=0, td_lambda=0.5)
    search = uniform_search(game)
    values = iter(np.linspace(-0.4, 0.5, 10))
    recorded = []

    def search_with_values(states, simulations, generator):
        results = GumbelSearch.run(search, states, simulations, generator)
        recorded.append(next(values))
        return replace(results, values=np.array(recorded[-1:]))

    search.run = search_with_values
    (rows,) = play_until(play, search, 1, np.random.default_rng(0))
    outcome, *_ = rows["outcome"]
    signs = (-1.0) ** np.arange(len(recorded))
    returns = []
    for start in range(len(recorded)):
        steps = np.arange(len(recorded) - start)
        weights = 0.5 * 0.5**steps * DISCOUNT**steps * signs[: len(steps)]
        result = {WIN: 1, DRAW: 0, LOSS: -1}[int(outcome)] * signs[start]
        returns.append(weights @ recorded[start:] + (0.5 * DISCOUNT) ** len(steps) * result)
    np.testing.assert_allclose(rows["value"], returns, rtol=1e-5)


def test_games_start_with_random_moves_that_are_not_recorded(game):
    play = SelfPlay(game, games=50, max_opening=3, td_lambda=1)
    ended = play_until(play, uniform_search(game), 200, np.random.default_rng(0))
    pieces = [9 - int(rows["observation"][0][0].sum()) for rows in ended]  # the first plane is of empty cells
    assert set(pieces) == {0, 1, 2, 3}


def test_the_buffer_keeps_the_latest_positions():
    buffer = PositionBuffer()
    for number in range(5):
        rows = {name: np.full((4, 1), number, np.float32) for name in ("observation", "policy")}
        rows |= {name: np.full(4, number, np.float32) for name in ("policy_weight", "value", "outcome")}
        buffer.add([rows], capacity=6)
    assert (len(buffer), buffer.total) == (6, 20)
    sample = buffer.sample(500, np.random.default_rng(0))
    assert set(sample["value"].tolist()) == {3, 4}
    np.testing.assert_array_equal(sample["observation"][:, 0], sample["value"])


def test_playing_continues_from_a_checkpoint_to_the_same_bits():
    options = BoardOptions.parse({"data": "tic_tac_toe", "games": 8, "plies": 5})
    first, second = (SelfPlayDataset(BoardGame.parse("tic_tac_toe"), options) for _ in range(2))
    first.play(uniform_search(first.game), (8, 4), np.random.default_rng(0))
    second.restore(first.state())
    for dataset in (first, second):
        dataset.play(uniform_search(dataset.game), (8, 4), np.random.default_rng(1))
    state, other = first.state(), second.state()
    assert state["buffer.total"] > 0
    assert state.keys() == other.keys()
    for name, array in state.items():
        np.testing.assert_array_equal(array, other[name])


def test_the_buffer_grows_with_the_training():
    """It holds the latest fifth of all positions, and at first all of them."""
    options = BoardOptions.parse({"data": "tic_tac_toe", "games": 8, "plies": 20})
    dataset = SelfPlayDataset(BoardGame.parse("tic_tac_toe"), options)
    dataset.play(uniform_search(dataset.game), (4, 2), np.random.default_rng(0))
    assert len(dataset.buffer) == dataset.buffer.total < MIN_CAPACITY
