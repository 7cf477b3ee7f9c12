"""Every algorithm learns what is known of tiny worlds: their best policy, and their values."""

import numpy as np
import pytest

from plexus_games.episodes import greedy, play_episodes

QUICK = {"envs": 8, "rollout": 32, "batch_size": 64, "learning_rate": 3e-3, "units": 32, "exploration_share": 0.5}
ALGORITHMS = {
    "ppo": {"algorithm": "ppo", "steps": 6000},
    "dqn": {"algorithm": "dqn", "steps": 6000, "updates": 48, "memory": 5000, "warm_steps": 500, "clip_norm": 10},
    "rainbow": {
        "algorithm": "dqn", "steps": 6000, "updates": 48, "memory": 5000, "warm_steps": 500, "clip_norm": 10,
        "duelling": True, "prioritized": True, "n_step": 2,
    },
    "pqn": {"algorithm": "pqn", "steps": 8000, "clip_norm": 10},
}  # fmt: skip
each_algorithm = pytest.mark.parametrize("given", ALGORITHMS.values(), ids=ALGORITHMS)


def mean_return(session):
    act = greedy(session.predict, session.codec)
    return play_episodes(session.dataset.environment, act, 20, seed=1)[0].mean()


@each_algorithm
def test_the_identity_is_learned(fitted, given):
    session = fitted("toy_worlds:Identity-v0", gamma=0.5, **QUICK | given)
    assert mean_return(session) == 8


def test_a_number_is_reached(fitted):
    session = fitted("toy_worlds:Reach-v0", gamma=0.5, passes=10, steps=12_000, **QUICK)
    assert mean_return(session) > -0.25 * 8  # random: -6 a step


def test_pictures_are_told_apart(fitted):
    session = fitted("toy_worlds:Pictures-v0", gamma=0.5, layers=0, steps=4000, **QUICK)
    assert session.network.input["observation"].dtype == "uint8"
    assert mean_return(session) == 8


TARGETS = {name: given for name, given in ALGORITHMS.items() if name != "dqn"}  # rainbow's are dqn's, and more
each_target = pytest.mark.parametrize("given", TARGETS.values(), ids=TARGETS)


@each_target
def test_where_time_runs_out_life_would_go_on(fitted, given):
    """A reward of 1 a step is worth 1 / (1 - gamma), however often the clock cuts it off after eight."""
    session = fitted("toy_worlds:Steady-v0", gamma=0.8, gae_lambda=0.9, **QUICK | given)
    assert values(session, [[1, 0]]) == pytest.approx([5], rel=0.1)


@each_target
def test_where_the_episode_ends_nothing_follows(fitted, given):
    """With k steps left a state is worth (1 - gamma^k) / (1 - gamma): 1 before the last."""
    session = fitted("toy_worlds:Steady-v0?ends=true", gamma=0.8, gae_lambda=0.9, **QUICK | given)
    left = np.arange(8, 0, -1)
    found = values(session, [[1, 1 - k / 8] for k in left])
    np.testing.assert_allclose(found, (1 - 0.8**left) / 0.2, atol=0.35)


def values(session, observations):
    return session.predict({"observation": np.array(observations, np.float32)})["value"]


@pytest.mark.parametrize("algorithm", ["ppo", "dqn"])
def test_observations_and_rewards_are_normalized(fitted, algorithm):
    session = fitted(
        "toy_worlds:Reach-v0" if algorithm == "ppo" else "CartPole-v1", algorithm=algorithm, steps=3000, warm_steps=100,
        updates=8, normalize_observations=True, normalize_rewards=True, **QUICK,
    )  # fmt: skip
    layer = session.network.get_layer("normalizer")
    np.testing.assert_allclose(np.asarray(layer.moving_mean), session.dataset.moments.mean, atol=0.1)
    assert session.dataset.moments.rows == session.dataset.steps
    assert np.all(np.asarray(layer.moving_variance) > 0)
