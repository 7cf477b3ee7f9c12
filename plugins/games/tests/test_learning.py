"""Every algorithm learns the optimal policy and the values of small environments in which both are known."""

import numpy as np
import pytest

from plexus_games.episodes import greedy_policy, play_episodes

QUICK = {
    "envs": 8,
    "rollout": 32,
    "batch_size": 64,
    "learning_rate": 3e-3,
    "units": 32,
    "exploration_fraction": 0.5,
}
DQN = {
    "algorithm": "dqn", "steps": 6000, "gradient_steps": 48, "replay_size": 5000, "learning_starts": 500,
    "clip_norm": 10,
}  # fmt: skip
ALGORITHMS = {
    "ppo": {"algorithm": "ppo", "steps": 6000},
    "dqn": DQN,
    "rainbow": DQN | {"dueling": True, "prioritized": True, "n_step": 2},
    "pqn": {"algorithm": "pqn", "steps": 8000, "clip_norm": 10},
}  # fmt: skip
each_algorithm = pytest.mark.parametrize("options", ALGORITHMS.values(), ids=ALGORITHMS)


def mean_return(session):
    act = greedy_policy(session.predictor, session.parts.codec)
    return play_episodes(session.parts.dataset.environment, act, 20, seed=1)[0].mean()


@pytest.mark.slow
@each_algorithm
def test_the_identity_is_learned(fit, options):
    session = fit("toy_environments:Identity-v0", gamma=0.5, **QUICK | options)
    assert mean_return(session) == 8


@pytest.mark.slow
def test_a_continuous_action_is_learned(fit):
    session = fit("toy_environments:Reach-v0", gamma=0.5, update_epochs=10, steps=12_000, **QUICK)
    assert mean_return(session) > -0.25 * 8  # a random policy: -6 per step


@pytest.mark.slow
def test_a_policy_on_images_is_learned(fit):
    session = fit("toy_environments:Images-v0", gamma=0.5, layers=0, steps=4000, **QUICK)
    assert session.parts.network.input["observation"].dtype == "uint8"
    assert mean_return(session) == 8


TARGETS = {
    name: options for name, options in ALGORITHMS.items() if name != "dqn"
}  # the targets of rainbow include those of dqn
each_target = pytest.mark.parametrize("options", TARGETS.values(), ids=TARGETS)


@pytest.mark.slow
@each_target
def test_truncated_episodes_are_bootstrapped(fit, options):
    """A reward of 1 per step has the value 1 / (1 - gamma), although episodes are truncated after eight steps."""
    session = fit("toy_environments:Steady-v0", gamma=0.8, gae_lambda=0.9, **QUICK | options)
    assert values(session, [[1, 0]]) == pytest.approx([5], rel=0.1)


@pytest.mark.slow
@each_target
def test_terminated_episodes_are_not_bootstrapped(fit, options):
    """With k steps left the value is (1 - gamma^k) / (1 - gamma): 1 before the last."""
    session = fit("toy_environments:Steady-v0?ends=true", gamma=0.8, gae_lambda=0.9, **QUICK | options)
    steps_left = np.arange(8, 0, -1)
    estimates = values(session, [[1, 1 - k / 8] for k in steps_left])
    np.testing.assert_allclose(estimates, (1 - 0.8**steps_left) / 0.2, atol=0.35)


def values(session, observations):
    return session.predictor({"observation": np.array(observations, np.float32)})["value"]


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["ppo", "dqn"])
def test_observations_and_rewards_are_normalized(fit, algorithm):
    session = fit(
        "toy_environments:Reach-v0" if algorithm == "ppo" else "CartPole-v1",
        **QUICK | {"algorithm": algorithm, "steps": 3000, "learning_starts": 100, "gradient_steps": 8},
        normalize_observations=True,
        normalize_rewards=True,
    )
    layer, statistics = session.parts.network.get_layer("normalizer"), session.parts.dataset.observation_statistics
    np.testing.assert_allclose(np.asarray(layer.moving_mean), statistics.mean, atol=0.1)
    assert statistics.count == pytest.approx(session.parts.dataset.steps)
    assert np.all(np.asarray(layer.moving_variance) > 0)
