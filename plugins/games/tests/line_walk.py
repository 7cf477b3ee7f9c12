"""An environment in a user's module: the agent walks on a line to the goal at the right end."""

import gymnasium as gym
import numpy as np

LENGTH = 5


class LineWalk(gym.Env):
    """Gives a reward of 1 at the goal, and a cost for each step."""

    observation_space = gym.spaces.Box(0, 1, (1,), np.float32)
    action_space = gym.spaces.Discrete(2)
    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}

    def __init__(self, cost=0.1, render_mode=None):
        self.cost, self.render_mode = cost, render_mode

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.position = 0
        return self._observe(), {}

    def step(self, action):
        self.position = max(self.position + (1 if action else -1), 0)
        terminated = self.position == LENGTH
        return self._observe(), float(terminated) - self.cost, terminated, False, {}

    def render(self):
        frame = np.zeros((32, 32 * (LENGTH + 1), 3), np.uint8)
        frame[:, 32 * self.position : 32 * (self.position + 1)] = 255
        return frame

    def _observe(self):
        return np.array([self.position / LENGTH], np.float32)


gym.register("LineWalk-v0", "line_walk:LineWalk", max_episode_steps=30)
