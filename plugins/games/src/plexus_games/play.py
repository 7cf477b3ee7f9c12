"""The task: how to act, learned by playing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from plexus import Batches, InputError, Metric, Task
from plexus.plugins.entry import Entry
from plexus.utils.messages import note
from plexus_games.arena import Arena
from plexus_games.codec import PolicyCodec
from plexus_games.environment import Environment
from plexus_games.episodes import at_random, greedy, play_episodes
from plexus_games.options import PlayFlags, PlayOptions
from plexus_games.show import Show, played

if TYPE_CHECKING:
    import keras

    from plexus.prediction import Prediction
    from plexus.task import Predictor

MEASUREMENTS = 40
ALGORITHMS = {
    "ppo": Entry("ppo", "policy gradient", "plexus_games.ppo:PPO"),
    "dqn": Entry("dqn", "Q-learning from a memory", "plexus_games.dqn:DQN"),
    "pqn": Entry("pqn", "Q-learning without a memory", "plexus_games.pqn:PQN"),
}


class Play(Task):
    """`games.play`."""

    options = PlayOptions
    codec = PolicyCodec
    metric = Metric("mean_return", baseline="random_mean_return")
    asking = PlayFlags
    evaluation_protocol = "in episodes that begin where none of the training did, played greedily"
    request_description = "an observation: numbers in lists"
    trial_options = {"data": "CartPole-v1", "steps": 20_000, "test_episodes": 20}

    def load_dataset(self, options: PlayOptions) -> Arena:
        """The environment, checked.

        Raises:
            InputError: it cannot be played, or not with these options.
        """
        arena = Arena(options)
        _check(options, arena.codec)
        return arena

    def check_bundle_options(self, options: PlayOptions, codec: PolicyCodec) -> PlayOptions:
        """The environment, without a module: only the user names one.

        Raises:
            InputError: the user has not imported its module, or a bundle cannot give its arguments.
        """
        return options.model_copy(update={"data": Environment.bundle_data(options.data, codec.environment.module)})

    def fit_codec(self, dataset: Arena, options: PlayOptions) -> PolicyCodec:
        """What the environment says of its observations and actions."""
        try:
            dataset.environment.check_arguments()
        except InputError as error:
            note(f"{error}; this bundle will answer, but not play: register an environment without such arguments")
        return dataset.codec

    def resolve_options(self, dataset: Arena, codec: PolicyCodec, options: PlayOptions) -> dict[str, Any]:
        """As many epochs as the steps need, and 40 measurements in them."""
        epochs = options.epochs or max(options.steps // (options.envs * options.rollout), 1)
        return {"epochs": epochs, "evaluate_every": max(epochs // MEASUREMENTS, 1)}

    def build_network(self, codec: PolicyCodec, options: PlayOptions) -> "keras.Model":
        """A raw observation to an action and its value."""
        return ALGORITHMS[options.algorithm].load().make_network(codec, options)

    def build_learner(
        self, network: "keras.Model", dataset: Arena, codec: PolicyCodec, options: PlayOptions
    ) -> "keras.Model":
        """The algorithm."""
        return ALGORITHMS[options.algorithm].load()(network, codec, options)

    def batches(
        self, dataset: Arena, codec: PolicyCodec, learner: "keras.Model", options: PlayOptions, epoch: int
    ) -> Batches:
        """A rollout with the policy of the moment, and what is to be learned from it."""
        return learner.batches(dataset, epoch)

    def evaluate(self, predictor: "Predictor", dataset: Arena, codec: PolicyCodec, split: str) -> dict[str, float]:
        """The mean return of greedy episodes with its 95 % interval; on the test split that of random actions too."""
        if dataset.codec.to_json()["observation"] != codec.observation or dataset.codec.action != codec.action:
            raise InputError(f"--data {dataset.options.data}: its observations or actions are not those of the bundle")
        number, seed = dataset.count(split), _seed(dataset.options.seed, split)
        returns, lengths = play_episodes(dataset.environment, greedy(predictor, codec), number, seed)
        half = 1.96 * returns.std(ddof=1) / np.sqrt(number) if number > 1 else 0.0
        figures = {
            "mean_return": float(returns.mean()),
            "mean_return_low": float(returns.mean() - half),
            "mean_return_high": float(returns.mean() + half),
            "return_deviation": float(returns.std()),
            "episode_length": float(lengths.mean()),
        }
        if split == "val":
            recent = dataset.recent()
            return figures | {"steps": float(dataset.steps)} | ({} if recent is None else {"training_return": recent})
        chance, _ = play_episodes(dataset.environment, at_random(codec, seed), number, seed)
        return figures | {"random_mean_return": float(chance.mean())}

    def parse_argument(self, given: str) -> list[tuple[str, Any]]:
        """An observation as JSON, or a file of observations: `.npy`, or `.json` with a list of them."""
        file = Path(given)
        if given.lstrip().startswith(("[", "-")) or given.lstrip()[:1].isdigit():
            return [(given, _parsed(given, given))]
        if not file.is_file():
            raise InputError(
                f"{given}: an observation as JSON is wanted, like '[0.1, 0, 0, 0]', or a .npy or .json file"
            )
        found = np.load(file, allow_pickle=False) if file.suffix == ".npy" else _parsed(file.read_text(), given)
        return [(f"{given}[{row}]", one) for row, one in enumerate(found)]

    def parse_request(self, codec: Any, value: Any) -> Any:
        """An observation."""
        if isinstance(value, bytes):
            raise InputError("an observation is wanted, as numbers in JSON")
        return value

    def default_inputs(self, flags: PlayFlags) -> list[tuple[str, Any]]:
        """Episodes to play."""
        return [(f"{flags.episodes} episode{'s' * (flags.episodes > 1)}", Show.asked(flags))]

    def predict(self, predictor: "Predictor", codec: PolicyCodec, raws: Sequence[Any]) -> "list[Prediction]":
        """A move for an observation; for a show, what came of its episodes."""
        if any(isinstance(raw, Show) for raw in raws):
            return [played(predictor, codec, raw) for raw in raws]
        return super().predict(predictor, codec, raws)

    def report(self, predictor: "Predictor", dataset: Arena, codec: PolicyCodec, folder: Path) -> None:
        """Returns along the training; an episode explained, and as a moving picture where there are frames to show."""
        from plexus_games.report import draw_report

        draw_report(predictor, dataset, codec, folder)

    def explain(self, predictor: "Predictor", codec: PolicyCodec, raw: Any, to: Path) -> Path:
        """What the agent expected and preferred, of one observation or along an episode."""
        from plexus_games.explanation import draw_move, explain_episode

        if isinstance(raw, Show):
            return explain_episode(predictor, codec, raw.seed, to)
        return draw_move(codec.decode(predictor(codec.encode([raw])))[0], to)


def _check(options: PlayOptions, codec: PolicyCodec) -> None:
    if options.algorithm != "ppo" and not codec.is_discrete:
        raise InputError(
            f"--algorithm {options.algorithm} chooses among a few actions, and those of {options.data} are numbers: "
            "take ppo"
        )
    if options.algorithm != "dqn" and options.batch_size > options.envs * options.rollout * options.passes:
        raise InputError(
            f"--batch-size {options.batch_size} is more than an epoch has: {options.envs} envs x {options.rollout} "
            f"rollout x {options.passes} passes"
        )


def _seed(seed: int, split: str) -> int:
    """Of the episodes of a split: never those of the training."""
    return int(np.random.SeedSequence((seed, {"val": 1, "train": 3}.get(split, 2))).generate_state(1)[0] >> 1)


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f"{where}: not JSON ({error}); an observation is written like [0.1, 0, 0, 0]") from error
