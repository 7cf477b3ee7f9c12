"""Nested observations, actions of several parts, and episodes without an end."""

import json
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import plexus
from plexus import InputError
from plexus.plugins.registry import registry
from plexus.plugins.user_modules import import_user_module
from plexus_games.action_spaces import describe_actions, scale_actions
from plexus_games.codec import PolicyCodec
from plexus_games.environment import EnvironmentSpec
from plexus_games.environment_arguments import parse_arguments
from plexus_games.episode_request import EpisodeRequest
from plexus_games.observation_spaces import describe_observations, flatten_observation

FEW = {"steps": 512, "envs": 4, "rollout": 32, "batch_size": 64, "val_episodes": 2, "test_episodes": 4}


@pytest.fixture
def environments(monkeypatch, tmp_path):
    """Make `nested_environments` importable, in an empty working folder."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.chdir(tmp_path)
    import_user_module("nested_environments")
    return sys.modules["nested_environments"]


def train(name, **options):
    return plexus.train("games.play", data=f"nested_environments:{name}-v0", **{"out": name} | FEW | options)


def described(space):
    flat = gym.spaces.flatten_space(space)
    return describe_observations("x", flat, space)["space"]


@pytest.mark.parametrize("seed", range(5))
def test_flattening_agrees_with_gymnasium(environments, seed):
    for kind in (environments.Nested, environments.ManyObservations):
        space = kind.observation_space
        space.seed(seed)
        value = space.sample()
        expected = gym.spaces.flatten(space, value).astype(np.float32)
        description = json.loads(json.dumps(described(space)))
        np.testing.assert_array_equal(flatten_observation(description, value), expected)
        plain = json.loads(json.dumps(value, default=lambda array: array.tolist()))
        np.testing.assert_array_equal(flatten_observation(description, plain), expected)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"pair": [10, [0, 1]], "many": [0, 3]}, "expected an object of many, number, pair, got pair, many"),
        ({"pair": [15, [0, 1]], "many": [0, 3], "number": 1}, r"pair\[0\]: expected an integer from 10 to 14, got 15"),
        ({"pair": [10], "many": [0, 3], "number": 1}, r"pair: expected a list of 2, got \[10\]"),
        ({"pair": [10, [0, 1]], "many": [0, 3], "number": [1, 2]}, r"number: expected numbers of shape \(\), got"),
        ("left", "expected an object of"),
        ([1, 2, 3], "expected an object of"),
    ],
)
def test_an_observation_that_is_not_of_the_space(environments, value, line):
    environment = EnvironmentSpec.parse("nested_environments:Nested-v0")
    vector = environment.make_vector(1)
    spaces = vector.single_observation_space, vector.single_action_space
    codec = PolicyCodec.fit(environment, *spaces, environment.nested_space)
    with pytest.raises(InputError, match=line):
        codec.encode([value])


@pytest.mark.slow
def test_nested_observations_are_played_predicted_and_explained(environments, tmp_path):
    bundle = train("Nested")
    observation = {"pair": [11, [0, 1]], "many": [1, 4], "number": 1.0}
    flat = gym.spaces.flatten(environments.Nested.observation_space, environments.Nested().reset(seed=0)[0])
    nested, vector = bundle.predict([observation, flat.tolist()])
    assert nested == vector
    assert bundle.predict(observation)[0] == nested
    assert bundle.evaluate()["scores"] == bundle.metrics
    assert bundle.explain(observation, tmp_path / "a.png").stat().st_size > 1000
    again = plexus.load("Nested")
    assert again.codec.to_json() == bundle.codec.to_json()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Factored", "Binary"])
def test_actions_of_several_factors(environments, name, tmp_path):
    bundle = train(name, steps=2048, entropy_coefficient=0.01)
    prediction = bundle.predict([[1.0]])[0]
    space = getattr(environments, name).action_space
    assert space.contains(np.array(prediction.action, space.dtype))
    assert sum(prediction.preferences) == pytest.approx(len(bundle.codec.factors))
    assert bundle.metrics["mean_return"] > bundle.metrics["random_mean_return"]
    assert bundle.explain([1.0], tmp_path / "a.png").stat().st_size > 1000
    assert bundle.task.action_names(bundle.codec) == ()
    with pytest.raises(
        InputError, match=r"--algorithm dqn needs one discrete action; those of .* are of several facto"
    ):
        train(name, algorithm="dqn", out="other")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Unbounded", "Whole", "ArrayReward", "ManyObservations"])
def test_other_spaces(environments, name):
    bundle = train(name)
    assert np.isfinite(bundle.metrics["mean_return"])


def test_bounds_of_continuous_actions():
    low, high = np.array([-np.inf, 0, -1, -np.inf], np.float32), np.array([np.inf, 3e38, 3, 3], np.float32)
    action = describe_actions("x", gym.spaces.Box(low, high))
    assert action == {"kind": "continuous", "low": [None, 0.0, -1.0, None], "high": [None, None, 3.0, 3.0]}
    scaled = scale_actions(action, np.array([[5.0, -2.0, 2.0, 2.0], [-5.0, 1.0, 0.0, -1.0]]))
    np.testing.assert_allclose(scaled, [[5, 0, 3, 3], [-5, 2, 1, 1]])
    whole = describe_actions("x", gym.spaces.Box(0, 3, (2, 1), np.int64))
    assert scale_actions(whole, np.array([[-1.0, 0.4]])).tolist() == [[[0], [2]]]


def test_factored_log_probabilities_agree_with_the_loss(environments):
    task = registry().task("games.play")
    options = task.options.parse({"data": "nested_environments:Factored-v0", **FEW})
    dataset = task.load_dataset(options)
    codec = task.fit_codec(dataset, options)
    learner = task.build_learner(task.build_network(codec, options), dataset, codec, options)
    batches = learner.batches(dataset, 0)
    outputs = learner.call({"observation": batches.x["observation"]})
    log_probability, entropy = learner._log_probability_and_entropy(outputs, batches.y["action"])
    np.testing.assert_allclose(np.asarray(log_probability), batches.y["log_probability"], atol=1e-5)
    assert np.all(np.asarray(entropy) <= np.log(6) + 1e-5)
    dataset.close()


@pytest.mark.slow
def test_an_environment_of_ones_own_is_recorded_explained_and_played(environments, tmp_path):
    train("Row")
    bundle = plexus.load("Row")
    request = EpisodeRequest(episodes=2, seed=0, video=tmp_path / "a.gif")
    played = bundle.predict([request])[0]
    assert played.lengths == [3, 3]
    assert (tmp_path / "a.gif").stat().st_size > 500
    assert bundle.explain(EpisodeRequest(episodes=1, seed=0), tmp_path / "a.png").stat().st_size > 1000
    with bundle.task.start_episode(bundle.predictor, bundle.codec, 0, render=True) as episode:
        episode.step(1)
        assert episode.frame.shape == (40, 40, 3)


@pytest.mark.slow
def test_blackjack_is_played(environments):
    bundle = plexus.train("games.play", data="Blackjack-v1", out="b", **FEW)
    assert bundle.predict([[14, 10, 0]])[0].action in {0, 1}
    assert bundle.codec.environment.arguments == {"max_episode_steps": 1000}


@pytest.mark.slow
def test_episodes_without_an_end_are_cut_off(environments, capsys):
    bundle = train("Endless", max_steps=30)
    assert bundle.metrics["episode_length"] == 30
    assert plexus.load("Endless").evaluate()["scores"] == bundle.metrics
    environment = EnvironmentSpec.parse("nested_environments:Endless-v0")
    assert environment.with_limit(None).arguments == {"max_episode_steps": 1000}
    assert (
        "Endless-v0 is registered without a time limit: episodes are cut off after 1,000 steps"
        in capsys.readouterr().err
    )
    limited = EnvironmentSpec(environment.id, parse_arguments("max_episode_steps=5"))
    assert limited.with_limit(None) == limited
    with pytest.raises(InputError, match=r"--max-steps 7: .* sets max_episode_steps already"):
        limited.with_limit(7)


def test_the_limit_of_atari_is_in_frames():
    pytest.importorskip("ale_py")
    environment = EnvironmentSpec.parse("ALE/Pong-v5").with_limit(10)
    vector = environment.make_vector(2)
    vector.reset(seed=0)
    ends = [vector.step(np.zeros(2, int))[3].all() for _ in range(12)]
    vector.close()
    assert ends.index(True) in {9, 10}


@pytest.mark.slow
def test_options_without_an_effect_are_named(environments, capsys):
    train("Row", algorithm="dqn", update_epochs=7, dropout=0.5, epochs=2, learning_starts=64)
    notes = capsys.readouterr().err
    assert "--update-epochs is ignored: dqn does not use it" in notes
    assert "--dropout is ignored" in notes
    assert "--epochs 2: 256 environment steps, instead of --steps 512" in notes


def test_missing_extras_are_named(monkeypatch, tmp_path):
    from plexus_games.video import video_path

    monkeypatch.setitem(sys.modules, "ale_py", None)
    with pytest.raises(InputError, match=r"pip install 'plexus-games\[atari\]'"):
        EnvironmentSpec.parse("ALE/Pong-v5")
    monkeypatch.setattr("plexus_games.video.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'plexus-games\[video\]', or record a .gif"):
        video_path(str(tmp_path / "a.mp4"))
    assert video_path(str(tmp_path / "a.gif")).suffix == ".gif"


def test_an_array_of_observations_with_a_name_in_capitals(tmp_path):
    with (tmp_path / "STATES.NPY").open("wb") as file:
        np.save(file, np.array([[0, 0.5]], np.float32))
    ((name, observation),) = registry().task("games.play").parse_argument(str(tmp_path / "STATES.NPY"))
    assert name.endswith("STATES.NPY[0]")
    assert observation.tolist() == [0, 0.5]
