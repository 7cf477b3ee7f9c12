"""An environment of somebody's own, in a file of its own: right is forward, and the end of the corridor is the goal."""

import gymnasium as gym
import numpy as np

LENGTH = 5


class Corridor(gym.Env):
    """A reward of 1 at the end, and a little less for each step."""

    observation_space = gym.spaces.Box(0, 1, (1,), np.float32)
    action_space = gym.spaces.Discrete(2)
    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}

    def __init__(self, cost=0.1, render_mode=None):
        self.cost, self.render_mode = cost, render_mode

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        return self._seen(), {}

    def step(self, action):
        self.place = max(self.place + (1 if action else -1), 0)
        over = self.place == LENGTH
        return self._seen(), float(over) - self.cost, over, False, {}

    def render(self):
        picture = np.zeros((32, 32 * (LENGTH + 1), 3), np.uint8)
        picture[:, 32 * self.place : 32 * (self.place + 1)] = 255
        return picture

    def _seen(self):
        return np.array([self.place / LENGTH], np.float32)


gym.register("Corridor-v0", "corridor:Corridor", max_episode_steps=30)
