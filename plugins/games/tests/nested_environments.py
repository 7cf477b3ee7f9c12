"""Five cells in a row, with nested observations and with actions of several parts; going right is optimal."""

import gymnasium as gym
import numpy as np
from gymnasium import spaces

CELLS = 5


class Row(gym.Env):
    """Ends at the right-hand cell."""

    observation_space = spaces.Box(0, CELLS - 1, (1,), np.float32)
    action_space = spaces.Discrete(2)
    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}

    def __init__(self, render_mode=None):
        self.render_mode = render_mode

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.cell = 1
        return self.observe(), {}

    def step(self, action):
        assert self.action_space.contains(action), repr(action)
        self.cell = max(self.cell + (1 if self.is_right(action) else -1), 0)
        done = self.cell == CELLS - 1
        return self.observe(), self.reward(done), done, False, {}

    def render(self):
        image = np.zeros((40, 40, 3), np.uint8)
        image[:, 8 * self.cell : 8 * self.cell + 8] = 255
        return image

    def observe(self):
        return np.array([self.cell], np.float32)

    def is_right(self, action):
        return int(action) == 1

    def reward(self, done):
        return 1.0 if done else -0.1


class Nested(Row):
    """Dict of a Tuple, a MultiDiscrete and numbers without an axis."""

    observation_space = spaces.Dict(
        {
            "pair": spaces.Tuple((spaces.Discrete(CELLS, start=10), spaces.MultiBinary(2))),
            "many": spaces.MultiDiscrete([CELLS, 2], start=[0, 3]),
            "number": spaces.Box(0, 9, (), np.float64),
        }
    )

    def observe(self):
        return {
            "pair": (np.int64(10 + self.cell), np.array([0, 1], np.int8)),
            "many": np.array([self.cell, 4]),
            "number": np.float64(self.cell),
        }


class ManyObservations(Row):
    observation_space = spaces.MultiDiscrete([[CELLS, 2], [3, 3]])

    def observe(self):
        return np.array([[self.cell, 0], [1, 2]])


class Factored(Row):
    action_space = spaces.MultiDiscrete([2, 3], start=[5, 0])

    def is_right(self, action):
        return action[0] == 6


class Binary(Row):
    action_space = spaces.MultiBinary((2, 2))

    def is_right(self, action):
        return action[1, 0] == 1


class Unbounded(Row):
    action_space = spaces.Box(
        np.array([-np.inf, 0, -1, -np.inf], np.float32), np.array([np.inf, np.inf, 1, 3], np.float32)
    )

    def is_right(self, action):
        return action[0] > 0


class Whole(Row):
    action_space = spaces.Box(0, 3, (2, 1), np.int64)

    def is_right(self, action):
        return action[0, 0] > 1


class Endless(Row):
    def step(self, action):
        observation, reward, _, _, info = super().step(action)
        self.cell = min(self.cell, CELLS - 2)
        return observation, reward, False, False, info


class ArrayReward(Row):
    def reward(self, done):
        return np.array([super().reward(done)])


for _kind in (Row, Nested, ManyObservations, Factored, Binary, Unbounded, Whole, ArrayReward):
    gym.register(f"{_kind.__name__}-v0", f"nested_environments:{_kind.__name__}", max_episode_steps=20)
gym.register("Endless-v0", "nested_environments:Endless")
