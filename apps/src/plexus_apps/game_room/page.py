"""Gradio page on which a trained policy plays an episode frame by frame, or the visitor does."""

from collections.abc import Mapping

import gradio as gr
import numpy as np

from plexus import Bundle, InputError
from plexus_apps.game_room.chart import draw_values
from plexus_apps.game_room.game import Game, action_names
from plexus_apps.jpeg import jpeg_html
from plexus_apps.pages import DELETE_CACHE, heading, model_dropdown
from plexus_apps.result_area import ResultArea

POLICY, PERSON = "the policy", "you"
FRAME_INTERVAL = 0.12
"""Seconds between two frames."""
MAX_BUTTONS = 6

STYLE = """<style>
.game-frame img { display: block; width: 100%; max-height: 380px; object-fit: contain }
</style>"""
View = tuple[Game, str, str, str, gr.Timer]
"""Values of the components that each step updates."""


def make_page(bundles: Mapping[str, Bundle]) -> gr.Blocks:
    """Build the page: the game, a chart of the policy's values, and controls.

    Args:
        bundles: Bundles by name.

    Returns:
        The page.
    """
    page: gr.Blocks
    with gr.Blocks(title="Game room", analytics_enabled=False, delete_cache=DELETE_CACHE) as page:
        heading(
            "Game room", "Watch a trained policy play, with the value that its network estimates, or take the controls."
        )
        model = model_dropdown(bundles)
        with gr.Row():
            seed = gr.Number(0, label="Episode", precision=0)
            speed = gr.Slider(1, 20, value=4, step=1, label="Steps per frame")
            player = gr.Radio([POLICY, PERSON], value=POLICY, label="Player")
        with gr.Row():
            play = gr.Button("Play", variant="primary")
            pause = gr.Button("Pause or resume")
        game, timer = gr.State(None, delete_callback=_close), gr.Timer(FRAME_INTERVAL, active=False)
        area = ResultArea("Press Play.")
        with area.column:
            status = gr.HTML(padding=False)
            gr.HTML(STYLE, padding=False, elem_classes="app-style")
            frame = gr.HTML(padding=False, elem_classes="game-frame")
            chart = gr.HTML(padding=False)
        buttons, action = _controls(bundles[model.value], player)
        view = [game, frame, chart, status, timer]

        def start_game(name: str, number: float | None, previous: Game | None) -> View:
            if (number or 0) < 0:
                raise InputError(f"Episode must be 0 or more, not {number:g}")
            _close(previous)
            return _view(Game(bundles[name], int(number or 0)))

        area.fill(play.click, start_game, [model, seed, game], view)
        pause.click(_pause, game, timer)
        area.fill(
            timer.tick, _advance, [game, speed, player, action], view, show_progress="hidden", concurrency_limit=8
        )
        model.change(lambda name: _label_buttons(bundles[name]), model, [*buttons, action, player])
    return page


def _controls(bundle: Bundle, player: gr.Radio) -> tuple[list[gr.Button], gr.State]:
    """Create one button per action; pressing one takes the controls."""
    action = gr.State(0)
    with gr.Row():
        buttons = _buttons(bundle)
    for index, button in enumerate(buttons):
        button.click(lambda index=index: (index, PERSON), None, [action, player], show_progress="hidden")
    return buttons, action


def _buttons(bundle: Bundle) -> list[gr.Button]:
    names = [*action_names(bundle)[:MAX_BUTTONS]]
    names += [""] * (MAX_BUTTONS - len(names))
    return [gr.Button(name or "-", visible=bool(name), size="sm") for name in names]


def _label_buttons(bundle: Bundle) -> list[object]:
    return [*_buttons(bundle), 0, gr.Radio(POLICY, interactive=bool(action_names(bundle)))]


def _advance(game: Game | None, speed: float, player: str, action: int) -> View | None:
    if game is None:
        return None
    for _ in range(0 if game.is_paused else int(speed)):  # the tick may have begun before the pause
        game.step(action if player == PERSON else None)
    return _view(game)


def _view(game: Game) -> View:
    return game, _frame_html(game.frame), draw_values(game.values, game.value_caption), game.status(), _timer(game)


def _pause(game: Game | None) -> gr.Timer:
    """Pause an episode that runs, or resume one that is paused."""
    if game is None:
        return gr.Timer(active=False)
    game.is_paused = not game.is_paused
    return _timer(game)


def _timer(game: Game) -> gr.Timer:
    return gr.Timer(active=not game.done and not game.is_paused)


def _frame_html(frame: np.ndarray | None) -> str:
    return "" if frame is None else jpeg_html(frame, "Current frame")


def _close(game: Game | None) -> None:
    if game is not None:
        game.close()
