"""Learning to balance a pole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plexus import App, Bundle


class GameRoom(App):
    """An agent to watch and to take over; the demo learns to balance a pole, and shows an episode."""

    tasks = ("games.play",)
    shows = {
        "playing.gif": "The agent, balancing",
        "episode.explained.png": "What it expected along the episode",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Learn, measure, and explain one episode."""
        bundle = self.trained("games.play", folder, data="CartPole-v1")
        ((_, episode),) = bundle.task.default_inputs(bundle.task.asking.parse({"video": str(folder / "playing.gif")}))
        (folder / "episode.json").write_text(bundle.predict([episode])[0].model_dump_json(indent=1) + "\n")
        bundle.explain(episode, folder / "episode.explained.png")
        return {name: bundle.metrics[name] for name in ("mean_return", "random_mean_return", "episode_length")}

    def page(self, bundles: Mapping[str, Bundle], flags: None) -> Any:
        """See `App.page`."""
        from plexus_apps.game_room.page import make_page

        return make_page(bundles)
