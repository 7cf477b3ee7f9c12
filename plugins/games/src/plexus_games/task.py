"""The task `games.play`: a policy for a Gymnasium environment."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plexus import Batches, InputError, Metric, OptionGroup, Task
from plexus.codec import Input
from plexus.metrics.intervals import mean_interval
from plexus.options import resolved
from plexus.utils.messages import note
from plexus_games.codec import PolicyCodec
from plexus_games.dataset import EnvironmentDataset, load_dataset
from plexus_games.environment import EnvironmentSpec
from plexus_games.episode import Episode
from plexus_games.episode_request import EpisodeRequest
from plexus_games.episodes import greedy_policy, play_episodes, random_policy
from plexus_games.episodes_prediction import EpisodesPrediction
from plexus_games.metrics import OTHER_METRICS
from plexus_games.observation_files import parse_json, read_observations
from plexus_games.options import EpisodeOptions, PlayOptions
from plexus_games.split_seeds import split_seed

if TYPE_CHECKING:
    import keras

    from plexus import Prediction, Predictor
    from plexus_games.learner import PolicyLearner

EVALUATIONS = 40
"""Evaluations of a training."""
ACTION_NAMES = {
    "CartPole-v1": ("push left", "push right"),
    "LunarLander-v3": ("no engine", "left engine", "main engine", "right engine"),
    "Acrobot-v1": ("torque left", "no torque", "torque right"),
    "MountainCar-v0": ("push left", "no push", "push right"),
}


class Play(Task[EnvironmentDataset, PolicyCodec, PlayOptions]):
    """Reinforcement learning.

    Example:
        ```python
        bundle = plexus.train("games.play", data="CartPole-v1")
        bundle.predict([[0.0, 0.1, 0.02, -0.3]])[0].action
        ```
    """

    options, codec = PlayOptions, PolicyCodec
    metric = Metric("mean_return", baseline="random_mean_return")
    other_metrics = OTHER_METRICS
    figure_captions = {
        "returns.svg": "Return of each training episode",
        "episode.svg": "An episode: frames, estimated value, cumulative reward and action probabilities",
        "playing.gif": "The episode",
    }
    trial_options = {"data": "CartPole-v1", "steps": 20_000, "test_episodes": 20}
    predict_options = EpisodeOptions
    evaluation_protocol = "in greedy episodes whose initial states are not those of training episodes"
    request_description = "an observation, as nested lists of numbers"
    explanation_suffix = ".png"

    def load_dataset(self, options: PlayOptions) -> EnvironmentDataset:
        """Check the environment and the options that depend on it.

        Args:
            options: The options.

        Returns:
            The dataset.

        Raises:
            InputError: If the environment cannot be played, or not with these options.
        """
        dataset = load_dataset(options)
        _check_options(options, dataset.codec)
        return dataset

    def check_bundle_options(self, options: PlayOptions, codec: PolicyCodec) -> PlayOptions:
        """Remove the module from the environment: only the user names modules to import.

        Args:
            options: The options of the bundle.
            codec: The codec of the bundle.

        Returns:
            The options to make the environment with.

        Raises:
            InputError: If the user has not imported the module, or the bundle must not set an argument.
        """
        data = EnvironmentSpec.check_bundle_data(options.data, codec.environment.module)
        return options.model_copy(update={"data": data})

    def fit_codec(self, dataset: EnvironmentDataset, options: PlayOptions) -> PolicyCodec:
        """Return the codec of the environment's spaces.

        Args:
            dataset: The dataset.
            options: The options.

        Returns:
            The codec.
        """
        return dataset.codec

    def resolve_options(
        self, dataset: EnvironmentDataset, codec: PolicyCodec, options: PlayOptions
    ) -> dict[str, object]:
        """Return as many epochs as the steps require, and 40 evaluations.

        Args:
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            Values by option name.
        """
        try:
            dataset.environment.check_arguments()
        except InputError as error:
            note(f"{error}; the bundle will predict but not play: register an environment without such arguments")
        _note_unused(options, codec)
        per_epoch = options.envs * options.rollout
        epochs = options.epochs or max(options.steps // per_epoch, 1)
        if options.epochs and epochs != max(options.steps // per_epoch, 1):
            note(f"--epochs {epochs}: {epochs * per_epoch:,} environment steps, instead of --steps {options.steps:,}")
        return {"epochs": epochs, "evaluate_every": max(epochs // EVALUATIONS, 1)}

    def build_network(self, codec: PolicyCodec, options: PlayOptions) -> "keras.Model":
        """Build the network of the algorithm.

        Args:
            codec: The codec.
            options: The options.

        Returns:
            The network.
        """
        from plexus_games.network import build_network

        return build_network(codec, options)

    def build_learner(
        self, network: "keras.Model", dataset: EnvironmentDataset, codec: PolicyCodec, options: PlayOptions
    ) -> "PolicyLearner":
        """Build the learner of the algorithm.

        Args:
            network: The network.
            dataset: The dataset.
            codec: The codec.
            options: The options.

        Returns:
            The learner.
        """
        from plexus_games.dqn import DQNLearner
        from plexus_games.ppo import PPOLearner
        from plexus_games.pqn import PQNLearner

        learners: dict[str, type[PolicyLearner]] = {"ppo": PPOLearner, "dqn": DQNLearner, "pqn": PQNLearner}
        return learners[options.algorithm](network, codec, options)

    def batches(
        self,
        dataset: EnvironmentDataset,
        codec: PolicyCodec,
        learner: "keras.Model",
        options: PlayOptions,
        epoch: int,
    ) -> Batches:
        """Play a rollout with the current policy, and return the data of the updates after it.

        Args:
            dataset: The dataset, which is played.
            codec: The codec.
            learner: The learner.
            options: The options.
            epoch: The epoch.

        Returns:
            The batches.
        """
        batches: Batches = learner.batches(dataset, epoch)
        return batches

    def evaluate(
        self, predictor: "Predictor", dataset: EnvironmentDataset, codec: PolicyCodec, split: str
    ) -> dict[str, float]:
        """Compute the mean return of greedy episodes with its 95 % confidence interval.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            split: The split. Those of the test split are compared with random actions; those of the validation split
                have the steps and the return of the training so far.

        Returns:
            The metrics by name.

        Raises:
            InputError: If the spaces of the environment are not those of the codec.
        """
        if dataset.codec.observation != codec.observation or dataset.codec.action != codec.action:
            raise InputError(
                f"--data {dataset.options.data}: its observation or action space differs from the bundle's"
            )
        count, seed = dataset.count(split), split_seed(dataset.options.seed, split)
        returns, lengths = play_episodes(dataset.environment, greedy_policy(predictor, codec), count, seed)
        low, high = mean_interval(returns)
        metrics = {
            "mean_return": float(returns.mean()),
            "mean_return_low": low,
            "mean_return_high": high,
            "return_deviation": float(returns.std()),
            "episode_length": float(lengths.mean()),
        }
        if split == "val":
            training_return = dataset.training_return
            training = {} if training_return is None else {"training_return": training_return}
            return metrics | {"steps": float(dataset.steps)} | training
        random_returns, _ = play_episodes(dataset.environment, random_policy(codec, seed), count, seed)
        return metrics | {"random_mean_return": float(random_returns.mean())}

    def predict(self, predictor: "Predictor", codec: PolicyCodec, inputs: Sequence[Input]) -> "Sequence[Prediction]":
        """Predict actions for observations; play the episodes of requests.

        Args:
            predictor: The network.
            codec: The codec.
            inputs: Observations, or `EpisodeRequest`s.

        Returns:
            One `ActionPrediction` per observation, one `EpisodesPrediction` per request.

        Raises:
            InputError: If an observation cannot be used, or the environment cannot be played.
        """
        if any(isinstance(request, EpisodeRequest) for request in inputs):
            return [EpisodesPrediction.play(predictor, codec, request) for request in inputs]
        return super().predict(predictor, codec, inputs)

    def parse_argument(self, argument: str) -> list[tuple[str, Input]]:
        """Return an observation in JSON, or the observations of a file.

        Args:
            argument: JSON, or the path of a `.npy` file or of a `.json` file with a list of observations.

        Returns:
            Pairs of a name and an observation.

        Raises:
            InputError: If it is neither.
        """
        path, text = Path(argument), argument.lstrip()
        if text.startswith(("[", "-", "{")) or text[:1].isdigit():
            return [(argument, parse_json(argument, argument))]
        if not path.is_file():
            raise InputError(
                f"{argument}: expected an observation in JSON, like '[0.1, 0, 0, 0]', or a .npy or .json file"
            )
        return [(f"{argument}[{row}]", observation) for row, observation in enumerate(read_observations(path))]

    def default_inputs(self, options: OptionGroup | None) -> Iterable[tuple[str, Input]]:
        """Return the request that the options stand for.

        Args:
            options: The `EpisodeOptions` of `plexus predict`.

        Returns:
            A pair of a name and a request.

        Raises:
            InputError: If the video cannot be written.
        """
        if not isinstance(options, EpisodeOptions):
            return super().default_inputs(options)
        plural = "s" if options.episodes > 1 else ""
        return [(f"{options.episodes} episode{plural}", EpisodeRequest.from_options(options))]

    def report(self, predictor: "Predictor", dataset: EnvironmentDataset, codec: PolicyCodec, folder: Path) -> None:
        """Draw the returns of the training and an episode; see `plexus_games.report.draw_report`.

        Args:
            predictor: The network.
            dataset: The dataset.
            codec: The codec.
            folder: Folder to write to.
        """
        from plexus_games.report import draw_report

        draw_report(predictor, dataset, codec, folder)

    def explain(self, predictor: "Predictor", codec: PolicyCodec, raw_input: Input, path: Path) -> Path:
        """Draw values and action preferences, of one observation or along an episode.

        Args:
            predictor: The network.
            codec: The codec.
            raw_input: An observation, or an `EpisodeRequest`.
            path: File to write.

        Returns:
            The file.
        """
        from plexus_games.explain import draw_action, draw_episode, record_episode

        if isinstance(raw_input, EpisodeRequest):
            return draw_episode(record_episode(predictor, codec, raw_input.seed), codec, path)
        return draw_action(codec.decode(predictor(codec.encode([raw_input])), [raw_input])[0], path)

    def parse_request(self, codec: PolicyCodec, value: Input) -> Input:
        """Return an observation.

        Args:
            codec: The codec.
            value: The value of the request.

        Returns:
            The observation.

        Raises:
            InputError: If the value is a file.
        """
        if isinstance(value, bytes):
            raise InputError("expected an observation as numbers in JSON, got a file")
        return value

    def start_episode(self, predictor: "Predictor", codec: PolicyCodec, seed: int, render: bool = False) -> Episode:
        """Start an episode that is played step by step, by the policy or by a person.

        Args:
            predictor: The network.
            codec: The codec.
            seed: Random seed.
            render: Whether frames are rendered.

        Returns:
            The episode, which the caller closes.
        """
        return Episode(predictor, codec, seed, render)

    def action_names(self, codec: PolicyCodec) -> tuple[str, ...]:
        """Return the names of the discrete actions.

        Args:
            codec: The codec.

        Returns:
            One name per action; none if actions are continuous.
        """
        if not codec.is_discrete:
            return ()
        names = ACTION_NAMES.get(codec.environment.id, ())
        if len(names) == codec.action_size:
            return names
        return tuple(f"action {index}" for index in range(codec.action_size))


def _note_unused(options: PlayOptions, codec: PolicyCodec) -> None:
    """Say which options have no effect on the algorithm, or in the environment."""
    for name in options.unused():
        note(f"--{name.replace('_', '-')} is ignored: {options.algorithm} does not use it")
    if options.normalize_observations and codec.observation["kind"] != "vector":
        note(f"--normalize-observations is ignored: the observations are of the kind {codec.observation['kind']}")
    if options.terminal_on_life_loss and not codec.environment.is_atari:
        note("--terminal-on-life-loss is ignored: it is for Atari")


def _check_options(options: PlayOptions, codec: PolicyCodec) -> None:
    if options.algorithm != "ppo" and not codec.is_discrete:
        kind = "of several factors" if codec.is_factored else "continuous"
        raise InputError(
            f"--algorithm {options.algorithm} needs one discrete action; those of {options.data} are {kind}: use ppo"
        )
    available = options.envs * options.rollout * options.update_epochs
    if options.algorithm != "dqn" and resolved(options.batch_size) > available:
        raise InputError(
            f"--batch-size {options.batch_size} exceeds the {available} steps of an epoch: {options.envs} envs x "
            f"{options.rollout} rollout steps x {options.update_epochs} update epochs"
        )
