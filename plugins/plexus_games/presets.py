"""Hyper-parameters that are known to work, an environment and an algorithm a line."""

from fnmatch import fnmatch
from typing import Any

_DQN = {"algorithm": "dqn", "schedule": "constant", "clip_norm": 10.0, "batch_size": 64}
_PQN = {"algorithm": "pqn", "clip_norm": 10.0, "exploration_end": 0.02}
_ATARI = {"layers": 0, "clip_rewards": True, "test_episodes": 20, "val_episodes": 8, "learning_rate": 2.5e-4}

PRESETS: dict[str, list[dict[str, Any]]] = {
    "CartPole-v1": [
        {"algorithm": "ppo", "steps": 150_000, "envs": 32, "rollout": 64, "passes": 10, "batch_size": 256,
         "gamma": 0.98, "gae_lambda": 0.9, "learning_rate": 2e-3},
    ],
}  # fmt: skip
"""The first line of an environment is its default; patterns as of a shell. The first that fits is taken."""


def preset(data: str, algorithm: str | None) -> dict[str, Any]:
    """The options of an environment, as `--data` names it, for an algorithm or the one that does best there."""
    name = data.partition("?")[0]
    lines = next((lines for pattern, lines in PRESETS.items() if fnmatch(name, pattern)), [])
    fitting = [line for line in lines if algorithm in (None, line["algorithm"])]
    general = {"dqn": _DQN, "pqn": _PQN}.get(algorithm or "", {})
    return fitting[0] if fitting else general
