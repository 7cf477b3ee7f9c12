"""The games of MinAtar (Young & Tian 2019, arXiv:1903.03176) as environments of Gymnasium.

The package `minatar` (GPL, extra `bench`) has the games; its own environments fail Gymnasium's checker, as they leave
the generator of random numbers unset.
"""

import gymnasium as gym
import numpy as np
from minatar import Environment

GAMES = ("asterix", "breakout", "freeway", "seaquest", "space_invaders")
Observation = np.ndarray[tuple[int, int, int], np.dtype[np.float32]]


class MinAtarGame(gym.Env[Observation, int]):
    """A game with its minimal set of actions, and repeated actions with the probability of the paper, 0.1.

    Args:
        game: Name of the game.
    """

    metadata = {"render_modes": []}

    def __init__(self, game: str) -> None:
        self._game = Environment(game)
        self._actions = self._game.minimal_action_set()
        self.action_space = gym.spaces.Discrete(len(self._actions))
        self.observation_space = gym.spaces.Box(0.0, 1.0, tuple(self._game.state_shape()), np.float32)

    def reset(self, *, seed: int | None = None, options: dict | None = None) -> tuple[Observation, dict]:
        """Start an episode.

        Args:
            seed: Seed of the generator of random numbers.
            options: Not used.

        Returns:
            The planes of the objects, shape `(10, 10, planes)`, and no further facts.
        """
        super().reset(seed=seed)
        if seed is not None:
            self._game.seed(seed)
        self._game.reset()
        return self._observe(), {}

    def step(self, action: int) -> tuple[Observation, float, bool, bool, dict]:
        """Do an action.

        Args:
            action: Index of the action.

        Returns:
            Observation, reward, whether the game is over, False, and no further facts.
        """
        reward, is_over = self._game.act(self._actions[action])
        return self._observe(), float(reward), bool(is_over), False, {}

    def _observe(self) -> Observation:
        return self._game.state().astype(np.float32)


for _game in GAMES:
    _name = _game.title().replace("_", "")
    gym.register(f"MinAtar/{_name}-v1", MinAtarGame, kwargs={"game": _game})
