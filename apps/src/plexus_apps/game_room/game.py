"""An episode on the page, with the policy's values."""

import numpy as np

from plexus import Bundle, InputError
from plexus.utils.formatting import number
from plexus_apps.game_room.chart import STEPS
from plexus_apps.game_room.playable_task import PlayableTask

VALUE = "Value ({rewards}): return that the network expects from each of the last steps, {unit}"
UNITS = {
    "clip_rewards": (
        "discounted, clipped rewards",
        "in rewards clipped to their sign, as in training, not in those of the return above",
    ),
    "normalize_rewards": (
        "discounted, scaled rewards",
        "in rewards divided by their deviation in training, not in those of the return above",
    ),
}
"""Rewards that the values are sums of, and the unit, by the option of the training that changes the rewards.

A bundle does not hold the deviation: the values cannot be shown in the unit of the return.
"""
UNCHANGED = "discounted rewards", "in the rewards of the return above"


class Game:
    """An episode that is played by the policy of a bundle or by a person.

    Args:
        bundle: The bundle.
        seed: Random seed of the episode.

    Attributes:
        is_paused: Whether the visitor has paused the episode.
        value_caption: What the values are, and in which unit.
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
        self.value_caption = value_caption(bundle)
        self.is_paused = False
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
        self.values = [*self.values[1 - STEPS :], prediction.value]
        self.person_steps += action is not None

    def status(self) -> str:
        """Return steps and return so far as a line of text.

        Returns:
            HTML.
        """
        person = f" ({self.person_steps:,} by you)" if self.person_steps else ""
        end = " <b>The episode has ended.</b>" if self.done else ""
        total = number(self._episode.total_reward)
        return f'<div class="app-text">Step <b>{self.steps:,}</b>{person}; return <b>{total}</b>.{end}</div>'

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


def value_caption(bundle: Bundle) -> str:
    """Return what the values of a policy are: the network learns the rewards of the training.

    Args:
        bundle: The bundle.

    Returns:
        The quantity and its unit.
    """
    options = bundle.manifest["options"]
    rewards, unit = next((texts for option, texts in UNITS.items() if options.get(option)), UNCHANGED)
    return VALUE.format(rewards=rewards, unit=unit)


def _playable(bundle: Bundle) -> PlayableTask:
    if not isinstance(bundle.task, PlayableTask):
        raise InputError(f"{bundle.task.id} has no episodes to play")
    return bundle.task
