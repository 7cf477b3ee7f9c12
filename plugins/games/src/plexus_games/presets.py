"""Hyper-parameters that are known to work (of Atari: those of the papers), an environment and an algorithm a line."""

from fnmatch import fnmatch
from typing import Any

PRESETS: dict[str, list[dict[str, Any]]] = {
    "CartPole-v?": [
        {"algorithm": "ppo", "steps": 131_072, "envs": 64, "rollout": 64, "passes": 8, "batch_size": 512, "gamma": 0.98,
         "gae_lambda": 0.9, "learning_rate": 2e-3, "evaluate_every": 4},
        {"algorithm": "pqn", "steps": 300_000, "envs": 32, "rollout": 64, "batch_size": 256, "gae_lambda": 0.95,
         "learning_rate": 1e-3, "exploration_share": 0.3},
        {"algorithm": "dqn", "steps": 60_000, "envs": 8, "rollout": 32, "updates": 128, "learning_rate": 2e-3},
    ],
    "Acrobot-v1": [
        {"algorithm": "ppo", "steps": 700_000, "envs": 16, "rollout": 256, "passes": 4, "batch_size": 128,
         "gae_lambda": 0.94, "entropy_coefficient": 0.003, "learning_rate": 1e-3, "normalize_observations": True,
         "normalize_rewards": True, "val_episodes": 100},
    ],
    "MountainCar-v0": [
        {"algorithm": "ppo", "steps": 800_000, "envs": 32, "rollout": 128, "passes": 4, "batch_size": 256,
         "gae_lambda": 0.98, "learning_rate": 1e-3, "normalize_observations": True, "normalize_rewards": True},
    ],
    "Pendulum-v1": [
        {"algorithm": "ppo", "steps": 400_000, "envs": 32, "rollout": 128, "passes": 10, "batch_size": 256,
         "gamma": 0.9, "learning_rate": 1e-3},
    ],
    "LunarLander-v3": [
        {"algorithm": "ppo", "steps": 2_000_000, "envs": 32, "rollout": 256, "passes": 4, "batch_size": 512,
         "gamma": 0.999, "gae_lambda": 0.98, "entropy_coefficient": 0.01, "learning_rate": 1e-3,
         "normalize_rewards": True},
    ],
    # Settings of the papers, at the length of theirs: for a GPU.
    "ALE/*": [
        {"algorithm": "ppo", "steps": 10_000_000, "envs": 8, "rollout": 128, "passes": 4, "batch_size": 256,
         "clip_range": 0.1, "entropy_coefficient": 0.01, "learning_rate": 2.5e-4, "layers": 0, "clip_rewards": True,
         "life_is_episode": True, "val_episodes": 8},
        {"algorithm": "pqn", "steps": 10_000_000, "envs": 128, "rollout": 32, "passes": 2, "batch_size": 256,
         "gae_lambda": 0.65, "learning_rate": 2.5e-4, "layers": 0, "clip_rewards": True, "life_is_episode": True,
         "val_episodes": 8, "exploration_end": 1e-3, "exploration_share": 0.1},
        {"algorithm": "dqn", "steps": 10_000_000, "envs": 8, "rollout": 32, "updates": 64, "batch_size": 32,
         "memory": 100_000, "warm_steps": 50_000, "n_step": 3, "duelling": True, "learning_rate": 1e-4, "layers": 0,
         "clip_rewards": True, "life_is_episode": True, "val_episodes": 8, "exploration_end": 0.01},
    ],
}  # fmt: skip
"""Patterns as of a shell; of an environment's lines the first is its default."""

GENERAL: dict[str | None, dict[str, Any]] = {
    "dqn": {"schedule": "constant", "clip_norm": 10.0, "batch_size": 64, "learning_rate": 1e-3, "units": 128},
    "pqn": {"clip_norm": 10.0, "gae_lambda": 0.65, "learning_rate": 5e-4, "units": 128},
}
"""Of environments that have no line: what the algorithm needs other than the defaults."""


def preset(data: str, algorithm: str | None) -> dict[str, Any]:
    """The options of an environment, as `--data` names it, for an algorithm or the one that does best there."""
    name = data.partition("?")[0]
    lines = next((lines for pattern, lines in PRESETS.items() if fnmatch(name, pattern)), [])
    fitting = next((line for line in lines if algorithm in (None, line["algorithm"])), {})
    return GENERAL.get(fitting.get("algorithm", algorithm), {}) | fitting
