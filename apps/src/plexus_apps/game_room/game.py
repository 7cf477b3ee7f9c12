"""An episode on the page, with a chart of the policy's values."""

import numpy as np

from plexus import Bundle, InputError
from plexus_apps.game_room.playable_task import PlayableTask

CHART_STEPS, CHART_SHAPE = 300, (150, 600)
LEFT, RIGHT, TOP, BOTTOM = 50, 10, 20, 25
BLUE, GREY, DARK = (42, 111, 219), (185, 192, 203), (60, 70, 85)


class Game:
    """An episode that is played by the policy of a bundle or by a person.

    Args:
        bundle: The bundle.
        seed: Random seed of the episode.

    Attributes:
        person_steps: Steps of the person.
        values: The policy's values of the last steps.

    Example:
        ```python
        game = Game(plexus.load("games.play/cartpole"), seed=0)
        game.step()
        ```
    """

    def __init__(self, bundle: Bundle, seed: int) -> None:
        self._episode = _playable(bundle).start_episode(bundle.predictor, bundle.codec, seed, render=True)
        self.person_steps = 0
        self.values: list[float] = []

    @property
    def done(self) -> bool:
        """Whether the episode has ended."""
        return self._episode.done

    @property
    def steps(self) -> int:
        """Steps so far."""
        return self._episode.steps

    @property
    def frame(self) -> np.ndarray | None:
        """The current frame, shape `(height, width, 3)`."""
        return self._episode.frame

    def step(self, action: int | None = None) -> None:
        """Take a step; nothing happens after the end of the episode.

        Args:
            action: Index of the person's action; None: the policy's action.
        """
        if self.done:
            return
        prediction, _ = self._episode.step(action)
        self.values = [*self.values[1 - CHART_STEPS :], prediction.value]
        self.person_steps += action is not None

    def chart(self) -> np.ndarray:
        """Draw the policy's values of the last steps; OpenCV is fast enough to draw every frame, matplotlib is not.

        Returns:
            Image of shape `(height, width, 3)`.
        """
        import cv2

        image = np.full((*CHART_SHAPE, 3), 255, np.uint8)
        height, width = CHART_SHAPE
        low, high = (min(self.values), max(self.values)) if self.values else (0.0, 1.0)
        span = max(high - low, 1e-6)
        xs = np.linspace(LEFT, width - RIGHT, CHART_STEPS)[: len(self.values)]
        ys = [height - BOTTOM - (value - low) / span * (height - TOP - BOTTOM) for value in self.values]
        cv2.polylines(image, [np.array([*zip(xs, ys, strict=True)], np.int32)], False, BLUE, 2, cv2.LINE_AA)
        for value, y in ((high, TOP), (low, height - BOTTOM)):
            cv2.line(image, (LEFT, y), (width - RIGHT, y), GREY, 1)
            cv2.putText(image, f"{value:.3g}", (4, y + 4), cv2.FONT_HERSHEY_SIMPLEX, 0.38, DARK, 1, cv2.LINE_AA)
        return image

    def status(self) -> str:
        """Return steps and return so far as a line of Markdown.

        Returns:
            The line.
        """
        person = f" ({self.person_steps:,} by you)" if self.person_steps else ""
        end = "  **The episode has ended.**" if self.done else ""
        return f"Step **{self.steps:,}**{person}; return **{self._episode.total_reward:.4g}**.{end}"

    def close(self) -> None:
        """Close the environment."""
        self._episode.close()


def action_names(bundle: Bundle) -> tuple[str, ...]:
    """Return the names of the actions that a person can take.

    Args:
        bundle: The bundle.

    Returns:
        One name per discrete action; none if actions are continuous.
    """
    return tuple(_playable(bundle).action_names(bundle.codec))


def _playable(bundle: Bundle) -> PlayableTask:
    if not isinstance(bundle.task, PlayableTask):
        raise InputError(f"{bundle.task.id} has no episodes to play")
    return bundle.task
