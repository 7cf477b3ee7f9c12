"""Speed and returns of reinforcement learning, compared with Stable-Baselines3.

    python benchmarks/games.py speed [rounds]           environment steps per second of PPO on CartPole, alternated
    python benchmarks/games.py returns ENV [seeds]      train with the preset per seed; returns of 100 episodes;
                                                        also of MinAtar/Breakout-v1 and the other games of MinAtar
    python benchmarks/games.py atari [steps]            ALE/Pong-v5 with the papers' preprocessing: steps/s, loss

`speed` and MinAtar need the extra `bench`, and the second row of `speed` the extra `jax`. Each measurement of `speed`
runs in a process of its own.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TASK = "games.play"
SPEED = {
    "plexus on TensorFlow": "tensorflow",
    "plexus on JAX": "jax",
    "SB3, tuned settings": "tuned",
    "SB3, Plexus settings": "same",
}


def train_plexus(options: dict) -> dict:
    """Train with Plexus; returns the result with the history of the epochs."""
    from plexus import Run
    from plexus.plugins.registry import registry
    from plexus.training.trainer import Trainer

    task = registry().task(TASK)
    with tempfile.TemporaryDirectory() as folder:
        run = Run.start(TASK, task.options.parse(options), folder=Path(folder) / "run")
        result = Trainer(task).train(run)
        history = [json.loads(line) for line in (run.folder / "log.jsonl").read_text().splitlines()]
    return result | {"history": history, "fitting": sum(line["seconds"] for line in history)}


def train_stable_baselines(settings: str) -> dict:
    """Train with Stable-Baselines3, with the settings of its zoo for CartPole or with the preset of Plexus."""
    import gymnasium as gym
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy

    tuned = {"n_steps": 32, "batch_size": 256, "gae_lambda": 0.8, "gamma": 0.98, "n_epochs": 20}
    same = {"n_steps": 64, "batch_size": 512, "gae_lambda": 0.9, "gamma": 0.98, "n_epochs": 8}
    schedules = {"learning_rate": lambda remaining: remaining * 1e-3, "clip_range": lambda remaining: remaining * 0.2}
    options = tuned | schedules if settings == "tuned" else same | {"learning_rate": lambda remaining: remaining * 2e-3}
    agent = PPO(
        "MlpPolicy", make_vec_env("CartPole-v1", 8 if settings == "tuned" else 64), seed=0, device="cpu", **options
    )
    started = time.perf_counter()
    agent.learn(100_000)
    seconds = time.perf_counter() - started
    mean, _ = evaluate_policy(agent, gym.make("CartPole-v1"), 20, warn=False)
    return {"examples_per_second": agent.num_timesteps / seconds, "scores": {"mean_return": mean}, "fitting": seconds}


def measure_in_process(which: str) -> dict:
    """Return one row of `speed`, in a process of its own."""
    environment = os.environ | ({"KERAS_BACKEND": which} if which in {"tensorflow", "jax"} else {})
    completed = subprocess.run(
        [sys.executable, __file__, "worker", which], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(completed.stdout.splitlines()[-1])


def speed(rounds: int) -> None:
    """Print one line per round, then medians and ratios."""
    rates: dict[str, list[float]] = {name: [] for name in SPEED}
    for _ in range(rounds):
        for name, which in SPEED.items():
            result = measure_in_process(which)
            rates[name].append(result["examples_per_second"])
            print(
                f"{name:24} {rates[name][-1]:9,.0f} steps/s   return {result['scores']['mean_return']:.0f} after "
                f"{result['fitting']:.1f} s of training",
                flush=True,
            )
    tuned = rates["SB3, tuned settings"]
    for name, values in rates.items():
        ratios = [rate / peer for rate, peer in zip(values, tuned, strict=True)]
        print(
            f"{name:24} median {statistics.median(values):9,.0f} steps/s   {statistics.median(ratios):5.1f} x SB3 tuned"
        )


def returns(environment: str, seeds: int) -> None:
    """Print one line per seed: the return with its interval, steps to the threshold of the environment, time."""
    import gymnasium as gym

    if environment.startswith("MinAtar/"):
        import minatar_games  # registers them  # noqa: F401
    threshold = gym.spec(environment).reward_threshold
    means = []
    for seed in range(seeds):
        result = train_plexus({"data": environment, "seed": seed})
        scores = result["scores"]
        means.append(scores["mean_return"])
        evaluated = [line for line in result["history"] if threshold and "mean_return" in line]
        reached = [line["steps"] for line in evaluated if line["mean_return"] >= threshold]
        print(
            f"{environment} seed {seed}: {means[-1]:.1f} ({scores['mean_return_low']:.1f} to "
            f"{scores['mean_return_high']:.1f}), random {scores['random_mean_return']:.1f}; threshold {threshold} "
            f"after {reached[0] if reached else 'no'} steps; {result['fitting']:.1f} s of fitting, "
            f"{result['seconds']} s in all, {result['examples_per_second']:,.0f} steps/s",
            flush=True,
        )
    print(f"{environment}: mean {statistics.mean(means):.1f}, worst {min(means):.1f}, over {seeds} seeds")


def atari(steps: int) -> None:
    """Print speed and loss of a short training without a GPU."""
    result = train_plexus(
        {"data": "ALE/Pong-v5", "steps": steps, "test_episodes": 4, "val_episodes": 4, "evaluate_every": 10_000}
    )
    losses = [line["loss"] for line in result["history"]]
    third = max(len(losses) // 3, 1)
    print(f"ALE/Pong-v5, {steps:,} steps: {result['examples_per_second']:,.0f} steps/s")
    first, last = statistics.mean(losses[:third]), statistics.mean(losses[-third:])
    print(f"mean loss of the first third {first:.4f}, of the last {last:.4f}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["worker", which]:
            result = (
                train_plexus({"test_episodes": 20, "evaluate_every": 1000})
                if which in {"tensorflow", "jax"}
                else train_stable_baselines(which)
            )
            print(json.dumps({name: result[name] for name in ("examples_per_second", "scores", "fitting")}))
        case ["speed", *rounds]:
            speed(int(rounds[0]) if rounds else 3)
        case ["returns", name, *seeds]:
            returns(name, int(seeds[0]) if seeds else 3)
        case ["atari", *number]:
            atari(int(number[0]) if number else 40_000)
        case _:
            sys.exit(__doc__)
