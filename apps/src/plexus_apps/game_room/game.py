"""A game that goes on step by step, played by an agent or by a person."""

import numpy as np

from plexus import Bundle

KEPT, CHART = 300, (150, 600)
CONTROLS = {
    "CartPole-v1": ("push left", "push right"),
    "LunarLander-v3": ("fall", "left engine", "main engine", "right engine"),
    "Acrobot-v1": ("torque left", "none", "torque right"),
    "MountainCar-v0": ("push left", "none", "push right"),
}
BLUE, GREY = (42, 111, 219), (185, 192, 203)


class Game:
    """An episode under way.

    Args:
        bundle: of the agent.
        seed: of the episode.
    """

    def __init__(self, bundle: Bundle, seed: int) -> None:
        self.bundle, self.codec = bundle, bundle.codec
        self.environment = self.codec.environment.one(render=True)
        self.observation, _ = self.environment.reset(seed=seed)
        self.done, self.steps, self.total = False, 0, 0.0
        self.by_person = 0
        self.values: list[float] = []
        self.frame = np.asarray(self.environment.render())

    def step(self, chosen: int | None = None) -> None:
        """Go a step; does nothing once the episode has ended.

        Args:
            chosen: the person's action, counted from 0; None: the agent's.
        """
        if self.done:
            return
        outputs = self.bundle.predictor(self.codec.encode(np.asarray(self.observation)[None]))
        self.values = [*self.values[1 - KEPT :], float(outputs["value"][0])]
        action = self.codec.actions(outputs["action"])[0]
        if chosen is not None:
            action, self.by_person = self.codec.action["start"] + chosen, self.by_person + 1
        self.observation, reward, terminated, truncated, _ = self.environment.step(action)
        self.total, self.steps, self.done = self.total + float(reward), self.steps + 1, bool(terminated or truncated)
        self.frame = np.asarray(self.environment.render())

    def chart(self) -> np.ndarray:
        """The agent's values of the last steps, as a picture `(h, w, 3)`: drawn by hand, many times a second."""
        import cv2

        picture = np.full((*CHART, 3), 255, np.uint8)
        low, high = (min(self.values), max(self.values)) if self.values else (0.0, 1.0)
        span = max(high - low, 1e-6)
        xs = np.linspace(50, CHART[1] - 10, KEPT)[: len(self.values)]
        ys = [CHART[0] - 25 - (value - low) / span * (CHART[0] - 45) for value in self.values]
        cv2.polylines(picture, [np.array([*zip(xs, ys, strict=True)], np.int32)], False, BLUE, 2, cv2.LINE_AA)
        for value, y in ((high, 20), (low, CHART[0] - 25)):
            cv2.line(picture, (50, y), (CHART[1] - 10, y), GREY, 1)
            cv2.putText(
                picture, f"{value:.3g}", (4, y + 4), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (60, 70, 85), 1, cv2.LINE_AA
            )
        return picture

    def said(self) -> str:
        """How it stands, in a line."""
        own = f", {self.by_person:,} of them yours" if self.by_person else ""
        end = "  **The episode has ended.**" if self.done else ""
        return f"Step **{self.steps:,}**{own}; return **{self.total:.4g}**.{end}"

    def close(self) -> None:
        """End it."""
        self.environment.close()


def controls(bundle: Bundle) -> tuple[str, ...]:
    """Names of the actions; none, where a person cannot take over: an action is not one of a few."""
    if not bundle.codec.is_discrete:
        return ()
    size = bundle.codec.action["size"]
    known = CONTROLS.get(bundle.codec.environment.id, ())
    return known if len(known) == size else tuple(f"action {number}" for number in range(size))
