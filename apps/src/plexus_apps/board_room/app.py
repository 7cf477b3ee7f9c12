"""Board games against a trained network and its search."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import plexus
from plexus import App, Bundle

if TYPE_CHECKING:
    from gradio import Blocks

METRICS = ("policy_points", "search_points", "random_points", "good_moves")
GAME = "x(0,0) o(0,1) x(1,1) o(2,2) x(1,0) o(2,0) x(1,2)"
"""Move 2, o on an edge, loses: x gets two open lines."""


class BoardRoom(App[None]):
    """Plays board games against people, and shows the search: probabilities, visits, and the principal variation.

    Example:
        ```python
        BoardRoom().demo(Path("demo"))["search_points"]
        ```
    """

    tasks = ("games.board",)
    example_data = "connect_four"
    icon = (
        "M9 3v18 M15 3v18 M3 9h18 M3 15h18 M4.5 4.5l3 3 M7.5 4.5l-3 3 M12 10.5a1.5 1.5 0 1 0 .01 0 "
        "M16.5 16.5l3 3 M19.5 16.5l-3 3"
    )
    demo_captions = {
        "game.svg": "A game with a mistake: expected points of the first player after each move",
        "position.svg": "The search of the position after the mistake: visits, prior and probability of a win",
    }

    def demo(self, folder: Path) -> dict[str, float]:
        """Train a network for tic-tac-toe by self-play, then analyze a game with a mistake.

        Args:
            folder: An empty folder for the run and the figures.

        Returns:
            The metrics by name, those of a baseline among them.
        """
        bundle = plexus.train(
            "games.board",
            run=folder / "run",
            data="tic_tac_toe",
            epochs=24,
            games=128,
            plies=5,
            simulations=32,
            channels=32,
            blocks=1,
            replay_ratio=6,
            evaluate_every=12,
        )
        analyze_game(bundle, folder)
        return {name: bundle.metrics[name] for name in METRICS}

    def page(self, bundles: Mapping[str, Bundle], options: None) -> "Blocks":
        """Build the page.

        Args:
            bundles: Bundles of the app's tasks by name; at least one.
            options: None: the page has no options.

        Returns:
            The page.
        """
        from plexus_apps.board_room.page import make_page

        return make_page(bundles)


def analyze_game(bundle: Bundle, folder: Path) -> None:
    """Analyze a game of tic-tac-toe with a mistake, and the position after it.

    Args:
        bundle: A bundle for tic-tac-toe.
        folder: Folder for `game.txt`, its analysis `game.json`, and the figures `game.svg` and `position.svg`.
    """
    file = folder / "game.txt"
    file.write_text(GAME + "\n")
    options = bundle.task.predict_options
    requests = {"game": {"game": str(file)}, "position": {"moves": " ".join(GAME.split()[:2])}}
    for name, values in requests.items():
        ((_, request),) = bundle.task.default_inputs(options.parse(values) if options else None)
        bundle.explain(request, folder / f"{name}.svg")
        (folder / f"{name}.json").write_text(bundle.predict([request])[0].model_dump_json(indent=1) + "\n")
