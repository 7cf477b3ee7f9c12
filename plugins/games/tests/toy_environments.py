"""Small environments whose optimal policy and values are known, and environments with faults."""

import gymnasium as gym
import numpy as np

STATES, LENGTH = 4, 8


class Identity(gym.Env):
    """Gives a reward of 1 for each action that equals the state."""

    observation_space = gym.spaces.Discrete(STATES)
    action_space = gym.spaces.Discrete(STATES, start=2)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self._next(), {}

    def step(self, action):
        reward = float(action - 2 == self.state)
        self.steps += 1
        return self._next(), reward, self.steps == LENGTH, False, {}

    def _next(self):
        self.state = self.np_random.integers(STATES)
        return self.state


class Reach(gym.Env):
    """Penalizes the squared difference of the action and the observed number, which is from -3 to 3."""

    observation_space = gym.spaces.Box(-3, 3, (1,), np.float32)
    action_space = gym.spaces.Box(-3, 3, (1,), np.float32)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self._next(), {}

    def step(self, action):
        reward = -float((action[0] - self.state[0]) ** 2)
        self.steps += 1
        return self._next(), reward, self.steps == LENGTH, False, {}

    def _next(self):
        self.state = self.np_random.uniform(-3, 3, 1).astype(np.float32)
        return self.state


class Images(Identity):
    """Identity, with the state as the column of a bright bar in an image."""

    observation_space = gym.spaces.Box(0, 255, (12, 12, 3), np.uint8)
    render_mode = "rgb_array"
    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}

    def __init__(self, render_mode=None):
        self.render_mode = render_mode

    def render(self):
        return self._image()

    def _next(self):
        super()._next()
        return self._image()

    def _image(self):
        image = np.zeros((12, 12, 3), np.uint8)
        image[:, 3 * self.state : 3 * self.state + 3] = 255
        return image


class Steady(gym.Env):
    """Gives a reward of 1 per step for any action; endless with one state, or terminated after eight steps."""

    observation_space = gym.spaces.Box(0, 1, (2,), np.float32)
    action_space = gym.spaces.Discrete(2)

    def __init__(self, ends=False):
        self.ends = ends

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self._observe(), {}

    def step(self, action):
        self.steps += 1
        return self._observe(), 1.0, self.ends and self.steps == LENGTH, False, {}

    def _observe(self):
        return np.array([1, self.steps / LENGTH if self.ends else 0], np.float32)


class NotFinite(Steady):
    """Returns NaN in step 150."""

    def step(self, action):
        observation, *rest = super().step(action)
        return np.where(self.steps == 150, np.nan, observation).astype(np.float32), *rest


class Failing(Steady):
    """Raises an error in step 400 of an episode."""

    last = 399

    def step(self, action):
        if self.steps == self.last:
            raise RuntimeError("out of\nfuel")
        return super().step(action)


class WrongSpace(Steady):
    """Returns observations outside of its space."""

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return np.array([5, 5], np.float32), {}


class Text(Steady):
    """Returns strings as observations."""

    observation_space = gym.spaces.Text(5)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return "abc", {}

    def step(self, action):
        return "abc", 0.0, False, False, {}


class Opaque(Steady):
    """Holds an object that is not a plain value: its state cannot be saved."""

    def __init__(self):
        super().__init__()
        self.engine = object()


for _name, _limit in {
    "Identity": None, "Reach": None, "Images": None, "Steady": LENGTH, "NotFinite": 500, "Failing": 500,
    "WrongSpace": 9, "Text": 9, "Opaque": LENGTH,
}.items():  # fmt: skip
    gym.register(f"{_name}-v0", f"toy_environments:{_name}", max_episode_steps=_limit)
