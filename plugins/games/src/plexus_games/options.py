"""What playing can be told."""

from typing import Any, Literal

from pydantic import Field, model_validator

from plexus import Options
from plexus.utils.option_group import OptionGroup
from plexus_games.presets import preset


class PlayOptions(Options):
    """Settings of `games.play`. Those that are not given are the environment's in `presets.py`, else those below."""

    data: str = Field(
        "CartPole-v1",
        description="an environment of Gymnasium, as LunarLander-v3, 'FrozenLake-v1?is_slippery=false' or ALE/Pong-v5; "
        "or one of your own, as module:Mine-v0, or Mine-v0 with --import module",
    )
    algorithm: Literal["ppo", "dqn", "pqn"] = Field(
        "ppo",
        description="ppo: discrete and continuous actions; dqn: learns from a memory; pqn: Q-learning without one",
    )
    steps: int = Field(200_000, ge=1, le=10**10, description="to play in training, over all copies")
    epochs: int | None = Field(None, ge=1, le=10**7, description="rollouts to learn from [default: as the steps need]")
    envs: int = Field(32, ge=1, le=4096, description="copies of the environment that are played side by side")
    rollout: int = Field(64, ge=1, le=100_000, description="steps with each copy between two times of learning")
    workers: Literal["auto", "sync", "async"] = Field(
        "auto", description="copies in this process or each in its own; auto: by how long a step takes"
    )
    gamma: float = Field(0.99, gt=0, le=1, description="discount a step")
    gae_lambda: float = Field(0.95, ge=0, le=1, description="of ppo's advantages and pqn's returns")
    passes: int = Field(4, ge=1, le=1000, description="ppo, pqn: how often each rollout is gone through")
    clip_range: float = Field(0.2, gt=0, le=10, description="ppo: how far the probability of an action may change")
    entropy_coefficient: float = Field(0.0, ge=0, le=10, description="ppo: what randomness is worth")
    value_coefficient: float = Field(0.5, ge=0, le=100, description="ppo: what the error of the value counts")
    updates: int = Field(64, ge=1, le=100_000, description="dqn: steps of learning after each rollout")
    memory: int = Field(100_000, ge=1, le=10**8, description="dqn: steps that are remembered")
    warm_steps: int = Field(1000, ge=0, le=10**8, description="dqn: steps played before the first time of learning")
    double: bool = Field(
        True, description="dqn: the network chooses the action, its copy of the epoch's start its worth"
    )
    duelling: bool = Field(False, description="dqn: value and advantages apart")
    n_step: int = Field(1, ge=1, le=100, description="dqn: rewards that are summed before the value is asked")
    prioritized: bool = Field(False, description="dqn: draw oftener what was surprising")
    exploration_start: float = Field(1.0, ge=0, le=1, description="dqn, pqn: share of random actions at first")
    exploration_end: float = Field(0.05, ge=0, le=1, description="dqn, pqn: the same later")
    exploration_share: float = Field(0.2, gt=0, le=1, description="dqn, pqn: share of the steps until then")
    layers: int = Field(2, ge=0, le=20, description="hidden layers, after the convolutions of pictures")
    units: int = Field(64, ge=1, le=8192, description="of a hidden layer")
    normalize_observations: bool = Field(False, description="by their mean and deviation so far")
    normalize_rewards: bool = Field(False, description="by the deviation of the return so far")
    clip_rewards: bool = Field(False, description="to their signs")
    life_is_episode: bool = Field(False, description="Atari: in training, losing a life ends an episode")
    val_episodes: int = Field(20, ge=1, le=10_000, description="greedy episodes that choose the weights")
    test_episodes: int = Field(100, ge=2, le=100_000, description="greedy episodes that are the score")

    batch_size: int | None = Field(256, ge=1, le=65_536, description="steps played that one step of learning takes")
    optimizer: Literal["adamw", "muon", "adam", "sgd", "lion", "rmsprop"] = Field(
        "adam", description="how gradients become steps; sgd and muon have Nesterov momentum"
    )
    learning_rate: float = Field(3e-4, gt=0, le=100, description="at its highest")
    schedule: Literal["cosine", "linear", "one_cycle", "exponential", "plateau", "constant"] = Field(
        "linear", description="how the learning rate changes over the training"
    )
    warmup: float = Field(0.0, ge=0, le=0.9, description="share of the training in which the learning rate rises")
    epsilon: float = Field(1e-5, gt=0, le=1, description="added to the denominators of adam, adamw and rmsprop")
    weight_decay: float = Field(0.0, ge=0, le=10, description="decoupled, on kernels only")
    clip_norm: float | None = Field(0.5, gt=0, description="the largest global norm of the gradients")
    averaging: float = Field(0.0, ge=0, lt=1, description="decay a step of the weights' moving average; 0: none")
    patience: int | None = Field(0, ge=0, description="epochs without a better score before stopping early; 0: never")
    evaluate_every: int | None = Field(  # type: ignore[assignment]
        None, ge=1, description="epochs from one measurement to the next [default: 40 measurements]"
    )

    @model_validator(mode="before")
    @classmethod
    def _with_preset(cls, given: dict[str, Any]) -> dict[str, Any]:
        """What is not given, from the table of the environment and the algorithm."""
        data = given.get("data", cls.model_fields["data"].default)
        return preset(str(data), given.get("algorithm")) | given


class PlayFlags(OptionGroup):
    """What `predict` can be told beside observations."""

    episodes: int = Field(1, ge=1, le=10_000, description="play that many, greedily")
    video: str | None = Field(None, description="record them: a file ending in .mp4 or .gif")
    play_seed: int = Field(0, ge=0, lt=2**31, description="of the episodes")
