"""The dataset: rollouts, rewards, episode statistics, and its state."""

import numpy as np
import pytest

from plexus import Stateful
from plexus_games.dataset import load_dataset
from plexus_games.options import PlayOptions

FEW = {"envs": 3, "rollout": 16, "steps": 1000, "normalize_observations": True, "normalize_rewards": False}


def dataset_of(data, **options):
    return load_dataset(PlayOptions.parse({"data": data, **FEW, **options}))


def collect(dataset, steps, seed):
    """Return a rollout with random actions."""
    generator, codec = np.random.default_rng(seed), dataset.codec

    def policy(observations):
        if codec.is_discrete:
            return generator.integers(codec.action_size, size=len(observations)), {}
        return generator.uniform(-1, 1, (len(observations), codec.action_size)).astype(np.float32), {}

    return dataset.collect(policy, codec, steps, epoch=0)


@pytest.mark.parametrize("rewards", [{}, {"clip_rewards": True}, {"normalize_rewards": True}], ids=str)
@pytest.mark.parametrize("data", ["CartPole-v1", "Pendulum-v1", "FrozenLake-v1"])
def test_a_restored_dataset_continues_to_the_same_bits(data, rewards):
    first, second = dataset_of(data, **rewards), dataset_of(data, **rewards)
    assert isinstance(first, Stateful)
    collect(first, 300, seed=1)
    state = {name: array.copy() for name, array in first.state().items()}
    second.restore(state)
    expected, actual = collect(first, 250, seed=2), collect(second, 250, seed=2)
    for name in ("observations", "rewards", "terminated", "truncated", "valid"):
        np.testing.assert_array_equal(getattr(expected, name), getattr(actual, name), err_msg=name)
    after = second.state()
    for name, array in first.state().items():
        np.testing.assert_array_equal(array, after[name], err_msg=name)


def test_statistics_are_saved_where_the_environment_cannot_be(capsys):
    first = dataset_of("LunarLander-v3", normalize_rewards=True)
    second = dataset_of("LunarLander-v3", normalize_rewards=True)
    collect(first, 200, seed=1)
    state = first.state()
    assert "environment" not in state
    second.restore(state)
    assert "the state of LunarLander-v3 cannot be saved" in capsys.readouterr().err
    assert second.steps == first.steps
    np.testing.assert_array_equal(second.episodes, first.episodes)
    np.testing.assert_array_equal(second.observation_statistics.mean, first.observation_statistics.mean)
    second_state = second.state()
    assert second_state["returns.count"] == state["returns.count"] > 400
    collect(second, 10, seed=2)
    assert second.state()["returns.count"] == pytest.approx(float(state["returns.count"]) + 30)


def test_episodes_have_the_rewards_of_the_environment():
    """Clipping changes what the learner sees, not the returns that are reported."""
    plain, clipped = dataset_of("Pendulum-v1"), dataset_of("Pendulum-v1", clip_rewards=True)
    expected, rollout = collect(plain, 450, seed=1), collect(clipped, 450, seed=1)
    assert set(np.unique(rollout.rewards)) <= {-1, 0}
    np.testing.assert_array_equal(plain.episodes, clipped.episodes)
    assert len(plain.episodes) == 2 * 3
    assert plain.episodes[:, 2].tolist() == [200] * 6
    np.testing.assert_allclose(plain.episodes[0, 1], expected.rewards[:200, 0].sum(), rtol=1e-5)
    assert plain.training_return == pytest.approx(plain.episodes[:, 1].mean())


def test_normalized_rewards_are_scaled_and_clipped():
    rollout = collect(dataset_of("Pendulum-v1", normalize_rewards=True), 600, seed=1)
    assert np.abs(rollout.rewards).max() <= 10
    plain = collect(dataset_of("Pendulum-v1"), 600, seed=1)
    valid = rollout.valid[-100:]
    ratio = plain.rewards[-100:][valid] / rollout.rewards[-100:][valid]
    assert ratio.min() > 1
    assert ratio.std() / ratio.mean() < 0.05


def test_reset_steps_are_not_valid(toy_environments):
    dataset = dataset_of("toy_environments:Steady-v0")
    rollout = collect(dataset, 27, seed=1)
    assert rollout.valid[:, 0].tolist() == ([True] * 8 + [False]) * 3
    assert dataset.steps == rollout.valid.sum() == 24 * 3
    assert dataset.observation_statistics.count == pytest.approx(dataset.steps, rel=1e-4)
    assert dataset.episodes[:, 1].tolist() == [8] * 9
