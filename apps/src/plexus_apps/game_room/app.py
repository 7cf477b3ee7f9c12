"""Reinforcement learning: watch a policy, or play yourself."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

METRICS = ("mean_return", "random_mean_return", "episode_length")


class GameRoom(App[None]):
    """Shows a trained policy that plays, and lets a person take the controls.

    Example:
        ```python
        GameRoom().demo(Path("demo"))["mean_return"]
        ```
    """

    tasks = ("games.play",)
    example_data = "LunarLander-v3"
    icon = (
        "M7 7h10a5 5 0 0 1 5 5c0 6-3.5 6-5.5 3h-9C5.5 18 2 18 2 12a5 5 0 0 1 5-5z M8 9.5v4 M6 11.5h4 "
        "M15.5 12.5v.2 M18 10.5v.2"
    )
    demo_captions = {
        "playing.gif": "The trained policy balances the pole",
        "episode.explained.svg": "Value and action probabilities along the episode",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train a policy for CartPole, then record and explain one episode.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        bundle = plexus.train("games.play", run=folder / "run", data="CartPole-v1", epochs=16)
        task = bundle.task
        options = task.predict_options.parse({"video": str(folder / "playing.gif")}) if task.predict_options else None
        ((_, request),) = task.default_inputs(options)
        (folder / "episode.json").write_text(bundle.predict([request])[0].model_dump_json(indent=1) + "\n")
        bundle.explain(request, folder / "episode.explained.svg")
        return {name: bundle.metrics[name] for name in METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.game_room.page import make_page

        return make_page(bundles)
