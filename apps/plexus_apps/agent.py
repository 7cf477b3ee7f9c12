"""Learning to balance a pole."""

from pathlib import Path

from plexus import App, Bundle, Run
from plexus.registry import registry

TASK = "games.play"


class Agent(App):
    """Plays CartPole until it can balance the pole for as long as the game lasts, and shows an episode."""

    def demo(self, folder: Path) -> dict[str, float]:
        """Learn, measure, and explain one episode."""
        from plexus.train import train

        task = registry().task(TASK)
        flags = task.asking.checked({"video": str(folder / "playing.gif")})
        result = train(task, Run.start(TASK, task.options.checked({"data": "CartPole-v1"}), folder=folder / "run"))
        bundle = Bundle.load(result["bundle"])
        ((_, episode),) = task.asked(flags)
        (folder / "episode.json").write_text(bundle.predict([episode])[0].model_dump_json(indent=1) + "\n")
        bundle.task.explain(bundle.run, bundle.codec, episode, folder / "episode.explained.png")
        return {name: result["scores"][name] for name in ("mean_return", "random_mean_return", "episode_length")}
