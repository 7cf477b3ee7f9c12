"""The search of self-play, compared with the one of mctx on all positions of tic-tac-toe."""

import numpy as np
import pytest

from plexus_games.board.game import BoardGame
from plexus_games.board.gumbel_search import GumbelSearch
from plexus_games.board.sequential_halving import required_visits

DISCOUNT = 0.97


class PositionTable:
    """All positions of a game, with logits and values that a random network would have.

    Positions are recognized by their observations, which therefore differ.
    """

    def __init__(self, game):
        self.game, self.numbers, self.states = game, {}, []
        self._add(game.new_state())
        generator = np.random.default_rng(0)
        self.logits = generator.normal(size=(len(self.states), game.actions)).astype(np.float32)
        self.values = generator.uniform(-1, 1, len(self.states)).astype(np.float32)
        self.children = np.array([self._children(state) for state in self.states])

    def evaluate(self, observations):
        numbers = [self.numbers[observation.tobytes()] for observation in observations]
        return self.logits[numbers], self.values[numbers], np.zeros((len(numbers), 3))

    def number(self, state):
        key = self._key(state)
        return self.numbers[key]

    def _key(self, state):
        return str(state) if state.is_terminal() else self.game.observe([state])[0].tobytes()

    def _add(self, state):
        if self._key(state) not in self.numbers:
            self.numbers[self._key(state)] = len(self.states)
            self.states.append(state)
            for action in [] if state.is_terminal() else state.legal_actions():
                self._add(state.child(action))

    def _children(self, state):
        legal = [] if state.is_terminal() else state.legal_actions()
        return [self.number(state.child(action)) if action in legal else 0 for action in range(self.game.actions)]


@pytest.fixture(scope="module")
def table():
    return PositionTable(BoardGame.parse("tic_tac_toe"))


@pytest.mark.slow
@pytest.mark.parametrize("simulations", [1, 7, 16, 64])
def test_search_equals_that_of_mctx(table, simulations):
    """The oracle: actions and improved policies are the same from a hundred positions."""
    mctx = pytest.importorskip("mctx")
    generator = np.random.default_rng(1)
    inner = [state for state in table.states if not state.is_terminal()]
    states = [inner[number] for number in generator.choice(len(inner), 100, replace=False)]
    results = GumbelSearch(table.game, table.evaluate, DISCOUNT, considered_actions=4).run(states, simulations)
    output = _mctx_search(mctx, table, states, simulations)
    np.testing.assert_array_equal(results.actions, output.action)
    np.testing.assert_allclose(results.policies, output.action_weights, atol=1e-5)


def _mctx_search(mctx, table, states, simulations):
    import jax
    import jax.numpy as jnp

    legal = np.array([state.legal_actions_mask() if not state.is_terminal() else [1] * 9 for state in table.states])
    logits = jnp.where(legal > 0, table.logits, -1e9)
    terminal = jnp.array([state.is_terminal() for state in table.states])
    last = [state.player_return(1 - state.move_number() % 2) if state.is_terminal() else 0 for state in table.states]
    results, values, children = jnp.array(last), jnp.array(table.values), jnp.array(table.children)

    def step(_, key, actions, numbers):
        over = terminal[numbers]
        numbers = jnp.where(over, numbers, children[numbers, actions])
        reward = jnp.where(~over & terminal[numbers], DISCOUNT * results[numbers], 0.0)
        discount = jnp.where(terminal[numbers], 0.0, -DISCOUNT)
        output = mctx.RecurrentFnOutput(
            reward=reward, discount=discount, prior_logits=logits[numbers], value=values[numbers]
        )
        return output, numbers

    numbers = jnp.array([table.number(state) for state in states])
    return mctx.gumbel_muzero_policy(
        None,
        jax.random.key(0),
        mctx.RootFnOutput(prior_logits=logits[numbers], value=values[numbers], embedding=numbers),
        step,
        simulations,
        invalid_actions=1 - legal[np.asarray(numbers)],
        max_num_considered_actions=4,
        gumbel_scale=0.0,
        qtransform=lambda tree, node: mctx.qtransform_completed_by_mix_value(
            tree, node, value_scale=0.5, rescale_values=False
        ),
    )


def test_simulations_are_distributed_by_sequential_halving():
    """Four actions and eight simulations: one for each of the four, then two for each of the better half."""
    assert required_visits(4, 8) == (0, 0, 0, 0, 1, 1, 2, 2)
    assert required_visits(1, 3) == (0, 1, 2)
    assert len(required_visits(16, 50)) == 50


def test_a_winning_move_is_played(table):
    """Two in a row: the third one ends the game, whatever the network says."""
    state = table.game.state_after(["x(0,0)", "o(1,1)", "x(0,1)", "o(2,2)"])
    results = GumbelSearch(table.game, table.evaluate, DISCOUNT).run([state], 32)
    assert table.game.move_name(state, int(results.actions[0])) == "x(0,2)"
    assert results.policies[0].argmax() == results.actions[0]
    assert results.values[0] > 0.9
