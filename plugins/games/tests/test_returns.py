"""Advantages, returns and the replay buffer, compared with brute-force sums."""

import numpy as np
import pytest

from plexus_games.advantages import generalized_advantages, lambda_returns
from plexus_games.replay_buffer import ReplayBuffer
from plexus_games.rollout import Rollout, shuffled_steps

GAMMA, LAMBDA = 0.9, 0.7


@pytest.fixture
def rollout():
    """Three environments with terminated and truncated episodes, and the reset steps after them."""
    generator = np.random.default_rng(0)
    steps, copies = 40, 3
    over = generator.random((steps, copies)) < 0.15
    over[1:] &= ~over[:-1]  # the step after an end resets the environment
    terminated = over & (generator.random((steps, copies)) < 0.5)
    valid = np.ones((steps, copies), bool)
    valid[1:] = ~over[:-1]
    rewards = np.where(valid, generator.normal(size=(steps, copies)), 0).astype(np.float32)
    observations = np.arange((steps + 1) * copies, dtype=np.float32).reshape(steps + 1, copies, 1)
    actions = generator.integers(0, 2, (steps, copies))
    return Rollout(observations, actions, rewards, terminated, over & ~terminated, valid, {})


def brute_force(rollout, values, step, copy):
    """Return the lambda-return by definition: a weighted mean of n-step returns."""
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
    returns = lambda_returns(rollout, values, GAMMA, LAMBDA)
    for step, copy in np.argwhere(rollout.valid):
        assert returns[step, copy] == pytest.approx(brute_force(rollout, values, step, copy))
    np.testing.assert_allclose(generalized_advantages(rollout, values, GAMMA, LAMBDA), returns - values[:-1])


@pytest.mark.parametrize("n_step", [1, 3])
def test_sampled_transitions(rollout, n_step):
    replay_buffer = ReplayBuffer()
    replay_buffer.add(rollout, 1000)
    sample = replay_buffer.sample(2000, n_step, GAMMA, 0.0, 0.4, np.random.default_rng(0))
    np.testing.assert_array_equal(sample.weights, 1)
    sampled = set()
    for number in range(2000):
        step, copy = divmod(sample.indices[number], 3)
        sampled.add((step, copy))
        assert rollout.valid[step, copy]
        assert sample.observations[number] == rollout.observations[step, copy]
        reward, discount, at = 0.0, 1.0, step
        for _ in range(n_step):
            reward += discount * float(rollout.rewards[at, copy])
            discount *= GAMMA * (not rollout.terminated[at, copy])
            at += 1
            if rollout.terminated[at - 1, copy] or rollout.truncated[at - 1, copy]:
                break
        assert sample.rewards[number] == pytest.approx(reward, abs=1e-6)
        assert sample.discounts[number] == pytest.approx(discount)
        assert sample.next_observations[number] == rollout.observations[at, copy]
    assert len(sampled) == rollout.valid[: 40 - n_step].sum()


def test_the_oldest_steps_are_replaced(rollout):
    replay_buffer = ReplayBuffer()
    for _ in range(5):
        replay_buffer.add(rollout, 240)
    assert len(replay_buffer) == 240
    again = ReplayBuffer()
    again.restore(replay_buffer.state())
    draws = [m.sample(50, 2, GAMMA, 0.5, 0.4, np.random.default_rng(3)).indices for m in (replay_buffer, again)]
    np.testing.assert_array_equal(*draws)


def test_steps_with_large_errors_are_sampled_more_often(rollout):
    replay_buffer = ReplayBuffer()
    replay_buffer.add(rollout, 1000)
    indices = np.flatnonzero(rollout.valid)[:60]
    replay_buffer.update_priorities(indices, np.full(60, 0.01))
    replay_buffer.update_priorities(indices[:1], np.array([4.0]))
    sample = replay_buffer.sample(4000, 1, GAMMA, 0.5, 1.0, np.random.default_rng(0))
    frequency = np.mean(sample.indices == indices[0])
    probabilities = np.where(rollout.valid, 1.0, 0).reshape(-1)
    probabilities[indices], probabilities[indices[0]], probabilities[-3:] = (0.01 + 1e-3) ** 0.5, 4.001**0.5, 0
    assert frequency == pytest.approx(probabilities[indices[0]] / probabilities.sum(), rel=0.15)
    weight_large, weight_small = (
        sample.weights[sample.indices == indices[0]][0],
        sample.weights[sample.indices == indices[5]][0],
    )
    assert weight_large / weight_small == pytest.approx((0.011**0.5) / (4.001**0.5), rel=1e-5)


def test_all_steps_are_used_equally_often(rollout):
    order = shuffled_steps(rollout, 2, 7, np.random.default_rng(0))
    counts = np.bincount(order, minlength=120)
    assert len(order) == 2 * 120 // 7 * 7
    assert set(counts[rollout.valid.reshape(-1)]) <= {2, 3}
    assert not counts[~rollout.valid.reshape(-1)].any()
