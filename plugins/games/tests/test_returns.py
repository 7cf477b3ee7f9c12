"""What actions were worth, and what is remembered, against sums done the long way."""

import numpy as np
import pytest

from plexus_games.memory import Memory
from plexus_games.returns import advantages, lambda_returns
from plexus_games.rollout import Rollout, reordered

GAMMA, LAMBDA = 0.9, 0.7


@pytest.fixture
def rollout():
    """Three copies, with ends, ends of time, and the steps after them that are not played."""
    generator = np.random.default_rng(0)
    steps, copies = 40, 3
    over = generator.random((steps, copies)) < 0.15
    over[1:] &= ~over[:-1]  # the step after an end starts anew, and ends nothing
    terminated = over & (generator.random((steps, copies)) < 0.5)
    played = np.ones((steps, copies), bool)
    played[1:] = ~over[:-1]
    rewards = np.where(played, generator.normal(size=(steps, copies)), 0).astype(np.float32)
    observations = np.arange((steps + 1) * copies, dtype=np.float32).reshape(steps + 1, copies, 1)
    actions = generator.integers(0, 2, (steps, copies))
    return Rollout(observations, actions, rewards, terminated, over & ~terminated, played, {})


def brute_force(rollout, values, step, copy):
    """The lambda-return, by its definition: a weighted mean of n-step returns."""
    ahead, reward, discount = [], 0.0, 1.0
    for at in range(step, len(rollout.rewards)):
        reward += discount * float(rollout.rewards[at, copy])
        discount *= GAMMA
        bootstrapped = reward + discount * values[at + 1, copy] * (not rollout.terminated[at, copy])
        ahead.append(bootstrapped)
        if rollout.terminated[at, copy] or rollout.truncated[at, copy]:
            break
    weights = [(1 - LAMBDA) * LAMBDA**n for n in range(len(ahead) - 1)] + [LAMBDA ** (len(ahead) - 1)]
    return np.dot(weights, ahead)


def test_advantages_and_lambda_returns(rollout):
    values = np.random.default_rng(1).normal(size=(41, 3))
    found = lambda_returns(rollout, values, GAMMA, LAMBDA)
    for step, copy in np.argwhere(rollout.played):
        assert found[step, copy] == pytest.approx(brute_force(rollout, values, step, copy))
    np.testing.assert_allclose(advantages(rollout, values, GAMMA, LAMBDA), found - values[:-1])


@pytest.mark.parametrize("n_step", [1, 3])
def test_what_is_remembered(rollout, n_step):
    memory = Memory()
    memory.add(rollout, 1000)
    drawn = memory.draw(2000, n_step, GAMMA, 0.0, 0.4, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn.weights, 1)
    seen = set()
    for number in range(2000):
        step, copy = divmod(drawn.places[number], 3)
        seen.add((step, copy))
        assert rollout.played[step, copy]
        assert drawn.observations[number] == rollout.observations[step, copy]
        reward, discount, at = 0.0, 1.0, step
        for _ in range(n_step):
            reward += discount * float(rollout.rewards[at, copy])
            discount *= GAMMA * (not rollout.terminated[at, copy])
            at += 1
            if rollout.terminated[at - 1, copy] or rollout.truncated[at - 1, copy]:
                break
        assert drawn.rewards[number] == pytest.approx(reward, abs=1e-6)
        assert drawn.discounts[number] == pytest.approx(discount)
        assert drawn.following[number] == rollout.observations[at, copy]
    assert len(seen) == rollout.played[: 40 - n_step].sum()


def test_the_oldest_is_forgotten(rollout):
    memory = Memory()
    for _ in range(5):
        memory.add(rollout, 240)
    assert len(memory) == 240
    again = Memory()
    again.restore(memory.state())
    draws = [m.draw(50, 2, GAMMA, 0.5, 0.4, np.random.default_rng(3)).places for m in (memory, again)]
    np.testing.assert_array_equal(*draws)


def test_what_was_surprising_is_drawn_oftener(rollout):
    memory = Memory()
    memory.add(rollout, 1000)
    places = np.flatnonzero(rollout.played)[:60]
    memory.prioritize(places, np.full(60, 0.01))
    memory.prioritize(places[:1], np.array([4.0]))
    drawn = memory.draw(4000, 1, GAMMA, 0.5, 1.0, np.random.default_rng(0))
    often = np.mean(drawn.places == places[0])
    chances = np.where(rollout.played, 1.0, 0).reshape(-1)
    chances[places], chances[places[0]], chances[-3:] = (0.01 + 1e-3) ** 0.5, 4.001**0.5, 0
    assert often == pytest.approx(chances[places[0]] / chances.sum(), rel=0.15)
    surprising, dull = drawn.weights[drawn.places == places[0]][0], drawn.weights[drawn.places == places[5]][0]
    assert surprising / dull == pytest.approx((0.011**0.5) / (4.001**0.5), rel=1e-5)


def test_a_rollout_is_gone_through_evenly(rollout):
    order = reordered(rollout, 2, 7, np.random.default_rng(0))
    counts = np.bincount(order, minlength=120)
    assert len(order) == 2 * 120 // 7 * 7
    assert set(counts[rollout.played.reshape(-1)]) <= {2, 3}
    assert not counts[~rollout.played.reshape(-1)].any()
