"""Environments by name: those of Gymnasium, the user's own, and what is wrong with them."""

import numpy as np
import pytest

from plexus import InputError
from plexus.plugins.registry import registry
from plexus.run import Run
from plexus.training.trainer import begin
from plexus_games.environment import Environment
from plexus_games.snapshot import UnsavableError, restore, snapshot


def train(refused, data, *more):
    return refused("train", "games.play", "--data", data, *more)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("CartPol-v1", "there is no environment 'CartPol-v1': did you mean 'CartPole-v1'?"),
        ("CartPole-v7", "did you mean 'CartPole-v1'"),
        ("ALE/Pongg-v5", "did you mean 'ALE/Pong-v5'"),
        ("no_such:Thing-v0", "there is no module 'no_such' here or installed"),
        ("toy_worlds:Nowhere-v0", "there is no environment 'Nowhere-v0'"),
        ("CartPole-v1?gravity=9.8", "gravity"),
        ("Blackjack-v1", "observations are Tuple(Discrete(32), Discrete(11), Discrete(2)); supported are Box"),
        ("toy_worlds:Odd-v0", "observations are Text"),
        ("toy_worlds:Liar-v0", "breaks Gymnasium's contract: "),
    ],
)
def test_what_cannot_be_played(worlds, data, line):
    task = registry().task("games.play")
    with pytest.raises(InputError) as error:
        task.load_dataset(task.options.parse({"data": data}))
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_a_package_that_is_missing(monkeypatch):
    environment = Environment.named("HalfCheetah-v5")
    monkeypatch.setitem(__import__("sys").modules, "mujoco", None)
    with pytest.raises(InputError, match=r"HalfCheetah-v5 needs a package .* pip install 'plexus-suite\[mujoco\]'"):
        environment.one()


def test_options_that_do_not_fit(refused):
    assert "take ppo" in train(refused, "Pendulum-v1", "--algorithm", "dqn")
    line = train(refused, "CartPole-v1", "--envs", "2", "--rollout", "4", "--passes", "1", "--batch-size", "64")
    assert "--batch-size 64 is more than an epoch has" in line


def test_nan_and_errors_in_mid_episode_are_named(worlds, fitted):
    few = {"envs": 4, "rollout": 64, "steps": 4000, "batch_size": 64}
    with pytest.raises(
        InputError, match=r"the observation after step 150 of an episode has a NaN .* of 4, after 6\d\d"
    ):
        fitted("toy_worlds:NotANumber-v0", **few)


def test_an_error_stops_cleanly_and_can_be_resumed(fitted, monkeypatch, tmp_path):
    few = {"envs": 4, "rollout": 64, "steps": 3000, "batch_size": 64}
    with pytest.raises(InputError, match="Fragile-v0: in step 400 of episode 1: RuntimeError: the wheel came off"):
        fitted("toy_worlds:Fragile-v0", **few)
    monkeypatch.setattr("toy_worlds.Fragile.last", 10_000)
    run = Run.read(tmp_path / "r")
    session = begin(registry().task("games.play"), run)
    assert run.epoch == 6
    session.fit()
    assert run.epoch == run.epochs == 11


def test_arguments_and_ids():
    lake = Environment.named("FrozenLake-v1?is_slippery=false&map_name=8x8")
    assert lake.arguments == {"is_slippery": False, "map_name": "8x8"}
    assert lake.one().observation_space.n == 64
    assert not lake.is_atari


def test_pictures_are_prepared_alike_for_one_and_for_many():
    """Atari's own vector environment and the wrappers of a single copy give the same first picture."""
    pong = Environment.named("ALE/Pong-v5")
    assert pong.is_atari
    many, one = pong.many(2), pong.one()
    assert many.single_observation_space.shape == one.observation_space.shape == (4, 84, 84)
    for copies in (many, one):
        copies.reset(seed=1)
    several = [many.step(np.zeros(2, int))[0][0] for _ in range(6)][-1]
    alone = [one.step(0)[0] for _ in range(6)][-1]
    assert np.abs(several[-1].astype(int) - alone[-1]).mean() < 12  # other no-ops at the start, the same court


def test_copies_in_processes_of_their_own(worlds):
    environment = Environment.named("CartPole-v1?sutton_barto_reward=true")
    both = []
    for workers in ("sync", "async"):
        # Acrobot has no vector environment of its own.
        copies = Environment.named("Acrobot-v1").many(2, workers)
        copies.reset(seed=3)
        both.append(np.stack([copies.step(np.array([0, 2]))[0] for _ in range(5)]))
        copies.close()
    np.testing.assert_array_equal(*both)
    assert type(environment.many(4)).__name__ == "CartPoleVectorEnv"


@pytest.mark.parametrize("name", ["CartPole-v1", "Acrobot-v1", "Pendulum-v1", "MountainCar-v0", "FrozenLake-v1"])
def test_a_state_that_is_saved_goes_on_alike(name):
    environment = Environment.named(name)
    first, second = environment.many(3), environment.many(3)
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
    state = snapshot(first)
    later = actions(300)
    expected = steps(first, later)
    restore(second, state)
    np.testing.assert_array_equal(expected, steps(second, later))


@pytest.mark.parametrize("name", ["LunarLander-v3", "ALE/Pong-v5", "toy_worlds:Opaque-v0"])
def test_a_state_that_cannot_be_saved_says_so(worlds, name):
    with pytest.raises(UnsavableError):
        snapshot(Environment.named(name).many(2))
