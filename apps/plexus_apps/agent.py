"""Learning to balance a pole."""

from pathlib import Path

from plexus import App


class Agent(App):
    """Plays CartPole until it can balance the pole for as long as the game lasts, and shows an episode."""

    def demo(self, folder: Path) -> dict[str, float]:
        """Learn, measure, and explain one episode."""
        bundle = self.trained("games.play", folder, data="CartPole-v1")
        ((_, episode),) = bundle.task.asked(bundle.task.asking.checked({"video": str(folder / "playing.gif")}))
        (folder / "episode.json").write_text(bundle.predict([episode])[0].model_dump_json(indent=1) + "\n")
        bundle.task.explain(bundle.run, bundle.codec, episode, folder / "episode.explained.png")
        return {name: bundle.scores[name] for name in ("mean_return", "random_mean_return", "episode_length")}
