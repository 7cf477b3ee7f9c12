"""Hyperparameters of known environments, one line per algorithm; those of Atari are the papers'."""

from fnmatch import fnmatch

PRESETS: dict[str, list[dict[str, object]]] = {
    "CartPole-v?": [
        {"algorithm": "ppo", "steps": 131_072, "envs": 64, "rollout": 64, "update_epochs": 8, "batch_size": 512,
         "gamma": 0.98, "gae_lambda": 0.9, "learning_rate": 2e-3, "evaluate_every": 4},
        {"algorithm": "pqn", "steps": 300_000, "envs": 32, "rollout": 64, "batch_size": 256, "gae_lambda": 0.95,
         "learning_rate": 1e-3, "exploration_fraction": 0.3},
        {"algorithm": "dqn", "steps": 60_000, "envs": 8, "rollout": 32, "gradient_steps": 128,
         "learning_rate": 2e-3},
    ],
    "Acrobot-v1": [
        {"algorithm": "ppo", "steps": 700_000, "envs": 16, "rollout": 256, "update_epochs": 4, "batch_size": 128,
         "gae_lambda": 0.94, "entropy_coefficient": 0.003, "learning_rate": 1e-3, "normalize_observations": True,
         "normalize_rewards": True, "val_episodes": 100},
    ],
    "MountainCar-v0": [
        {"algorithm": "ppo", "steps": 800_000, "envs": 32, "rollout": 128, "update_epochs": 4, "batch_size": 256,
         "gae_lambda": 0.98, "learning_rate": 1e-3, "normalize_observations": True, "normalize_rewards": True},
    ],
    "Pendulum-v1": [
        {"algorithm": "ppo", "steps": 400_000, "envs": 32, "rollout": 128, "update_epochs": 10, "batch_size": 256,
         "gamma": 0.98, "gae_lambda": 0.9, "learning_rate": 1e-3, "normalize_rewards": True},
    ],
    "LunarLander-v3": [
        {"algorithm": "ppo", "steps": 2_000_000, "envs": 32, "rollout": 256, "update_epochs": 4,
         "batch_size": 512, "gamma": 0.999, "gae_lambda": 0.98, "entropy_coefficient": 0.01, "learning_rate": 1e-3,
         "normalize_rewards": True},
    ],
    # Settings of PQN's authors for these games (Gallici et al. 2025).
    "MinAtar/*": [
        {"algorithm": "pqn", "steps": 5_000_000, "envs": 128, "rollout": 32, "update_epochs": 2, "batch_size": 128,
         "gae_lambda": 0.65, "learning_rate": 5e-4, "layers": 0, "exploration_end": 0.05, "exploration_fraction": 0.1,
         "evaluate_every": 200},
    ],
    # Settings and lengths of the papers, for a GPU.
    "ALE/*": [
        {"algorithm": "ppo", "steps": 10_000_000, "envs": 8, "rollout": 128, "update_epochs": 4,
         "batch_size": 256, "clip_range": 0.1, "entropy_coefficient": 0.01, "learning_rate": 2.5e-4, "layers": 0,
         "clip_rewards": True, "terminal_on_life_loss": True, "val_episodes": 8},
        {"algorithm": "pqn", "steps": 10_000_000, "envs": 128, "rollout": 32, "update_epochs": 2,
         "batch_size": 256, "gae_lambda": 0.65, "learning_rate": 2.5e-4, "layers": 0, "clip_rewards": True,
         "terminal_on_life_loss": True, "val_episodes": 8, "exploration_end": 1e-3, "exploration_fraction": 0.1},
        {"algorithm": "dqn", "steps": 10_000_000, "envs": 8, "rollout": 32, "gradient_steps": 64,
         "batch_size": 32, "replay_size": 100_000, "learning_starts": 50_000, "n_step": 3, "dueling": True,
         "learning_rate": 1e-4, "layers": 0, "clip_rewards": True, "terminal_on_life_loss": True, "val_episodes": 8,
         "exploration_end": 0.01},
    ],
}  # fmt: skip
"""Options by shell pattern of the environment; the first line is the environment's default."""

ALGORITHM_DEFAULTS: dict[str | None, dict[str, object]] = {
    "dqn": {"schedule": "constant", "clip_norm": 10.0, "batch_size": 64, "learning_rate": 1e-3, "units": 128},
    "pqn": {"clip_norm": 10.0, "gae_lambda": 0.65, "learning_rate": 5e-4, "units": 128},
}
"""Options of an algorithm that differ from the defaults, in every environment."""


def preset_options(data: str, algorithm: str | None) -> dict[str, object]:
    """Return the preset of an environment and an algorithm.

    Args:
        data: The environment, as the option `data` names it.
        algorithm: The algorithm; None for the environment's default.

    Returns:
        Values by option name; empty if there is no preset.
    """
    name = data.partition("?")[0]
    lines = next((lines for pattern, lines in PRESETS.items() if fnmatch(name, pattern)), [])
    line = next((line for line in lines if algorithm in (None, line["algorithm"])), {})
    resolved_algorithm = line.get("algorithm", algorithm)
    return ALGORITHM_DEFAULTS.get(None if resolved_algorithm is None else str(resolved_algorithm), {}) | line
