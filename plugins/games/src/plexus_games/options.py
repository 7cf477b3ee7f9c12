"""Hyperparameters of reinforcement learning, and flags of episodes that `plexus predict` plays."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from plexus import OptionGroup, Options
from plexus_games.presets import preset_options

ALGORITHM_OPTIONS: dict[str, tuple[str, ...]] = {
    "gae_lambda": ("ppo", "pqn"),
    "update_epochs": ("ppo", "pqn"),
    "clip_range": ("ppo",),
    "entropy_coefficient": ("ppo",),
    "value_coefficient": ("ppo",),
    "gradient_steps": ("dqn",),
    "replay_size": ("dqn",),
    "learning_starts": ("dqn",),
    "double": ("dqn",),
    "dueling": ("dqn",),
    "n_step": ("dqn",),
    "prioritized": ("dqn",),
    "exploration_start": ("dqn", "pqn"),
    "exploration_end": ("dqn", "pqn"),
    "exploration_fraction": ("dqn", "pqn"),
    "dropout": (),
}
"""The algorithms that use an option; all others use it, too, if it is not listed."""


class PlayOptions(Options):
    """Options of `games.play`. Options that are not set have the environment's preset, else the defaults below.

    Example:
        ```python
        PlayOptions.parse({"data": "LunarLander-v3", "steps": 500_000})
        ```
    """

    defaults = {
        "optimizer": "adam",
        "learning_rate": 3e-4,
        "schedule": "linear",
        "warmup": 0.0,
        "epsilon": 1e-5,
        "weight_decay": 0.0,
        "clip_norm": 0.5,
        "averaging": 0.0,
        "patience": 0,
        "evaluate_every": None,
    }

    data: str = Field(
        "CartPole-v1",
        description="Environment: the id of a registered one, as LunarLander-v3, 'FrozenLake-v1?is_slippery=false' or "
        "ALE/Pong-v5; for your own, module:Mine-v0, or Mine-v0 with --import module.",
    )
    epochs: int | None = Field(None, ge=1, le=10**7, description="Number of rollouts; by default as --steps requires.")
    batch_size: int | None = Field(256, ge=1, le=65_536, description="Environment steps per gradient step.")

    algorithm: Literal["ppo", "dqn", "pqn"] = Field(
        "ppo",
        description="ppo (all actions), dqn (Q-learning with a replay buffer) or pqn (Q-learning without one), of one "
        "discrete action.",
    )
    steps: int = Field(200_000, ge=1, le=10**10, description="Environment steps of the training, over all copies.")
    max_steps: int | None = Field(
        None,
        ge=1,
        le=10**9,
        description="Steps after which an episode is cut off; by default as the environment is registered, and 1,000 "
        "where it has no limit.",
    )
    envs: int = Field(32, ge=1, le=4096, description="Copies of the environment that are played in parallel.")
    rollout: int = Field(64, ge=1, le=100_000, description="Steps per rollout with each copy.")
    vectorization: Literal["auto", "sync", "async"] = Field(
        "auto", description="Copies in this process (sync) or one process each (async); auto: by the time of a step."
    )
    gamma: float = Field(0.99, gt=0, le=1, description="Discount per step.")
    gae_lambda: float = Field(0.95, ge=0, le=1, description="Lambda of ppo's advantages and pqn's returns.")
    update_epochs: int = Field(4, ge=1, le=1000, description="ppo, pqn: passes over each rollout.")
    clip_range: float = Field(0.2, gt=0, le=10, description="ppo: clipping range of the probability ratio.")
    entropy_coefficient: float = Field(0.0, ge=0, le=10, description="ppo: entropy bonus coefficient.")
    value_coefficient: float = Field(0.5, ge=0, le=100, description="ppo: coefficient of the value loss.")
    gradient_steps: int = Field(64, ge=1, le=100_000, description="dqn: gradient steps after each rollout.")
    replay_size: int = Field(100_000, ge=1, le=10**8, description="dqn: capacity of the replay buffer in steps.")
    learning_starts: int = Field(1000, ge=0, le=10**8, description="dqn: steps before the first gradient step.")
    double: bool = Field(True, description="dqn: double Q-learning.")
    dueling: bool = Field(False, description="dqn: dueling network.")
    n_step: int = Field(1, ge=1, le=100, description="dqn: steps of a return before it is bootstrapped.")
    prioritized: bool = Field(False, description="dqn: prioritized experience replay.")
    exploration_start: float = Field(1.0, ge=0, le=1, description="dqn, pqn: initial probability of random actions.")
    exploration_end: float = Field(0.05, ge=0, le=1, description="dqn, pqn: final probability of random actions.")
    exploration_fraction: float = Field(
        0.2, gt=0, le=1, description="dqn, pqn: fraction of the steps over which exploration decreases."
    )
    layers: int = Field(2, ge=0, le=20, description="Hidden layers, after the convolutions for images.")
    units: int = Field(64, ge=1, le=8192, description="Units per hidden layer.")
    normalize_observations: bool = Field(
        False, description="Normalize observations by their running mean and deviation."
    )
    normalize_rewards: bool = Field(False, description="Divide rewards by the running deviation of the return.")
    clip_rewards: bool = Field(False, description="Replace rewards by their sign.")
    terminal_on_life_loss: bool = Field(False, description="Atari: in training, losing a life ends an episode.")
    val_episodes: int = Field(20, ge=1, le=10_000, description="Greedy episodes of an evaluation during training.")
    test_episodes: int = Field(100, ge=2, le=100_000, description="Greedy episodes of the final evaluation.")

    def unused(self) -> list[str]:
        """Return the options that differ from their defaults without an effect on the algorithm.

        Returns:
            Their names.
        """
        fields = type(self).model_fields
        others = [name for name, algorithms in ALGORITHM_OPTIONS.items() if self.algorithm not in algorithms]
        return [name for name in others if getattr(self, name) != fields[name].default]

    @model_validator(mode="before")
    @classmethod
    def _apply_preset(cls, values: Mapping[str, object]) -> dict[str, object]:
        """Add the preset's values for options that are not set."""
        data, algorithm = values.get("data", cls.model_fields["data"].default), values.get("algorithm")
        return preset_options(str(data), None if algorithm is None else str(algorithm)) | dict(values)


class EpisodeOptions(OptionGroup):
    """Options of `plexus predict` for playing episodes.

    Example:
        ```python
        EpisodeOptions.parse({"episodes": 3, "video": "out.mp4"})
        ```
    """

    episodes: int = Field(1, ge=1, le=10_000, description="Number of greedy episodes.")
    video: str | None = Field(None, description="Record the episodes in this file, .mp4 or .gif.")
    episode_seed: int = Field(0, ge=0, lt=2**31, description="Random seed of the episodes.")
