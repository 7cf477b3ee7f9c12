"""Environments of Gymnasium and of the user, and errors of faulty ones."""

import numpy as np
import pytest

from plexus import InputError
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import Trainer
from plexus_games.environment import EnvironmentSpec
from plexus_games.snapshot import UnsupportedStateError, restore_snapshot, take_snapshot


def train(refused, data, *flags):
    return refused("train", "games.play", "--data", data, *flags)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("CartPol-v1", "there is no environment 'CartPol-v1': did you mean 'CartPole-v1'?"),
        ("CartPole-v7", "did you mean 'CartPole-v1'"),
        ("ALE/Pongg-v5", "did you mean 'ALE/Pong-v5'"),
        ("no_such:Thing-v0", "there is no module 'no_such' here or installed"),
        ("toy_environments:Nowhere-v0", "there is no environment 'Nowhere-v0'"),
        ("CartPole-v1?gravity=9.8", "gravity"),
        ("toy_environments:Text-v0", "the observation space is Text"),
        ("toy_environments:WrongSpace-v0", "violates Gymnasium's interface: "),
    ],
)
def test_environments_that_cannot_be_played(toy_environments, data, line):
    task = registry().task("games.play")
    with pytest.raises(InputError) as error:
        task.load_dataset(task.options.parse({"data": data}))
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_a_package_that_is_missing(monkeypatch):
    environment = EnvironmentSpec.parse("HalfCheetah-v5")
    monkeypatch.setitem(__import__("sys").modules, "mujoco", None)
    with pytest.raises(InputError, match=r"HalfCheetah-v5 needs a package .* pip install 'plexus-games\[mujoco\]'"):
        environment.make()


@pytest.mark.slow
def test_options_that_the_environment_excludes(refused):
    assert "use ppo" in train(refused, "Pendulum-v1", "--algorithm", "dqn")
    line = train(refused, "CartPole-v1", "--envs", "2", "--rollout", "4", "--update-epochs", "1", "--batch-size", "64")
    assert "--batch-size 64 exceeds the 8 steps of an epoch" in line


@pytest.mark.slow
def test_observations_that_are_not_finite_are_located(toy_environments, fit):
    few = {"envs": 4, "rollout": 64, "steps": 4000, "batch_size": 64}
    with pytest.raises(InputError, match=r"the observation after step 150 of an episode is NaN .* of 4, after 6\d\d"):
        fit("toy_environments:NotFinite-v0", **few)


@pytest.mark.slow
def test_an_error_stops_cleanly_and_can_be_resumed(fit, monkeypatch, tmp_path):
    few = {"envs": 4, "rollout": 64, "steps": 3000, "batch_size": 64}
    with pytest.raises(InputError, match="Failing-v0: in step 400 of episode 1: RuntimeError: out of fuel"):
        fit("toy_environments:Failing-v0", **few)
    monkeypatch.setattr("toy_environments.Failing.last", 10_000)
    task = registry().task("games.play")
    run = Run.read(tmp_path / "r", task)
    session = Trainer(task).begin(run, task.load_dataset(run.options))
    assert session.state.epoch == 6
    session.fit()
    assert session.state.epoch == run.epochs == 11


def test_arguments_and_ids():
    lake = EnvironmentSpec.parse("FrozenLake-v1?is_slippery=false&map_name=8x8")
    assert lake.arguments == {"is_slippery": False, "map_name": "8x8"}
    assert lake.make().observation_space.n == 64
    assert not lake.is_atari


@pytest.mark.slow
def test_single_and_vector_environments_have_the_same_preprocessing():
    """Atari's own vector environment and the wrappers of a single environment return similar images."""
    pong = EnvironmentSpec.parse("ALE/Pong-v5")
    assert pong.is_atari
    vector, single = pong.make_vector(2), pong.make()
    assert vector.single_observation_space.shape == single.observation_space.shape == (4, 84, 84)
    for copies in (vector, single):
        copies.reset(seed=1)
    several = [vector.step(np.zeros(2, int))[0][0] for _ in range(6)][-1]
    alone = [single.step(0)[0] for _ in range(6)][-1]
    assert np.abs(several[-1].astype(int) - alone[-1]).mean() < 12  # different no-ops at the start


def test_copies_in_their_own_processes(toy_environments):
    environment = EnvironmentSpec.parse("CartPole-v1?sutton_barto_reward=true")
    both = []
    for vectorization in ("sync", "async"):
        # Acrobot has no vector environment of its own.
        copies = EnvironmentSpec.parse("Acrobot-v1").make_vector(2, vectorization)
        copies.reset(seed=3)
        both.append(np.stack([copies.step(np.array([0, 2]))[0] for _ in range(5)]))
        copies.close()
    np.testing.assert_array_equal(*both)
    assert type(environment.make_vector(4)).__name__ == "CartPoleVectorEnv"


@pytest.mark.parametrize("name", ["CartPole-v1", "Acrobot-v1", "Pendulum-v1", "MountainCar-v0", "FrozenLake-v1"])
def test_a_restored_environment_continues_identically(name):
    environment = EnvironmentSpec.parse(name)
    first, second = environment.make_vector(3), environment.make_vector(3)
    first.reset(seed=5)
    second.reset(seed=99)
    generator = np.random.default_rng(0)

    def steps(copies, actions):
        return [np.concatenate([np.ravel(part) for part in copies.step(action)[:4]]) for action in actions]

    def actions(number):
        if name == "Pendulum-v1":
            return generator.uniform(-2, 2, (number, 3, 1)).astype(np.float32)
        return generator.integers(0, first.single_action_space.n, (number, 3))

    steps(first, actions(250))
    state = take_snapshot(first)
    later = actions(300)
    expected = steps(first, later)
    restore_snapshot(second, state)
    np.testing.assert_array_equal(expected, steps(second, later))


@pytest.mark.parametrize("name", ["LunarLander-v3", "ALE/Pong-v5", "toy_environments:Opaque-v0"])
def test_a_state_that_cannot_be_saved(toy_environments, name):
    with pytest.raises(UnsupportedStateError):
        take_snapshot(EnvironmentSpec.parse(name).make_vector(2))
