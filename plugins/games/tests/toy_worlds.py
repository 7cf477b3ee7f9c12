"""Tiny worlds whose best policy and values are known, and worlds that misbehave."""

import gymnasium as gym
import numpy as np

STATES, LENGTH = 4, 8


class Identity(gym.Env):
    """The right action is the state: a return of 1 a step."""

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
    """The right action is the number seen, from -3 to 3."""

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


class Pictures(Identity):
    """Identity, its state the column of a bright bar in a picture of bytes."""

    observation_space = gym.spaces.Box(0, 255, (12, 12, 3), np.uint8)
    render_mode = "rgb_array"
    metadata = {"render_modes": ["rgb_array"], "render_fps": 8}

    def __init__(self, render_mode=None):
        self.render_mode = render_mode

    def render(self):
        return self._picture()

    def _next(self):
        super()._next()
        return self._picture()

    def _picture(self):
        picture = np.zeros((12, 12, 3), np.uint8)
        picture[:, 3 * self.state : 3 * self.state + 3] = 255
        return picture


class Steady(gym.Env):
    """A reward of 1 a step whatever is done: for ever, always the same; or counted, and the eighth step ends it."""

    observation_space = gym.spaces.Box(0, 1, (2,), np.float32)
    action_space = gym.spaces.Discrete(2)

    def __init__(self, ends=False):
        self.ends = ends

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        return self._seen(), {}

    def step(self, action):
        self.steps += 1
        return self._seen(), 1.0, self.ends and self.steps == LENGTH, False, {}

    def _seen(self):
        return np.array([1, self.steps / LENGTH if self.ends else 0], np.float32)


class NotANumber(Steady):
    """Steady, until it is not."""

    def step(self, action):
        observation, *rest = super().step(action)
        return np.where(self.steps == 150, np.nan, observation).astype(np.float32), *rest


class Fragile(Steady):
    """Breaks in step 400 of an episode."""

    last = 399

    def step(self, action):
        if self.steps == self.last:
            raise RuntimeError("the wheel\ncame off")
        return super().step(action)


class Liar(Steady):
    """Its observations are not in its space."""

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return np.array([5, 5], np.float32), {}


class Odd(Steady):
    """Its observations are texts."""

    observation_space = gym.spaces.Text(5)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        return "abc", {}

    def step(self, action):
        return "abc", 0.0, False, False, {}


class Opaque(Steady):
    """Holds what is not a plain value: its state cannot be saved."""

    def __init__(self):
        super().__init__()
        self.engine = object()


for _name, _limit in {
    "Identity": None, "Reach": None, "Pictures": None, "Steady": LENGTH, "NotANumber": 500, "Fragile": 500, "Liar": 9,
    "Odd": 9, "Opaque": LENGTH,
}.items():  # fmt: skip
    gym.register(f"{_name}-v0", f"toy_worlds:{_name}", max_episode_steps=_limit)
